"""The rule of access compiled for the hot path: who reads and writes in their own cloud, by path.

Everything here answers "yes, and here it is" or "I cannot tell", and then the careful way decides (`sharing/authorize`,
the verbs). It can tell one thing alone: that a path lies in the cloud that the actor owns, which the rule lets do
everything. What somebody else shares, what lies in the trash, what is a folder where a file is asked for, all goes the
careful way. A property test holds it against the rule.

A place that was found is remembered by its path, under two epochs, the person's and the cloud's (architecture, rule 5):
both are compared in every request, in memory, and read again from their rows within half a second.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from workspace.db.mirror import EpochMirror, mirror_of
from workspace.db.raw import Raw
from workspace.db.runtime import Runtime

READ_AGAIN = 0.5
MOST_FOLDERS = 2000

# An own cloud, if app password, person and cloud hold now, with the epochs as they stand in the same instant.
OWN = """
    SELECT s.id, root.id, s.epoch, (SELECT value FROM epoch WHERE principal = ?)
    FROM app_password a
    JOIN person p ON p.id = a.person_id
    JOIN space s ON s.owner_kind = 'person' AND s.owner_id = p.id AND s.kind = 'personal'
    JOIN item root ON root.space_id = s.id AND root.parent_id IS NULL
    WHERE a.id = ? AND p.id = ? AND a.revoked_at IS NULL AND p.disabled_at IS NULL AND p.confirmed_at IS NOT NULL
      AND s.erased_at IS NULL"""
EPOCHS = """
    SELECT epoch, (SELECT value FROM epoch WHERE principal = ?) FROM space WHERE id = ? AND erased_at IS NULL"""
STEP = "SELECT id FROM item WHERE parent_id = ? AND name = ? AND trashed_at IS NULL AND is_folder"
LEAF = """
    SELECT i.id, v.id, v.media_type, coalesce(v.modified_at, v.made_at), b.id, b.size, b.sha256, w.wrapped, b.sealed
    FROM item i
    JOIN version v ON v.id = i.version_id
    JOIN blob b ON b.id = v.blob_id
    JOIN wrapped_key w ON w.blob_id = b.id AND w.space_id = i.space_id
    WHERE i.parent_id = ? AND i.name = ? AND i.trashed_at IS NULL AND i.space_id = ?"""
PARTS = "SELECT ordinal, object_key, size FROM part WHERE blob_id = ? ORDER BY ordinal"


@dataclass(slots=True)
class Standing:
    """Somebody in their own cloud, and the places in it that were found. True while `Hot.holds` says so."""

    person_id: str
    space_id: str
    root_id: str
    slots: tuple[int, int]
    seen: tuple[int, int]
    epochs: tuple[int, int | None]
    read_at: float
    space_key: bytes | None = field(default=None, repr=False)
    folders: dict[tuple[str, ...], str] = field(default_factory=dict)

    def same_person(self, other: "Standing") -> bool:
        """Whether what the person may do, and who they are, has not changed between the two."""
        mine, theirs = (self.seen[0], self.epochs[1]), (other.seen[0], other.epochs[1])
        return (self.person_id, mine) == (other.person_id, theirs)

    @property
    def principal(self) -> str:
        return f"person:{self.person_id}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file's newest version: all that a GET needs. `sealed` None: the bytes lie in parts."""

    item_id: str
    version_id: str
    media_type: str
    made_at: Any
    blob_id: str
    size: int
    sha256: bytes
    wrapped: bytes
    sealed: bytes | None


class Hot:
    """The hot statements over one instance. Every method may raise `DRIVER_ERRORS`: then go the careful way."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.raw = Raw(runtime.database)
        self._mirror: EpochMirror = mirror_of(runtime.settings.instance)

    def stand(self, person_id: str, app_password_id: str) -> Standing | None:
        """Where the person of an app password stands, if both hold now; None where they have no cloud yet."""
        principal = f"person:{person_id}"
        mirror = self._mirror
        slot = mirror.slot(principal)
        # the memory first, the rows after it: what changes in between is seen as changed
        person_seen = mirror.read(slot)
        before = self.raw.ask("SELECT id FROM space WHERE owner_kind = 'person' AND owner_id = ?", person_id)
        if len(before) != 1:
            return None
        space_slot = mirror.slot(f"space:{before[0][0]}")
        space_seen = mirror.read(space_slot)
        now = time.monotonic()
        rows = self.raw.ask(OWN, principal, app_password_id, person_id)
        if len(rows) != 1 or rows[0][0] != before[0][0]:
            return None
        space_id, root_id, space_epoch, person_epoch = rows[0]
        return Standing(
            person_id,
            space_id,
            root_id,
            (slot, space_slot),
            (person_seen, space_seen),
            (space_epoch, person_epoch),
            now,
        )

    def holds(self, standing: Standing) -> bool:
        """Whether nothing has changed of what this person may do, or of where things lie in their cloud."""
        person_slot, space_slot = standing.slots
        if (self._mirror.read(person_slot), self._mirror.read(space_slot)) != standing.seen:
            return False
        now = time.monotonic()
        if now - standing.read_at > READ_AGAIN:
            rows = self.raw.ask(EPOCHS, standing.principal, standing.space_id)
            if not rows or tuple(rows[0]) != standing.epochs:
                return False
            standing.read_at, standing.space_key = now, None
        return True

    def space_key(self, standing: Standing) -> bytes:
        """The key of the cloud, remembered for as long as the epochs: erasing the cloud raises its own, and where a key
        was destroyed otherwise, it is asked for in vain within half a second. Raises KeyDestroyed, StorageUnavailable,
        Damaged."""
        key = standing.space_key
        if key is None:
            key = standing.space_key = self.runtime.ports.keyring.key(standing.space_id)
        return key

    def folder(self, standing: Standing, names: tuple[str, ...]) -> str | None:
        """The folder at a path of the own cloud; None where there is none. The names are ones that may be names."""
        if not names:
            return standing.root_id
        known = standing.folders.get(names)
        if known is not None:
            return known
        above = self.folder(standing, names[:-1])
        rows = self.raw.ask(STEP, above, names[-1]) if above is not None else []
        if not rows:
            return None
        if len(standing.folders) < MOST_FOLDERS:
            standing.folders[names] = rows[0][0]
        return str(rows[0][0])

    def leaf(self, standing: Standing, folder_id: str, name: str) -> Leaf | None:
        """The file of this name in a folder; None where there is none, or a folder."""
        rows = self.raw.ask(LEAF, folder_id, name, standing.space_id)
        return Leaf(*rows[0]) if rows else None

    def parts(self, blob_id: str) -> list[tuple[int, str, int]]:
        """Ordinal, key and content in bytes of a blob's parts."""
        return self.raw.ask(PARTS, blob_id)
