"""The commands of the guide for hosts, run as they stand there: back up, lose the machine, restore."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.instances import Instances

ROOT = Path(__file__).resolve().parents[2]
HOSTS = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
PLACES = ("/backup", "/elsewhere", "/srv/workspace")


def commands(block: str) -> str:
    """The lines of the guide's fenced block of this name."""
    (found,) = re.findall(rf"^```{block}\n(.*?)^```$", HOSTS, re.MULTILINE | re.DOTALL)
    return found


@pytest.mark.slow
def test_a_host_who_follows_the_guide_gets_everything_back(instances: Instances, tmp_path: Path) -> None:
    place = instances.prepare()
    place.add_person("olena@example.org", "Olena")
    place.quick("user", "app-password", "olena@example.org", "--label", "rclone")
    for name in ("backup", "elsewhere", "srv", "bin"):
        (tmp_path / name).mkdir()
    place.home.rename(tmp_path / "srv" / "workspace")
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.write_text("#!/bin/sh\n")  # nothing runs here that it could stop or start
    systemctl.chmod(0o755)

    def follow(block: str) -> str:
        text = re.sub("|".join(PLACES), lambda found: str(tmp_path) + found[0], commands(block))
        environment = place.environment | {
            "WORKSPACE_INSTANCE": str(tmp_path / "srv" / "workspace"),
            "PATH": f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["bash", "-eu", "-c", text], env=environment, capture_output=True, text=True, timeout=150, cwd=tmp_path
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    follow("backup")
    follow("secrets")
    shutil.rmtree(tmp_path / "srv" / "workspace")
    said = follow("restore")
    assert "Restored as of" in said
    assert "suspended" not in said
    assert "Clean:" in said
    place.settings["WORKSPACE_INSTANCE"] = str(tmp_path / "srv" / "workspace")
    place.start()
    assert place.status("/healthz") == 200
