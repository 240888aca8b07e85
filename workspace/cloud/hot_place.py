"""An item of one's own cloud moved, renamed or thrown away by a few small statements: the rows that the verbs write.

The epoch of the cloud is raised last, from the one that the verdict and the places stand under: whoever changed a
place, a name or a right in this cloud meanwhile was quicker, and then nothing of this stands. That, and whatever is out
of the ordinary (the name is there, something is locked), is rolled back and left to `transfer.move` and `trash.trash`,
which lock in the same order: the top of the cloud, the item, the cloud.

SQLite is asked step by step, since it answers at once. To PostgreSQL it goes as one statement: ten questions and their
answers would take several times what they ask for.
"""

import json
import os
from dataclasses import dataclass
from typing import Any

from psycopg.errors import DivisionByZero, UniqueViolation

from workspace.cloud.hot import Hot, Standing
from workspace.cloud.names import sort_key
from workspace.db.base import database_time
from workspace.db.mirror import mirror_of
from workspace.kernel.actors import Actor
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import ThingKind

FIND = """
    SELECT id, version_id, (SELECT value FROM epoch WHERE principal = ?),
      EXISTS (SELECT 1 FROM item_lock WHERE space_id = item.space_id)
    FROM item WHERE parent_id = ? AND name = ? AND trashed_at IS NULL AND space_id = ?"""
TAKEN = "SELECT 1 FROM item WHERE parent_id = ? AND name = ? AND trashed_at IS NULL"
PLACE = "UPDATE item SET parent_id = ?, name = ?, sort_name = ?, changed_at = ? WHERE id = ?"
TRASH = "UPDATE item SET trashed_at = ?, trashed_by = ? WHERE id = ?"
FACT = f"""
    INSERT INTO fact (id, at, kind, door, person_id, thing_kind, thing_id, space_id, details, salt)
    VALUES (?, ?, ?, ?, ?, '{ThingKind.ITEM.value}', ?, ?, ?, ?)"""  # noqa: S608 - a word of ours alone
CHANGE = "INSERT INTO folder_change (id, space_id, item_id) VALUES (?, ?, ?)"
RAISE = "UPDATE space SET epoch = epoch + 1 WHERE id = ? AND epoch = ? AND erased_at IS NULL RETURNING id"

# Each step names the one before it, which keeps them in the order of the locks. All of them see what was there when the
# statement began, before it waited for anybody; the epoch alone is looked at again, and where it has moved, dividing by
# nothing takes all of it back.
IN_ONE = f"""
WITH held AS (
  SELECT id FROM item WHERE id = ? FOR NO KEY UPDATE
), found AS (
  SELECT i.id, i.version_id FROM held
  JOIN item i ON i.parent_id = ? AND i.name = ? AND i.trashed_at IS NULL AND i.space_id = ?
  WHERE (SELECT value FROM epoch WHERE principal = ?) IS NOT DISTINCT FROM ?::bigint
    AND NOT EXISTS (SELECT 1 FROM item_lock WHERE space_id = i.space_id)
), changed AS (
  UPDATE item SET {{changes}} FROM found WHERE item.id = found.id RETURNING item.id, item.space_id
), told AS (
  INSERT INTO fact (id, at, kind, door, person_id, thing_kind, thing_id, space_id, details, salt)
  SELECT ?, ?::timestamptz, ?, ?, ?, '{ThingKind.ITEM.value}', id, space_id, ?::json, ?::bytea FROM changed
), marked AS (
  INSERT INTO folder_change (id, space_id, item_id) SELECT mark.id, changed.space_id, mark.item_id
  FROM changed CROSS JOIN (VALUES (?::text, ?::text), (?::text, ?::text)) AS mark (id, item_id)
  WHERE mark.item_id IS NOT NULL
), raised AS (
  UPDATE space SET epoch = epoch + 1
  WHERE id = (SELECT space_id FROM changed) AND epoch = ?::bigint AND erased_at IS NULL RETURNING id
)
SELECT id, version_id, 1 / (SELECT count(*) FROM raised) FROM found"""  # noqa: S608 - words of ours alone
PLACE_IN_ONE = IN_ONE.format(changes="parent_id = ?, name = ?, sort_name = ?, changed_at = ?::timestamptz")
TRASH_IN_ONE = IN_ONE.format(changes="trashed_at = ?::timestamptz, trashed_by = ?")


class _Careful(Exception):
    """Nothing of this may stand: the verbs will know why."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A name in a folder."""

    folder_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Placed:
    """An item that was found at its spot. `version_id` is None for a folder."""

    id: str
    version_id: str | None


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done to the item at a spot, and what is told of it. `values` are those of its statement in front of the
    item's id, `folders` those whose ETags it makes old, `taken` the spot that has to be free."""

    kind: FactKind
    step: str
    in_one: str
    values: tuple[Any, ...]
    details: dict[str, str]
    folders: tuple[str, ...]
    taken: Spot | None = None


class HotPlace:
    """Moves and throws away. Safe for many threads. Both may raise DRIVER_ERRORS, and then have written nothing."""

    def __init__(self, hot: Hot) -> None:
        self._hot = hot
        self._raw = hot.raw
        self._mirror = mirror_of(hot.runtime.settings.instance)

    def move(self, actor: Actor, standing: Standing, spot: Spot, to: Spot) -> Placed | None:
        """Put what lies at a spot elsewhere, under a name that may be a name; None for the careful way. The folder that
        it is put into does not lie in it."""
        at = self._now()
        moved = to.folder_id != spot.folder_id
        kind = FactKind.ITEM_MOVED if moved else FactKind.ITEM_RENAMED
        details = {"from": spot.folder_id, "to": to.folder_id} if moved else {}
        folders = (spot.folder_id, to.folder_id) if moved else (spot.folder_id,)
        values = (to.folder_id, to.name, sort_key(to.name), at)
        return self._done(
            actor, standing, spot, at, _Change(kind, PLACE, PLACE_IN_ONE, values, details, folders, taken=to)
        )

    def trash(self, actor: Actor, standing: Standing, spot: Spot) -> Placed | None:
        """Throw away what lies at a spot; None for the careful way."""
        at = self._now()
        values = (at, actor.person_id)
        change = _Change(FactKind.ITEM_TRASHED, TRASH, TRASH_IN_ONE, values, {}, (spot.folder_id,))
        return self._done(actor, standing, spot, at, change)

    def _now(self) -> Any:
        now = self._hot.runtime.clock.now()
        return database_time(now) if self._raw.sqlite else now

    def _done(self, actor: Actor, standing: Standing, spot: Spot, at: Any, change: _Change) -> Placed | None:
        way = self._step_by_step if self._raw.sqlite else self._in_one
        placed = way(actor, standing, spot, at, change)
        if placed is not None:
            self._mirror.stir(f"space:{standing.space_id}")
        return placed

    def _in_one(self, actor: Actor, standing: Standing, spot: Spot, at: Any, change: _Change) -> Placed | None:
        marks: list[str | None] = [value for folder_id in change.folders for value in (new_id(), folder_id)]
        marks += [None] * (4 - len(marks))
        values = (
            standing.root_id, spot.folder_id, spot.name, standing.space_id, standing.principal,
            standing.epochs[1], *change.values, new_id(), at, change.kind.value, actor.door.value, actor.person_id,
            json.dumps(change.details), os.urandom(16), *marks, standing.epochs[0],
        )  # fmt: skip
        try:
            rows = self._raw.ask(change.in_one, *values)
        except (DivisionByZero, UniqueViolation):
            return None
        return Placed(*rows[0][:2]) if rows else None

    def _step_by_step(self, actor: Actor, standing: Standing, spot: Spot, at: Any, change: _Change) -> Placed | None:
        try:
            with self._raw.writing():
                item = self._find(standing, spot)
                if change.taken is not None and self._raw.ask(TAKEN, change.taken.folder_id, change.taken.name):
                    raise _Careful
                self._raw.ask(change.step, *change.values, item.id)
                self._tell(actor, standing, item, at, change)
        except _Careful:
            return None
        return item

    def _find(self, standing: Standing, spot: Spot) -> Placed:
        rows = self._raw.ask(FIND, standing.principal, spot.folder_id, spot.name, standing.space_id)
        if not rows:
            raise _Careful
        item_id, version_id, person_epoch, locked = rows[0]
        if locked or person_epoch != standing.epochs[1]:
            raise _Careful
        return Placed(item_id, version_id)

    def _tell(self, actor: Actor, standing: Standing, item: Placed, at: Any, change: _Change) -> None:
        ask, space_id = self._raw.ask, standing.space_id
        ask(
            FACT, new_id(), at, change.kind.value, actor.door.value, actor.person_id, item.id, space_id,
            json.dumps(change.details), os.urandom(16),
        )  # fmt: skip
        for folder_id in change.folders:
            ask(CHANGE, new_id(), space_id, folder_id)
        if not ask(RAISE, space_id, standing.epochs[0]):
            raise _Careful
