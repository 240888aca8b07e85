"""No import hides inside a function (`cli/` aside, where a command should start without loading the house)."""

from __future__ import annotations

import ast

from tests.laws.tree import functions, name_of, parse, python_files


def hidden_imports(tree: ast.Module) -> list[int]:
    """Lines of imports inside functions and methods, by statement or by name."""
    lines = {
        node.lineno
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) or _imports_by_name(node)
    }
    return sorted(lines)


def _imports_by_name(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return called in ("import_module", "__import__")


def test_every_import_stands_at_the_top() -> None:
    found = [
        f"{name}:{line}"
        for path in python_files("workspace")
        if not (name := name_of(path)).startswith("workspace/cli/")
        for line in hidden_imports(parse(path))
    ]
    assert found == []


def test_a_hidden_import_is_found() -> None:
    method = "    def f(self):\n        from workspace import app\n        import_module('workspace.web')\n"
    text = f"import os\n\nclass A:\n{method}"
    assert hidden_imports(ast.parse(text)) == [5, 6]
