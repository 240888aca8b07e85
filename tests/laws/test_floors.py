"""The contracts in setup.cfg hold for this house, and would break for a worse one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.tree import ROOT

FLOORS = "Imports only go down, and packages of one floor never meet"
WEB = "Only floors 8 and up know that the web exists"
PURE = "Pure modules compute and know no database"


def broken_contracts(folder: Path, files: dict[str, str]) -> set[str]:
    """Build a package `workspace` of these files in the folder and return the names of the contracts that it breaks."""
    for name, text in {"__init__.py": "", "db/__init__.py": "", **files}.items():
        path = folder / "workspace" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text, encoding="utf-8")
    code = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as go; go()"
    command = [sys.executable, "-P", "-c", code, "--config", str(ROOT / "setup.cfg"), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    broken = {line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")}
    assert bool(broken) == bool(done.returncode), done.stdout + done.stderr
    return broken


def test_a_house_that_keeps_the_law_passes(tmp_path: Path) -> None:
    files = {
        "web/pages.py": "import flask\nfrom workspace.cloud import service",
        "cloud/service.py": "from workspace.db import work",
        "db/work.py": "import sqlalchemy",
        "accounts/models.py": "from flask_security.models import sqla",
        "storage/s3.py": "import minio",
        "sharing/rule.py": "import enum",
    }
    assert broken_contracts(tmp_path, files) == set()


@pytest.mark.parametrize(
    ("files", "contract"),
    [
        ({"cloud/service.py": "from workspace.cases import states", "cases/states.py": ""}, FLOORS),
        ({"web/pages.py": "from workspace.api import items", "api/items.py": ""}, FLOORS),
        ({"trust/log.py": "from workspace.accounts import models", "accounts/models.py": ""}, FLOORS),
        ({"kernel/clock.py": "def now():\n    from workspace.db import work", "db/work.py": ""}, FLOORS),
        ({"cloud/service.py": "import flask"}, WEB),
        ({"accounts/service.py": "from flask_login import current_user"}, WEB),
        ({"db/work.py": "from werkzeug.exceptions import NotFound"}, WEB),
        ({"cloud/service.py": "import minio"}, "One module speaks to S3"),
        ({"exchange/copies.py": "import webdav4.client"}, "One module speaks to remote clouds"),
        ({"sharing/rule.py": "from sqlalchemy import select"}, PURE),
        ({"cases/states.py": "from workspace.cases import rows", "cases/rows.py": "import sqlalchemy"}, PURE),
    ],
)
def test_an_import_that_breaks_the_law_is_found(tmp_path: Path, files: dict[str, str], contract: str) -> None:
    assert broken_contracts(tmp_path, files) == {contract}


def test_a_room_that_no_floor_knows_is_found(tmp_path: Path) -> None:
    assert broken_contracts(tmp_path, {"attic/things.py": ""}) == {FLOORS}
