"""What the laws read: the project's own Python files, and their syntax trees."""

from __future__ import annotations

import ast
import functools
import statistics
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("workspace", "migrations", "deploy", "tests")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def python_files(*rooms: str) -> tuple[Path, ...]:
    """The Python files of these top-level folders (all of them, when none is named), sorted."""
    found = (path for room in rooms or ROOMS for path in (ROOT / room).rglob("*.py"))
    return tuple(sorted(path for path in found if "__pycache__" not in path.parts))


def name_of(path: Path) -> str:
    """Path below the repository, with forward slashes: `workspace/cloud/service.py`."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, at any depth."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(node: Function) -> int:
    """Lines of a function, its decorators included."""
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return (node.end_lineno or node.lineno) - first + 1


def median_lines(paths: tuple[Path, ...]) -> float:
    """Median length of the files that are not empty; 0 without any."""
    counts = [count for path in paths if (count := len(path.read_text(encoding="utf-8").splitlines()))]
    return statistics.median(counts) if counts else 0
