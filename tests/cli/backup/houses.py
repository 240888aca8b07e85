"""Instances that are backed up, lost and restored: programs by the `workspace` command, people as a world."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.parts.postgres import Databases
from tests.parts.seaweed import Seaweed
from tests.world import NOON, Stack, World
from workspace.__main__ import PROGRAMS
from workspace.cli import cli
from workspace.cloud.blobs import open_blob
from workspace.cloud.models import Item, Version
from workspace.kernel.actors import COMMAND

Hashes = dict[str, str]


class House:
    """One instance on one stack; `world` opens it once there are secrets and tables."""

    def __init__(self, folder: Path, stack: Stack) -> None:
        self.folder, self.stack = folder, stack
        self.world: World | None = None

    @property
    def environment(self) -> dict[str, str | None]:
        gone = {name: None for name in os.environ if name.startswith("WORKSPACE_") and "_TEST_" not in name}
        return gone | {
            "WORKSPACE_INSTANCE": str(self.folder),
            "WORKSPACE_DATABASE_URL": self.stack.database_url,
            "WORKSPACE_OBJECTS_URL": self.stack.objects_url,
            "WORKSPACE_KEYRING_URL": self.stack.keyring_url,
            "WORKSPACE_PASSWORD_HASH_COST": "1",
        }

    def run(self, *arguments: str | Path, expect: int = 0) -> Result:
        """Give the `workspace` command, and see that it ends as it should."""
        words = [str(one) for one in arguments]
        done = CliRunner().invoke(cli, words, env=self.environment, obj=PROGRAMS)
        assert done.exit_code == expect, f"{done.output}\n{done.exception!r}"
        return done

    def begin(self) -> World:
        """Secrets, tables, and a world whose people live in them."""
        self.run("init")
        return self.open()

    def open(self) -> World:
        """The world of an instance that is there already; its clock stands at the time of the command's."""
        self.world = World(self.folder, self.stack)
        self.world.clock.move(datetime.now(UTC) - NOON)
        return self.world

    def take_secrets_of(self, other: House) -> None:
        shutil.copytree(other.folder / "secrets", self.folder / "secrets", dirs_exist_ok=True)

    def take_journal_of(self, other: House) -> None:
        shutil.copytree(other.folder / "journal", self.folder / "journal", dirs_exist_ok=True)

    def close(self) -> None:
        if self.world is not None:
            self.world.runtime.database.dispose()


class Houses:
    """Makes houses, and takes them away with the test."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request, self._folder = request, folder
        self._endings = ExitStack()

    def new(self, stack: str, name: str) -> House:
        """A house with nothing in it yet: on `embedded`, SQLite and the filesystem; on `grown`, PostgreSQL and S3."""
        folder = self._folder / name
        folder.mkdir(mode=0o700)
        made = House(folder, self._embedded(folder) if stack == "embedded" else self._grown(folder))
        self._endings.callback(made.close)
        return made

    def _embedded(self, folder: Path) -> Stack:
        return Stack(
            name="embedded",
            database_url=f"sqlite:///{folder / 'workspace.db'}",
            objects_url=f"file://{folder / 'objects'}",
            keyring_url=f"sqlite:///{folder / 'keyring' / 'keyring.db'}",
            master_key=folder / "secrets" / "master.key",
        )

    def _grown(self, folder: Path) -> Stack:
        postgres: Databases = self._request.getfixturevalue("postgres")
        seaweed: Seaweed = self._request.getfixturevalue("seaweed")
        names = [postgres.new_database() for _ in range(2)]
        for one in names:
            self._endings.callback(postgres.drop_database, one)
        return Stack(
            name="grown",
            database_url=postgres.url(names[0]),
            objects_url=seaweed.url(seaweed.new_bucket()),
            keyring_url=postgres.url(names[1]),
            master_key=folder / "secrets" / "master.key",
        )

    def end(self) -> None:
        self._endings.close()


@pytest.fixture
def houses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Houses]:
    made = Houses(request, tmp_path)
    yield made
    made.end()


def hashes(world: World) -> Hashes:
    """What a client would list: every file's newest version by name, with the SHA-256 of the bytes as they are read."""
    found = {}
    with world.runtime.reading(COMMAND) as work:
        rows = work.session.execute(
            select(Item.name, Item.space_id, Version.blob_id).join(Version, Version.id == Item.version_id)
        ).all()
    for name, space_id, blob_id in rows:
        with world.runtime.reading(COMMAND) as work:
            reader = open_blob(work, blob_id, space_id)
        found[name] = sha256(b"".join(map(bytes, reader.stream()))).hexdigest()
    return found


def is_clean(house: House) -> None:
    """`workspace check --deep` finds nothing."""
    done = house.run("check", "--deep", "--json")
    assert json.loads(done.stdout)["findings"] == []
