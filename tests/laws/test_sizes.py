"""Rooms stay small: files of at most 400 lines (tests 600), functions of at most 60, half of the files below 120."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.laws.tree import functions, length, median_lines, name_of, parse, python_files

FILE_LINES = 400
TEST_FILE_LINES = 600
FUNCTION_LINES = 60
MEDIAN_LINES = 120

# The ratchet: a file or `file::function` that is still too long, with its length. It may only shrink.
TOO_LONG: dict[str, int] = {}


def sizes(name: str, text: str, tree: ast.Module) -> dict[str, tuple[int, int]]:
    """What a file holds: name → (lines, allowed lines)."""
    allowed = TEST_FILE_LINES if name.startswith("tests/") else FILE_LINES
    found = {name: (len(text.splitlines()), allowed)}
    for node in functions(tree):
        key = f"{name}::{node.name}"
        lines = max(length(node), found.get(key, (0, 0))[0])
        found[key] = (lines, FUNCTION_LINES)
    return found


def findings(found: dict[str, tuple[int, int]], exceptions: dict[str, int]) -> list[str]:
    """One sentence for each thing too long, and for each exception that has become wider than needed."""
    sentences = []
    for name, (lines, allowed) in found.items():
        limit = exceptions.get(name, allowed)
        if lines > limit:
            sentences.append(f"{name} has {lines} lines; {limit} are allowed.")
        elif name in exceptions and lines < limit:
            sentences.append(f"{name} has shrunk to {lines} lines; lower its exception, or strike it out.")
    sentences += [f"{name} is gone; strike out its exception." for name in exceptions if name not in found]
    return sentences


def measure(path: Path) -> dict[str, tuple[int, int]]:
    return sizes(name_of(path), path.read_text(encoding="utf-8"), parse(path))


def test_files_and_functions_are_short() -> None:
    found: dict[str, tuple[int, int]] = {}
    for path in python_files():
        # a migration is a record of what was done once, as long as that was
        if not name_of(path).startswith("migrations/versions/"):
            found |= measure(path)
    sentences = findings(found, TOO_LONG)
    assert not sentences, "\n".join(sentences)


def test_half_of_the_files_fit_on_two_screens() -> None:
    median = median_lines(python_files("workspace"))
    assert median <= MEDIAN_LINES, f"the median length of a file is {median:g} lines"


def test_a_long_file_and_a_long_function_are_found() -> None:
    text = "def endless():\n" + "    x = 1\n" * 500
    found = sizes("workspace/long.py", text, ast.parse(text))
    assert findings(found, {}) == [
        "workspace/long.py has 501 lines; 400 are allowed.",
        "workspace/long.py::endless has 501 lines; 60 are allowed.",
    ]


def test_an_exception_may_only_shrink() -> None:
    found = {"workspace/long.py": (450, 400)}
    assert findings(found, {"workspace/long.py": 440}) != []
    assert findings(found, {"workspace/long.py": 450}) == []
    assert findings(found, {"workspace/long.py": 460}) != []
    assert findings({}, {"workspace/long.py": 450}) != []
