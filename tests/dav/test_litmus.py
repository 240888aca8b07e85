"""Conformance: Debian's `litmus`, all five suites with locking, on both stacks, two web processes each."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.parts.instances import Instances
from tests.parts.worlds import STACKS

EMAIL = "olena@example.org"
SUITES = ("basic", "copymove", "props", "locks", "http")
TESTS = 104
_SUMMARY = re.compile(r"summary for `(\w+)': of (\d+) tests run: (\d+) passed, (\d+) failed")


@pytest.mark.slow
@pytest.mark.parametrize("stack", STACKS)
def test_all_of_litmus_passes(instances: Instances, stack: str, tmp_path: Path) -> None:
    place = instances.start(stack, threads="4")
    place.add_person(EMAIL, "Olena")
    secret = place.quick("user", "app-password", EMAIL, "--label", "litmus").strip()
    litmus = shutil.which("litmus")
    assert litmus
    done = subprocess.run(
        [litmus, "-k", place.address + "/dav/personal/", EMAIL, secret],
        cwd=tmp_path,
        env={"TESTS": " ".join(SUITES), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=150,
    )
    said = done.stdout + done.stderr
    counted = {name: (int(run), int(passed)) for name, run, passed, _ in _SUMMARY.findall(said)}
    assert set(counted) == set(SUITES), said
    assert all(run == passed for run, passed in counted.values()), said
    assert sum(run for run, _ in counted.values()) == TESTS, said
    assert "WARNING" not in said, said
    assert len(place.web_processes()) == 2
    place.stop()
