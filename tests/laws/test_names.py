"""A name says what lives there: no module called after the habit of collecting things."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tests.laws.tree import name_of, python_files

NAMELESS = {"util", "utils", "helper", "helpers", "common", "misc", "tools", "stuff"}


def nameless(name: str) -> bool:
    """Whether a file or one of its folders bears a name that says nothing."""
    path = PurePosixPath(name)
    return any(part.lower().removeprefix("_") in NAMELESS for part in (*path.parent.parts, path.stem))


def test_every_module_is_named_after_what_it_does() -> None:
    assert [name for path in python_files() if nameless(name := name_of(path))] == []


@pytest.mark.parametrize("name", ["workspace/cloud/utils.py", "workspace/helpers/text.py", "tests/_common.py"])
def test_a_nameless_module_is_found(name: str) -> None:
    assert nameless(name)


def test_the_public_clouds_may_be_called_commons() -> None:
    assert not nameless("workspace/commons/groups.py")
