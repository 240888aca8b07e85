"""Making a snapshot while the instance is at work.

Order: the tables in one reading transaction, then the objects. Every object that a row of the snapshot names was
durable before that row; so copying afterwards finds it, unless the sweep takes it first. The sweep takes nothing for
`settings.grace` after its last row went, and nothing at all while the lease `backup` is held: a copy that lasts longer
than the grace period is whole, too. The other way round, objects first, a file that came in between would have a row
and no bytes.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, collate, exists, select

from workspace.cli.backup.vault import JOURNAL, OBJECTS, ROWS, Manifest, Vault
from workspace.cloud.models import Blob, Part
from workspace.db.dump import columns, count, lines, snapshot, tables
from workspace.db.leases import BACKUP, give_back, take
from workspace.db.migrations import newest
from workspace.db.runtime import Runtime
from workspace.kernel.actors import COMMAND
from workspace.kernel.canonical import canonical
from workspace.kernel.errors import LeaseLost, StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.storage.copying import Copied, Wanted, copy_all
from workspace.storage.filesystem import refusal
from workspace.storage.sealed_stream import SealedFile
from workspace.storage.sealing import sealed_size
from workspace.trust.journal import FolderJournal

LEASE_SECONDS = 120
RENEW_EVERY = 20.0
ATTEMPTS = 3

Tell = Callable[[str, int, int], None]
"""`tell(what, done, of)`: rows, or bytes of objects."""


class Lease:
    """Keeps the sweep away for as long as it is renewed. One backup of an instance at a time has it."""

    def __init__(self, runtime: Runtime, folder: Path) -> None:
        self._runtime = runtime
        # the same folder may go on at once after a kill: only one process works in it
        self._holder = f"{socket.gethostname()[:40]}:{sha256(str(folder.absolute()).encode()).hexdigest()[:16]}"
        self._renewed = float("-inf")

    def renew(self) -> None:
        """Raises LeaseLost where another backup has it."""
        if time.monotonic() - self._renewed < RENEW_EVERY:
            return
        with self._runtime.writing(COMMAND) as work:
            if not take(work, BACKUP, self._holder, LEASE_SECONDS):
                raise LeaseLost("Another backup of this instance is being made into another folder; wait for its end.")
            work.commit()
        self._renewed = time.monotonic()

    def end(self) -> None:
        with self._runtime.writing(COMMAND) as work:
            give_back(work, BACKUP, self._holder)
            work.commit()


def make_snapshot(runtime: Runtime, vault: Vault, tell: Tell) -> Manifest:
    """Make one more snapshot in the vault; what an earlier one, or a killed one, has copied is not copied again.

    The caller holds `vault.alone()`. Raises LeaseLost, StorageFull, StorageUnavailable, Damaged; nothing counts then.
    """
    lease = Lease(runtime, vault.folder)
    lease.renew()
    try:
        for _attempt in range(ATTEMPTS):
            try:
                return _Making(runtime, vault, lease, tell).make()
            except _Swept:
                continue  # a sweep that had begun before the lease: its rows are gone by now
            except OSError as error:
                raise refusal(error) from error
    finally:
        lease.end()
    raise StorageUnavailable("Objects go while they are being copied; look at the sweep, then begin again.")


class _Swept(Exception):
    """An object of the snapshot's rows was deleted together with its row after the snapshot was begun."""


class _Making:
    def __init__(self, runtime: Runtime, vault: Vault, lease: Lease, tell: Tell) -> None:
        self._runtime, self._vault, self._lease, self._tell = runtime, vault, lease, tell
        self._id = new_id()
        self._streams: dict[str, list[SealedFile]] = {}
        self._missing: list[str] = []

    def make(self) -> Manifest:
        earlier = self._vault.snapshots()[-1:]
        draft = self._vault.begin(self._id)
        made_at = self._runtime.clock.now()
        with snapshot(self._runtime.database.engine) as connection:
            rows = self._rows(connection)
            total = _note_objects(connection, draft / "wanted")
        last = self._journal()
        objects, size = self._objects(draft / "wanted", total, self._vault.manifest(earlier[0]) if earlier else None)
        (draft / "wanted").unlink()
        made = Manifest(
            snapshot=self._id,
            made_at=made_at.isoformat(),
            revision=newest(),
            database=self._runtime.database.engine.dialect.name,
            rows=rows,
            objects=objects,
            bytes=size,
            journal=last,
            missing=self._missing,
            streams={name: [asdict(one) for one in parts] for name, parts in self._streams.items()},
        )
        self._vault.complete(made)
        return made

    def _rows(self, connection: Connection) -> dict[str, int]:
        """Every table: a line that names it and its columns, then its rows, then an empty line."""
        writer, counted, done = self._vault.writer(self._id, ROWS), {}, 0
        found = tables(connection)
        total = sum(count(connection, table) for table in found)
        for table in found:
            writer.write(canonical({"table": table.name, "columns": columns(table)}) + b"\n")
            before = done
            for line in lines(connection, table):
                writer.write(line + b"\n")
                done += 1
                if done % 1000 == 0:
                    self._lease.renew()
                    self._tell("rows", done, total)
            writer.write(b"\n")
            counted[table.name] = done - before
        self._streams[ROWS] = writer.finish()
        return counted

    def _journal(self) -> str:
        """The journal up to now, which is later than the rows; returns the hash of its last line."""
        writer, last = self._vault.writer(self._id, JOURNAL), ""
        journal = self._runtime.ports.journal
        assert isinstance(journal, FolderJournal)
        for name, line in journal.kept():
            writer.write(name.encode() + b" " + line + b"\n")
            last = sha256(line).hexdigest()
        self._streams[JOURNAL] = writer.finish()
        return last

    def _objects(self, wanted: Path, total: int, earlier: Manifest | None) -> tuple[int, int]:
        known = self._vault.lines(earlier, OBJECTS) if earlier is not None else iter(())
        writer, copied, size = self._vault.writer(self._id, OBJECTS), 0, 0
        for one in copy_all(self._runtime.ports.objects, self._vault.objects, _with_hashes(wanted, known)):
            self._lease.renew()
            size += one.size
            self._tell("objects", size, total)
            if one.sha256 is None:
                self._miss(one.key)
                continue
            writer.write(written(one))
            copied += 1
        self._streams[OBJECTS] = writer.finish()
        return copied, size

    def _miss(self, key: str) -> None:
        with self._runtime.reading(COMMAND) as work:
            if work.session.scalar(select(Part.object_key).where(Part.object_key == key)) is None:
                raise _Swept
        self._missing.append(key)


def written(one: Copied) -> bytes:
    """The line of an object in a snapshot: key, size, SHA-256 in hex."""
    assert one.sha256 is not None
    return f"{one.key} {one.size} {one.sha256.hex()}\n".encode()


def parsed(line: bytes) -> Wanted:
    key, size, digest = line.decode().split(" ")
    return Wanted(key, int(size), bytes.fromhex(digest))


def _note_objects(connection: Connection, path: Path) -> int:
    """Write down, by key, the objects of all blobs, and return their size. Uploads that are under way are left out:
    their parts come and go without a grace period, and a restore ends them."""
    key: Any = Part.object_key if connection.dialect.name == "sqlite" else collate(Part.object_key, "C")
    found = select(Part.object_key, Part.size).where(exists().where(Blob.id == Part.blob_id)).order_by(key)
    total = 0
    with path.open("x", encoding="ascii") as file:
        os.chmod(path, 0o600)
        for object_key, size in connection.execute(found.execution_options(yield_per=1000)):
            file.write(f"{object_key} {sealed_size(size)}\n")
            total += sealed_size(size)
    return total


def _with_hashes(wanted: Path, known: Iterator[bytes]) -> Iterator[Wanted]:
    """The wanted objects, with the hashes that an earlier snapshot has noted; both lists are sorted by key."""
    earlier = next(known, None)
    with wanted.open(encoding="ascii") as file:
        for line in file:
            key, size = line.split()
            while earlier is not None and earlier.partition(b" ")[0] < key.encode():
                earlier = next(known, None)
            if earlier is not None and earlier.partition(b" ")[0] == key.encode():
                yield parsed(earlier)
            else:
                yield Wanted(key, int(size))
