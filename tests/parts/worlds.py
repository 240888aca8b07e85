"""The two stacks a world may stand on: SQLite and the filesystem, PostgreSQL and SeaweedFS."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.postgres import Databases
from tests.parts.services import run_folder, taking_turns
from tests.world import Stack, World, create_tables

STACKS = ("embedded", "grown")


@pytest.fixture(params=STACKS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A fresh instance; the test runs once on each stack."""
    yield from _world(request, tmp_path, request.param)


@pytest.fixture
def embedded_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A fresh instance on SQLite and the filesystem, for what does not depend on the stack."""
    yield from _world(request, tmp_path, "embedded")


@pytest.fixture
def grown_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A fresh instance on PostgreSQL and SeaweedFS, for what only happens there."""
    yield from _world(request, tmp_path, "grown")


def _world(request: pytest.FixtureRequest, folder: Path, name: str) -> Iterator[World]:
    if name == "embedded":
        instance = World(folder, embedded_stack(folder))
        yield instance
        instance.close()
        return
    postgres: Databases = request.getfixturevalue("postgres")
    stack = grown_stack(folder, postgres, request.getfixturevalue("s3_url"))
    instance = World(folder, stack)
    yield instance
    instance.close()
    postgres.drop_database(stack.database_url.partition("?")[0].rpartition("/")[2])


def embedded_stack(folder: Path) -> Stack:
    """Everything in one folder, as `make run` starts it."""
    template = run_folder() / "template.db"
    with taking_turns("template.db"):
        if not template.exists():
            draft = template.with_name("draft.db")
            create_tables(f"sqlite:///{draft}")
            draft.rename(template)
    shutil.copy(template, folder / "workspace.db")
    return Stack(
        name="embedded",
        database_url=f"sqlite:///{folder / 'workspace.db'}",
        objects_url=f"file://{folder / 'objects'}",
        keyring_url=f"sqlite:///{folder / 'keyring' / 'keyring.db'}",
        master_key=folder / "secrets" / "master.key",
    )


def grown_stack(folder: Path, postgres: Databases, objects_url: str) -> Stack:
    """A database of its own in the run's PostgreSQL, the worker's bucket, one keyring database for the whole run."""
    database = postgres.new_database(postgres.template("workspace", create_tables))
    keyring = postgres.template("keyring", lambda _url: None)
    return Stack(
        name="grown",
        database_url=postgres.url(database),
        objects_url=objects_url,
        keyring_url=postgres.url(keyring),
        master_key=run_folder() / "master.key",
    )
