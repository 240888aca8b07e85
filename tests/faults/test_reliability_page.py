"""`docs/reliability.md` promises nothing without a test, and names no test that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.laws.tree import ROOT, functions, parse

PAGE = ROOT / "docs" / "reliability.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def promises(text: str) -> list[str]:
    """The rows of the tables whose last column says what holds a promise."""
    rows, holding = [], False
    for line in text.splitlines():
        if not line.startswith("|"):
            holding = False
        elif line.endswith("held by |"):
            holding = True
        elif holding and not line.startswith("|--"):
            rows.append(line)
    return rows


def missing(text: str, root: Path = ROOT) -> list[str]:
    """The tests that a text names and that do not exist."""
    absent = []
    for file, name in _TEST.findall(text):
        path = root / file
        if not path.exists() or (name and name not in {one.name for one in functions(parse(path))}):
            absent.append(f"{file}::{name}")
    return absent


def test_every_promise_names_its_test() -> None:
    rows = promises(PAGE.read_text(encoding="utf-8"))
    assert len(rows) > 5
    assert [row for row in rows if not _TEST.search(row.rpartition("| ")[2])] == []


def test_every_test_that_the_page_names_exists() -> None:
    assert missing(PAGE.read_text(encoding="utf-8")) == []


def test_a_promise_without_a_test_and_a_test_that_is_gone_are_found() -> None:
    text = "| promise | held by |\n|---|---|\n| It flies | we hope |\n\n`tests/faults/test_table.py::test_gone`"
    assert promises(text) == ["| It flies | we hope |"]
    assert missing(text) == ["tests/faults/test_table.py::test_gone"]
