"""A small new file in one's own cloud, in one statement: the very rows that `service.add_file` writes.

The statement looks again at all that lets it: the epochs that the verdict stands under, the room, the name, and that
nothing is locked in this cloud. Where any of it has changed it writes nothing, and the careful way says why.

SQLite has one writer, and every commit waits for the disk. So whoever has the turn writes for all that wait in this
process, by one INSERT of several rows into a view, whose trigger spreads them over the tables; where one of them is
refused, each is tried alone. PostgreSQL groups commits by itself, and takes one statement for each.
"""

import json
import os
import sqlite3
import threading
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from workspace.cloud.hot import Hot, Standing
from workspace.cloud.media import media_type_of
from workspace.cloud.names import sort_key
from workspace.cloud.quota import AT_ONCE, FOLD, FOLD_AT, LITTLE
from workspace.db.base import database_time
from workspace.kernel.actors import Actor
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import ThingKind
from workspace.storage.sealing import seal_small
from workspace.storage.wrapping import new_data_key, wrap

TOGETHER = 16
COLUMNS = (
    "space_id", "space_epoch", "principal", "person_epoch", "parent_id", "item_id", "name", "sort_name", "media_type",
    "size", "at", "person_id", "version_id", "blob_id", "sha256", "sealed", "wrapped", "charge_id", "fact_id", "kind",
    "door", "details", "salt", "change_id",
)  # fmt: skip
_USED = "(SELECT coalesce(sum(size), 0) FROM quota_charge WHERE space_id = {space})"

VIEW = f"CREATE TEMP VIEW IF NOT EXISTS hot_put AS SELECT {', '.join(f'NULL AS {name}' for name in COLUMNS)}"
TRIGGER = f"""
CREATE TEMP TRIGGER IF NOT EXISTS hot_put_spread INSTEAD OF INSERT ON hot_put BEGIN
  SELECT RAISE(ABORT, 'careful') WHERE NOT EXISTS (
    SELECT 1 FROM space s WHERE s.id = NEW.space_id AND s.epoch = NEW.space_epoch AND s.erased_at IS NULL
      AND s.quota_bytes - s.used_bytes - {_USED.format(space="NEW.space_id")} >= NEW.size
  ) OR (SELECT value FROM epoch WHERE principal = NEW.principal) IS NOT NEW.person_epoch
    OR EXISTS (SELECT 1 FROM item_lock WHERE space_id = NEW.space_id)
;
  INSERT INTO blob (id, size, sha256, parts, made_at, sealed)
    VALUES (NEW.blob_id, NEW.size, NEW.sha256, 0, NEW.at, NEW.sealed);
  INSERT INTO wrapped_key (blob_id, space_id, wrapped) VALUES (NEW.blob_id, NEW.space_id, NEW.wrapped);
  INSERT INTO item (id, space_id, parent_id, name, sort_name, is_folder, version_id, size, media_type, kind, made_at,
      made_by, changed_at, modified_at)
    VALUES (NEW.item_id, NEW.space_id, NEW.parent_id, NEW.name, NEW.sort_name, 0, NEW.version_id, NEW.size,
      NEW.media_type, 'other', NEW.at, NEW.person_id, NEW.at, NEW.at);
  INSERT INTO version (id, item_id, number, blob_id, size, sha256, media_type, made_at, made_by, modified_at)
    VALUES (NEW.version_id, NEW.item_id, 1, NEW.blob_id, NEW.size, NEW.sha256, NEW.media_type, NEW.at, NEW.person_id,
      NEW.at);
  UPDATE space SET used_bytes = used_bytes + NEW.size WHERE id = NEW.space_id AND NEW.size > 0;
  INSERT INTO fact (id, at, kind, door, person_id, thing_kind, thing_id, space_id, details, salt)
    VALUES (NEW.fact_id, NEW.at, NEW.kind, NEW.door, NEW.person_id, '{ThingKind.ITEM.value}', NEW.item_id,
      NEW.space_id, NEW.details, NEW.salt);
  INSERT INTO folder_change (id, space_id, item_id) VALUES (NEW.change_id, NEW.space_id, NEW.parent_id);
END"""  # noqa: S608 - column names of ours alone

_CASTS = {
    "space_epoch": "bigint", "person_epoch": "bigint", "size": "bigint", "at": "timestamptz", "sha256": "bytea",
    "sealed": "bytea", "wrapped": "bytea", "details": "json", "salt": "bytea",
}  # fmt: skip
# On PostgreSQL others may be charging unseen: only where much is left, as `quota.charge` measures it.
STATEMENT = f"""
WITH put AS (
  SELECT {", ".join(f"?::{_CASTS.get(name, 'text')} AS {name}" for name in COLUMNS)}
), granted AS (
  SELECT put.*, room.charges FROM put JOIN space s ON s.id = put.space_id
  CROSS JOIN LATERAL (
    SELECT s.quota_bytes - s.used_bytes - coalesce(sum(size), 0) AS free, count(*) AS charges
    FROM quota_charge WHERE space_id = s.id) room
  WHERE s.epoch = put.space_epoch AND s.erased_at IS NULL
    AND (SELECT value FROM epoch WHERE principal = put.principal) IS NOT DISTINCT FROM put.person_epoch
    AND room.free - put.size >= greatest({LITTLE}, s.quota_bytes / 10) AND put.size * {AT_ONCE + 1} <= room.free
    AND NOT EXISTS (SELECT 1 FROM item_lock WHERE space_id = put.space_id)
    AND NOT EXISTS (
      SELECT 1 FROM item i WHERE i.parent_id = put.parent_id AND i.name = put.name AND i.trashed_at IS NULL)
), one AS (
  INSERT INTO blob (id, size, sha256, parts, made_at, sealed) SELECT blob_id, size, sha256, 0, at, sealed FROM granted
), two AS (
  INSERT INTO wrapped_key (blob_id, space_id, wrapped) SELECT blob_id, space_id, wrapped FROM granted
), three AS (
  INSERT INTO item (id, space_id, parent_id, name, sort_name, is_folder, version_id, size, media_type, kind, made_at,
      made_by, changed_at, modified_at)
    SELECT item_id, space_id, parent_id, name, sort_name, false, version_id, size, media_type, 'other', at, person_id,
      at, at
    FROM granted
), four AS (
  INSERT INTO version (id, item_id, number, blob_id, size, sha256, media_type, made_at, made_by, modified_at)
    SELECT version_id, item_id, 1, blob_id, size, sha256, media_type, at, person_id, at FROM granted
), five AS (
  INSERT INTO quota_charge (id, space_id, size) SELECT charge_id, space_id, size FROM granted WHERE size > 0
), six AS (
  INSERT INTO fact (id, at, kind, door, person_id, thing_kind, thing_id, space_id, details, salt)
    SELECT fact_id, at, kind, door, person_id, '{ThingKind.ITEM.value}', item_id, space_id, details, salt FROM granted
), seven AS (
  INSERT INTO folder_change (id, space_id, item_id) SELECT change_id, space_id, parent_id FROM granted
)
SELECT charges FROM granted"""  # noqa: S608 - column names of ours alone


def _taken() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Waiting:
    """A file that waits to be written. `woken` is given free once it was tried, or once it `leads`."""

    values: dict[str, Any]
    leads: bool = False
    stands: bool = False
    error: BaseException | None = None
    woken: threading.Lock = field(default_factory=_taken)


@dataclass
class HotPut:
    """Puts small files. Safe for many threads."""

    hot: Hot
    _queue: list[_Waiting] = field(default_factory=list)
    _led: bool = False
    _line: threading.Lock = field(default_factory=threading.Lock)
    _prepared: threading.local = field(default_factory=threading.local)

    def put(
        self, actor: Actor, standing: Standing, folder_id: str, name: str, data: bytes, announced_type: str | None
    ) -> str | None:
        """Seal `data` (at most `inline_limit` bytes) and put it under a new name; the id of its version.

        None where nothing was written: the name is there, little room is left, or something has changed. The name is
        one that may be a name. Raises KeyDestroyed, StorageUnavailable, DRIVER_ERRORS.
        """
        values = self._values(actor, standing, folder_id, name, data, announced_type)
        stands = self._together(values) if self.hot.raw.sqlite else self._alone(values)
        return str(values["version_id"]) if stands else None

    def _values(
        self, actor: Actor, standing: Standing, folder_id: str, name: str, data: bytes, announced_type: str | None
    ) -> dict[str, Any]:
        runtime = self.hot.runtime
        blob_id, version_id, key, digest = new_id(), new_id(), new_data_key(), sha256(data)
        space_key = self.hot.space_key(standing)
        details = {
            "folder": folder_id, "version": version_id, "number": 1, "size": len(data), "sha256": digest.hexdigest(),
        }  # fmt: skip
        return {
            "space_id": standing.space_id,
            "space_epoch": standing.epochs[0],
            "principal": standing.principal,
            "person_epoch": standing.epochs[1],
            "parent_id": folder_id,
            "item_id": new_id(),
            "name": name,
            "sort_name": sort_key(name),
            "media_type": media_type_of(name, announced_type),
            "size": len(data),
            "at": self._time(runtime.clock.now()),
            "person_id": actor.person_id,
            "version_id": version_id,
            "blob_id": blob_id,
            "sha256": digest.digest(),
            "sealed": seal_small(key, blob_id, data),
            "wrapped": wrap(key, space_key, blob_id, standing.space_id),
            "charge_id": "" if self.hot.raw.sqlite else new_id(),
            "fact_id": new_id(),
            "kind": FactKind.ITEM_ADDED.value,
            "door": actor.door.value,
            "details": json.dumps(details),
            "salt": os.urandom(16),
            "change_id": new_id(),
        }

    def _time(self, at: datetime) -> Any:
        return database_time(at) if self.hot.raw.sqlite else at

    def _alone(self, values: dict[str, Any]) -> bool:
        """PostgreSQL: one statement in autocommit."""
        ask = self.hot.raw.ask
        charges = ask(STATEMENT, *[values[name] for name in COLUMNS])
        if charges and charges[0][0] >= FOLD_AT:
            space_id = values["space_id"]
            ask(FOLD, space_id, space_id, space_id)
        return bool(charges)

    def _together(self, values: dict[str, Any]) -> bool:
        """SQLite: one of those who wait in this process leads, waits for the turn to write, and writes for all that
        have come by then; then whoever has waited longest leads."""
        mine = _Waiting(values)
        with self._line:
            self._queue.append(mine)
            mine.leads, self._led = not self._led, True
        if not mine.leads:
            mine.woken.acquire()
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.stands

    def _lead(self) -> None:
        lock = self.hot.runtime.database.write_lock
        assert lock is not None
        batch: list[_Waiting] = []
        try:
            connection = self._sqlite()
            lock.acquire()
            try:
                batch = self._take()
                self._write(connection, batch)
            finally:
                lock.release()
        except BaseException as error:
            batch = batch or self._take()
            for one in batch:
                one.error = None if one.stands else error
        with self._line:
            self._led = bool(self._queue)
            following = self._queue[:1]
        for one in following:
            one.leads = True
        for one in (*following, *batch):
            one.woken.release()

    def _take(self) -> list[_Waiting]:
        """Those who have waited longest, first of all who leads."""
        with self._line:
            batch = self._queue[:TOGETHER]
            del self._queue[:TOGETHER]
        return batch

    def _write(self, connection: sqlite3.Connection, batch: list[_Waiting]) -> None:
        try:
            self._insert(connection, batch)
        except sqlite3.IntegrityError:
            for one in batch if len(batch) > 1 else ():
                self._try(connection, one)

    def _try(self, connection: sqlite3.Connection, one: _Waiting) -> None:
        try:
            self._insert(connection, [one])
        except sqlite3.IntegrityError:
            return  # this one alone goes the careful way

    def _insert(self, connection: sqlite3.Connection, batch: list[_Waiting]) -> None:
        marks = ", ".join(["(" + ", ".join("?" * len(COLUMNS)) + ")"] * len(batch))
        values = [one.values[name] for one in batch for name in COLUMNS]
        connection.execute(f"INSERT INTO hot_put VALUES {marks}", values)  # noqa: S608 - marks alone
        for one in batch:
            one.stands = True

    def _sqlite(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = self.hot.raw.connection()
        if getattr(self._prepared, "on", None) is not connection:
            connection.execute(VIEW)
            connection.execute(TRIGGER)
            self._prepared.on = connection
        return connection
