"""Where a town stands, and how everything there is put back: a folder, or a PostgreSQL database and a bucket."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Protocol

import psycopg

from tests.parts.postgres import Databases
from tests.world import Stack
from workspace.storage.objects import open_objects


class Place(Protocol):
    """`keep` remembers what is there; `put_back` makes it so again; `settle` waits until the dead have let go."""

    folder: Path
    stack: Stack

    def keep(self) -> None: ...

    def put_back(self) -> None: ...

    def settle(self) -> None: ...


class EmbeddedPlace:
    """SQLite and files, all in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "instance"
        self.folder.mkdir(mode=0o700)
        self._kept = folder / "kept"
        self.stack = Stack(
            name="embedded",
            database_url=f"sqlite:///{self.folder / 'workspace.db'}",
            objects_url=f"file://{self.folder / 'objects'}",
            keyring_url=f"sqlite:///{self.folder / 'keyring' / 'keyring.db'}",
            master_key=self.folder / "secrets" / "master.key",
        )

    def keep(self) -> None:
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.folder, self._kept)

    def put_back(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self._kept, self.folder)

    def settle(self) -> None:
        """A dead process holds nothing of a file."""


class GrownPlace:
    """A database for data and one for keys in the run's PostgreSQL, and a bucket of its own."""

    def __init__(self, folder: Path, databases: Databases, bucket_url: str) -> None:
        self._databases = databases
        self._files = EmbeddedPlace(folder)
        self.folder = self._files.folder
        self._names = {kind: databases.new_database() for kind in ("data", "keys")}
        self._copies: dict[str, str] = {}
        self._objects: dict[str, bytes] = {}
        self.stack = Stack(
            name="grown",
            database_url=databases.url(self._names["data"]),
            objects_url=bucket_url,
            keyring_url=databases.url(self._names["keys"]),
            master_key=self.folder / "secrets" / "master.key",
        )

    def keep(self) -> None:
        self._files.keep()
        self.settle()
        for kind, name in self._names.items():
            if kind in self._copies:
                self._databases.drop_database(self._copies[kind])
            self._copies[kind] = self._databases.new_database(name)
        store = open_objects(self.stack.objects_url)
        self._objects = {one.key: store.read(one.key, 0, one.size) for one in store.walk()}

    def put_back(self) -> None:
        self._files.put_back()
        for kind, name in self._names.items():
            self._databases.replace(name, self._copies[kind])
        store = open_objects(self.stack.objects_url)
        there = {one.key for one in store.walk()}
        for key in there - self._objects.keys():
            store.delete(key)
        for key in self._objects.keys() - there:
            writer = store.create(key)
            writer.write(self._objects[key])
            writer.commit()

    def settle(self) -> None:
        """Wait until the server has rolled back, or ended committing, what a dead process had begun."""
        deadline = time.monotonic() + 20
        with psycopg.connect(self._databases.uri, autocommit=True) as connection:
            while time.monotonic() < deadline:
                question = "SELECT count(*) FROM pg_stat_activity WHERE datname = ANY(%s)"
                (count,) = connection.execute(question, (list(self._names.values()),)).fetchone() or (0,)
                if not count:
                    return
                time.sleep(0.005)
        raise TimeoutError("connections of a dead process are still there")

    def end(self) -> None:
        for name in (*self._names.values(), *self._copies.values()):
            self._databases.drop_database(name)
