"""Sixteen mistakes that somebody could make, each put into a copy of the program: the matrix or the model finds each.

So it is known that they can fail. A mistake is one line as it stands and as it would be wrong; where the line is no
longer there, the test says so, and the mistake is made anew where its rule lives now.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.parts.services import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
STEPS = ("tests/sharing/test_model.py", "-k", "single_step")


def matrix(caller: str, doors: str) -> tuple[str, ...]:
    return ("tests/sharing/test_matrix.py", "-k", f"theirs and {caller}", doors)


@dataclass(frozen=True)
class Mistake:
    """One line (or some) of a file, as it is and as it would be wrong, and the tests that are to find it."""

    told: str
    file: str
    right: str
    wrong: str
    aimed: tuple[str, ...] = STEPS


MISTAKES = (
    Mistake(
        "a revoked grant goes on",
        "sharing/rule.py",
        "        if self.revoked_at is not None:\n            return False\n",
        "",
    ),
    Mistake(
        "whoever may add may also write over",
        "sharing/rule.py",
        "Action.CHANGE: frozenset({Level.EDIT, Level.OWN})",
        "Action.CHANGE: frozenset({Level.CONTRIBUTE, Level.EDIT, Level.OWN})",
    ),
    Mistake(
        "whoever may edit passes it on",
        "sharing/rule.py",
        "Action.SHARE: OWNER",
        "Action.SHARE: frozenset({Level.EDIT, Level.OWN})",
    ),
    Mistake(
        "a grant on a folder does not reach into it",
        "sharing/rule.py",
        "and one.thing_id in thing.lineage]",
        "and one.thing_id == thing.id]",
    ),
    Mistake(
        "an administrator reads everything",
        "sharing/rule.py",
        "    owner = thing.owner\n",
        "    if actor.administrator:\n        return Verdict(Level.OWN, Reason.OWNER)\n    owner = thing.owner\n",
        matrix("administrator", r"files\.(item|folder|download)$"),
    ),
    Mistake(
        "moving asks nothing of the place",
        "cloud/transfer.py",
        "    authorize(work, Action.ADD, place)\n",
        "",
    ),
    Mistake(
        "copying takes what one may not open",
        "cloud/transfer.py",
        "    verdict = authorize(work, Action.OPEN, thing)\n",
        "    verdict = verdict_on(work, thing)\n",
    ),
    Mistake(
        "whoever sees may throw away",
        "cloud/trash.py",
        "    item, thing = locate_item(work, item_id)\n    verdict = authorize(work, Action.CHANGE, thing)",
        "    item, thing = locate_item(work, item_id)\n    verdict = authorize(work, Action.SEE, thing)",
    ),
    Mistake(
        "whoever sees takes an old version back",
        "cloud/versions.py",
        "authorize(work, Action.CHANGE, thing)",
        "authorize(work, Action.OPEN, thing)",
    ),
    Mistake(
        "what was thrown away is still there",
        "cloud/things.py",
        "if not line or (not trashed and any(one.trashed_at is not None for one in line)):",
        "if not line:",
    ),
    Mistake(
        "a second door to comments forgets to ask",
        "exchange/queries.py",
        "    item, thing = locate_item(work, item_id)\n    authorize(work, Action.SEE, thing)\n",
        "    item, thing = locate_item(work, item_id)\n",
        matrix("stranger", "comments"),
    ),
    Mistake(
        "anybody goes on with anybody's upload",
        "cloud/upload_rows.py",
        "upload is None or (upload.person_id, upload.visitor) != (work.actor.person_id, work.actor.visitor):",
        "upload is None:",
        matrix("view", "uploads"),
    ),
    Mistake(
        "anybody ends anybody's app password",
        "accounts/app_passwords.py",
        "row is None or row.person_id != person_id or",
        "row is None or",
        matrix("stranger", "end_program|end_app_password"),
    ),
    Mistake(
        "anybody takes anybody's comment back",
        "exchange/service.py",
        "if row.author_id != work.actor.person_id and not verdict.owner:",
        "if row.author_id is None:",
        matrix("view", "comment"),
    ),
    Mistake(
        "the proof of a line is for whoever asks",
        "exchange/queries.py",
        ".where(FactRow.space_id == space.id, FactRow.kind.in_(",
        ".where(FactRow.kind.in_(",
        matrix("stranger", "ledger|proof"),
    ),
    Mistake(
        "what a program is given is not written down",
        "cloud/entries.py",
        "    if work.writes:\n        record_access(",
        "    if work.actor.door.value == 'api':\n        pass\n    elif work.writes:\n        record_access(",
        ("tests/exchange/test_on_record.py", "-k", "nothing_is_given"),
    ),
)


def copied(folder: Path, mistake: Mistake) -> Path:
    """The program and its tests in a folder of their own, with the mistake in it."""
    for name in ("workspace", "tests", "migrations"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    path = folder / "workspace" / mistake.file
    text = path.read_text(encoding="utf-8")
    assert mistake.right in text, f"{mistake.file} no longer has the line of «{mistake.told}»"
    text = text.replace(mistake.right, mistake.wrong, 1)
    if "verdict_on" in mistake.wrong:
        text = text.replace("workspace.sharing.authorize import ", "workspace.sharing.authorize import verdict_on, ", 1)
    path.write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, aimed: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("WORKSPACE_", "PYTEST_"))}
    environment = own | {"MATRIX_DOORS": aimed[-1]}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", *aimed[:3]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=380)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.told.replace(" ", "-"))
def test_a_mistake_is_found(tmp_path: Path, mistake: Mistake) -> None:
    done = run(copied(tmp_path, mistake), mistake.aimed)
    assert done.returncode == 1, f"«{mistake.told}» was not found\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert "AssertionError" in done.stdout or "DID NOT RAISE" in done.stdout, done.stdout[-3000:]
