"""A view that catches a refusal first takes back what the verb had begun: half a change is never committed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.laws.tree import ROOT, Function, functions
from workspace.kernel import errors

NAMES = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.DomainError)}
TAKES_BACK = {"refusable", "writing", "reading", "kept"}
DOORS = ("web", "api")
ONLY_LOOKS = {"sealed_files", "normal_email", "locate_item", "stand", "folder", "item", "trash_list"}
"""What changes nothing may be refused without more ado."""


def catching(source: str) -> Iterator[tuple[int, bool]]:
    """Line of each `try` that catches a domain error, and whether what it tries is taken back by itself."""
    tree = ast.parse(source)
    own_works = {id(one) for function in functions(tree) if _carries_bytes(function) for one in ast.walk(function)}
    for node in ast.walk(tree):
        if id(node) in own_works:
            continue  # its Works are its own, and a Work that is left without a commit leaves nothing
        if isinstance(node, ast.Try) and any(_caught(handler) & NAMES for handler in node.handlers):
            handlers = [one for one in node.handlers if _caught(one) & NAMES]
            answers = all(_gives_up(one.body[-1]) or _ends_work(one.body[0]) for one in handlers)
            yield node.lineno, answers or any(_takes_back(one) for one in node.body)


def test_a_caught_refusal_leaves_no_half_change() -> None:
    files = [path for door in DOORS for path in sorted((ROOT / "workspace" / door).rglob("*.py"))]
    found = [f"{path.relative_to(ROOT)}:{line}" for path in files for line, safe in _lines(path) if not safe]
    assert not found, "wrap the verb in `with refusable():` (http/request.py)\n" + "\n".join(found)


def test_the_law_sees_a_bare_catch() -> None:
    bad = "try:\n    rename(work, item_id, name)\nexcept NameTaken:\n    pass\n"
    good = "try:\n    with refusable():\n        rename(work, item_id, name)\nexcept NameTaken:\n    pass\n"
    assert [safe for _, safe in catching(bad)] == [False]
    assert [safe for _, safe in catching(good)] == [True]


def _lines(path: Path) -> list[tuple[int, bool]]:
    return list(catching(path.read_text(encoding="utf-8")))


def _caught(handler: ast.ExceptHandler) -> set[str]:
    return {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else set()


def _carries_bytes(function: Function) -> bool:
    return any(getattr(one, "id", "") == "carries_bytes" for one in function.decorator_list)


def _ends_work(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and getattr(call.func, "id", "") == "end_work"


def _gives_up(node: ast.stmt) -> bool:
    """It raises, or answers with a problem: what is not below 400 is never committed."""
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
        return getattr(node.value.func, "id", "") in {"_refused", "problem"}
    return isinstance(node, ast.Raise)


def _takes_back(node: ast.stmt) -> bool:
    calls = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    names = {one.id if isinstance(one, ast.Name) else getattr(one, "attr", "") for one in calls}
    return bool(names & (TAKES_BACK | ONLY_LOOKS))
