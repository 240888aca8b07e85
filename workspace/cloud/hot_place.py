"""An item of one's own cloud moved, renamed or thrown away by a few statements: the very rows that the verbs write.

The epoch of the cloud is raised last, from the one that the verdict and the places stand under: whoever changed a
place, a name or a right in this cloud meanwhile was quicker, and then nothing of this stands. That, and whatever is out
of the ordinary (the name is there, something is locked), is rolled back and left to `transfer.move` and `trash.trash`,
which lock in the same order: the top of the cloud, the item, the cloud.
"""

import json
import os
from dataclasses import dataclass
from typing import Any

from workspace.cloud.hot import Hot, Standing
from workspace.cloud.names import sort_key
from workspace.db.base import database_time
from workspace.db.mirror import mirror_of
from workspace.kernel.actors import Actor
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import ThingKind

# On PostgreSQL movers of one cloud take turns at its top, as in `transfer.move`; SQLite has one writer anyway.
HOLD = "SELECT id FROM item WHERE id = ? FOR NO KEY UPDATE"
FIND = """
    SELECT id, is_folder, version_id, (SELECT value FROM epoch WHERE principal = ?),
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
        try:
            with self._raw.writing():
                item = self._find(standing, spot)
                if self._raw.ask(TAKEN, to.folder_id, to.name):
                    raise _Careful
                self._raw.ask(PLACE, to.folder_id, to.name, sort_key(to.name), at, item.id)
                self._tell(actor, standing, kind, item, at, details, {spot.folder_id, to.folder_id})
        except _Careful:
            return None
        self._mirror.stir(f"space:{standing.space_id}")
        return item

    def trash(self, actor: Actor, standing: Standing, spot: Spot) -> Placed | None:
        """Throw away what lies at a spot; None for the careful way."""
        at = self._now()
        try:
            with self._raw.writing():
                item = self._find(standing, spot)
                self._raw.ask(TRASH, at, actor.person_id, item.id)
                self._tell(actor, standing, FactKind.ITEM_TRASHED, item, at, {}, {spot.folder_id})
        except _Careful:
            return None
        self._mirror.stir(f"space:{standing.space_id}")
        return item

    def _now(self) -> Any:
        now = self._hot.runtime.clock.now()
        return database_time(now) if self._raw.sqlite else now

    def _find(self, standing: Standing, spot: Spot) -> Placed:
        if not self._raw.sqlite:
            self._raw.ask(HOLD, standing.root_id)
        rows = self._raw.ask(FIND, standing.principal, spot.folder_id, spot.name, standing.space_id)
        if not rows:
            raise _Careful
        item_id, is_folder, version_id, person_epoch, locked = rows[0]
        if locked or person_epoch != standing.epochs[1]:
            raise _Careful
        return Placed(item_id, None if is_folder else version_id)

    def _tell(
        self,
        actor: Actor,
        standing: Standing,
        kind: FactKind,
        item: Placed,
        at: Any,
        details: dict[str, str],
        folders: set[str],
    ) -> None:
        ask, space_id = self._raw.ask, standing.space_id
        ask(
            FACT, new_id(), at, kind.value, actor.door.value, actor.person_id, item.id, space_id, json.dumps(details),
            os.urandom(16),
        )  # fmt: skip
        for folder_id in folders:
            ask(CHANGE, new_id(), space_id, folder_id)
        if not ask(RAISE, space_id, standing.epochs[0]):
            raise _Careful
