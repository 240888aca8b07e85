"""The table of space keys and what is done with it, the same on both databases; `keyring.py` holds the engines."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workspace.kernel.errors import Damaged, KeyDestroyed, StorageUnavailable
from workspace.storage.master import MasterKey, MasterKeys

SCHEMA = (
    # a destroyed key leaves its row behind without the key: a tombstone
    """CREATE TABLE IF NOT EXISTS space_key (
        space_id TEXT PRIMARY KEY, master_key_id TEXT, wrapped_key {bytes}, made_at TEXT NOT NULL, destroyed_at TEXT,
        CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL)),
        CHECK ((wrapped_key IS NULL) = (master_key_id IS NULL)))""",
    "CREATE INDEX IF NOT EXISTS space_key_master ON space_key (master_key_id, space_id)",
    # the one master key under which rows are written: a process that has not heard of a rotation cannot write past it
    """CREATE TABLE IF NOT EXISTS writing_under (
        one INTEGER PRIMARY KEY CHECK (one = 1), master_key_id TEXT NOT NULL)""",
)
BATCH = 500

Run = Callable[..., list[Any]]
"""`run(statement, *values)` executes one statement (`?` for each value) and returns its rows."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A row as it lies there, for backups and moves: the key only wrapped, None where it was destroyed."""

    space_id: str
    master_key_id: str | None
    wrapped_key: bytes | None = field(repr=False)
    made_at: str
    destroyed_at: str | None

    def as_values(self) -> dict[str, str | None]:
        """As JSON takes it, bytes in hex."""
        return asdict(self) | {"wrapped_key": self.wrapped_key.hex() if self.wrapped_key is not None else None}

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> "KeyRow":
        wrapped = values["wrapped_key"]
        return cls(**values | {"wrapped_key": bytes.fromhex(wrapped) if wrapped is not None else None})


class KeyTable(ABC):
    """A Keyring over one table. A destroyed key is felt at once in every process: each look-up reads the row."""

    def __init__(self, masters: MasterKeys) -> None:
        self._masters = masters

    @abstractmethod
    def _read(self, statement: str, *values: Any) -> list[Any]:
        """Rows of one statement outside any transaction. Raises StorageUnavailable."""

    @abstractmethod
    def close(self) -> None:
        """Close what this thread has open; the next question opens it again."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[Run]:
        """One durable transaction, alone among the writers that ask for `writing_under`. Raises StorageUnavailable."""

    def create(self, space_id: str) -> None:
        """Make and durably keep a key; one that is there already stays. Raises KeyDestroyed, StorageUnavailable."""
        with self._writing() as run:
            known = run("SELECT wrapped_key FROM space_key WHERE space_id = ?", space_id)
            if known and known[0][0] is None:
                raise KeyDestroyed
            if known:
                return
            master = self._masters.find(self._writing_under(run))
            run(
                "INSERT INTO space_key (space_id, master_key_id, wrapped_key, made_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (space_id) DO NOTHING",
                space_id,
                master.id,
                wrap_key(os.urandom(32), master, space_id),
                _now(),
            )

    def key(self, space_id: str) -> bytes:
        """The space's key (32 bytes). Raises KeyDestroyed, StorageUnavailable, Damaged."""
        wrapped, master_id = self._row(space_id)
        try:
            master = self._masters.find(master_id)
        except StorageUnavailable:
            # between our two looks a rotation may have wrapped the key anew and dropped the old master key
            wrapped, master_id = self._row(space_id)
            master = self._masters.find(master_id)
        return _unwrap(wrapped, master, space_id)

    def _row(self, space_id: str) -> tuple[bytes, str]:
        rows = self._read("SELECT wrapped_key, master_key_id FROM space_key WHERE space_id = ?", space_id)
        if not rows:
            raise StorageUnavailable("The keyring does not know this cloud; was it restored from an older backup?")
        wrapped, master_id = rows[0]
        if wrapped is None:
            raise KeyDestroyed
        return bytes(wrapped), str(master_id)

    def destroy(self, space_id: str) -> None:
        with self._writing() as run:
            run(
                "INSERT INTO space_key (space_id, made_at, destroyed_at) VALUES (?, ?, ?) ON CONFLICT (space_id)"
                " DO UPDATE SET wrapped_key = NULL, master_key_id = NULL, destroyed_at = excluded.destroyed_at"
                " WHERE space_key.destroyed_at IS NULL",
                space_id,
                _now(),
                _now(),
            )

    def rotate(self, new: MasterKey, after_batch: Callable[[int], None] = lambda done: None) -> int:
        """Wrap every key anew under `new`, while others read and write; returns how many were wrapped.

        In small transactions: killed at any point, it is called again and goes on. `new` must stand in the key file
        (`add_master_key`) before, the old ones until afterwards. `after_batch` hears how many are done.
        """
        with self._writing() as run:
            self._writing_under(run)
            run("UPDATE writing_under SET master_key_id = ?", new.id)
        done, after = 0, ""
        while True:
            with self._writing() as run:
                rows = run(
                    "SELECT space_id, wrapped_key, master_key_id FROM space_key"
                    " WHERE space_id > ? AND master_key_id <> ? ORDER BY space_id LIMIT ?",
                    after,
                    new.id,
                    BATCH,
                )
                for space_id, wrapped, old_id in rows:
                    key = _unwrap(bytes(wrapped), self._masters.find(old_id), space_id)
                    run(
                        "UPDATE space_key SET wrapped_key = ?, master_key_id = ?"
                        " WHERE space_id = ? AND master_key_id = ?",  # not where it was destroyed meanwhile
                        wrap_key(key, new, space_id),
                        new.id,
                        space_id,
                        old_id,
                    )
            if not rows:
                return done
            done, after = done + len(rows), rows[-1][0]
            after_batch(done)

    def rows(self) -> list[KeyRow]:
        """Every row, tombstones too, by space."""
        found = self._read(
            "SELECT space_id, master_key_id, wrapped_key, made_at, destroyed_at FROM space_key ORDER BY space_id"
        )
        return [KeyRow(one[0], one[1], None if one[2] is None else bytes(one[2]), one[3], one[4]) for one in found]

    def adopt(self, rows: Iterable[KeyRow]) -> int:
        """Take in rows of spaces unknown here; returns how many. What is known stays, a tombstone above all."""
        added = 0
        with self._writing() as run:
            self._writing_under(run)
            for one in rows:
                known = run("SELECT 1 FROM space_key WHERE space_id = ?", one.space_id)
                if not known:
                    run(
                        "INSERT INTO space_key (space_id, master_key_id, wrapped_key, made_at, destroyed_at)"
                        " VALUES (?, ?, ?, ?, ?)",
                        one.space_id,
                        one.master_key_id,
                        one.wrapped_key,
                        one.made_at,
                        one.destroyed_at,
                    )
                    added += 1
        return added

    def rows_under(self) -> dict[str, int]:
        """How many keys lie under which master key, by its id; destroyed ones count under the empty name."""
        rows = self._read("SELECT coalesce(master_key_id, ''), count(*) FROM space_key GROUP BY 1")
        return {str(master_id): int(count) for master_id, count in rows}

    def _writing_under(self, run: Run) -> str:
        insert = "INSERT INTO writing_under (one, master_key_id) VALUES (1, ?) ON CONFLICT (one) DO NOTHING"
        run(insert, self._masters.current.id)
        return str(run("SELECT master_key_id FROM writing_under")[0][0])


def wrap_key(key: bytes, master: MasterKey, space_id: str) -> bytes:
    """A space key as it lies in the table: nonce, ciphertext, tag; bound to the master key's id and the space."""
    nonce = os.urandom(12)
    return nonce + AESGCM(master.key).encrypt(nonce, key, _bound(master.id, space_id))


def _unwrap(wrapped: bytes, master: MasterKey, space_id: str) -> bytes:
    try:
        return AESGCM(master.key).decrypt(wrapped[:12], wrapped[12:], _bound(master.id, space_id))
    except (InvalidTag, ValueError):
        raise Damaged("A key in the keyring fails its seal; restore the keyring from its backup.") from None


def _bound(master_id: str, space_id: str) -> bytes:
    return b"cwm1" + master_id.encode("ascii") + space_id.encode()  # the master's id has 16 characters


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
