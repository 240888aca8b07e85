"""The rotation of the master key, whole: a new key comes, every space key is wrapped anew under it, the old key goes.

Killed at any point, it is called again and goes on where it was: the key file and the rows say how far it came. Readers
and writers go on meanwhile. The old key is dropped only once no row lies under it.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workspace.kernel.errors import WrongState
from workspace.storage.filesystem import refusal
from workspace.storage.key_table import KeyTable
from workspace.storage.master import (
    MasterKey,
    MasterKeys,
    add_master_key,
    drop_master_keys,
    forget_drafts,
    keep_master_keys,
    load_master_key,
)


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of it. `dropped`: ids of the older keys that the file has forgotten; `idle`: ids of older keys in the
    environment that may be taken out of it now."""

    key_id: str
    wrapped: int
    resumed: bool
    dropped: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


Begun = Callable[[str, int, bool], None]
"""Hears the new key's id, how many keys will be wrapped anew, and whether an earlier rotation goes on."""


def rotate_in_file(keyring: KeyTable, path: Path, begun: Begun, after_batch: Callable[[int], None]) -> Rotated:
    """Rotate a master key that lies in a file. Raises WrongState while another rotation runs, StorageUnavailable where
    rows lie under a key that is not at hand, and StorageFull or StorageUnavailable where the disk fails."""
    with _alone(path):
        forget_drafts(path)
        resumed = _half_done(keyring, load_master_key(path))
        new = keep_master_keys(path) if resumed else add_master_key(path)
        wrapped = _wrap_anew(keyring, new, resumed, begun, after_batch)
        older = load_master_key(path).ids[1:]
        drop_master_keys(path, keyring.rows_under())
        kept = load_master_key(path).ids
    return Rotated(new.id, wrapped, resumed, dropped=tuple(one for one in older if one not in kept))


def rotate_to_newest(
    keyring: KeyTable, masters: MasterKeys, begun: Begun, after_batch: Callable[[int], None]
) -> Rotated:
    """Rotate to the first of the keys in the environment; the host puts it there before, and takes the others away
    afterwards. Raises WrongState where there is no other, and no row lies under another."""
    if not _half_done(keyring, masters):
        raise WrongState(
            "There is one master key in WORKSPACE_MASTER_KEY, and all lies under it. Put a new one before it"
            " (openssl rand -base64 32) and a space between them, restart everything, then come again."
        )
    wrapped = _wrap_anew(keyring, masters.current, False, begun, after_batch)
    return Rotated(masters.current.id, wrapped, False, idle=masters.ids[1:])


def _half_done(keyring: KeyTable, masters: MasterKeys) -> bool:
    """Whether there is an older key still, or a row under another one than the newest."""
    return len(masters.ids) > 1 or bool(_others(keyring, masters.current))


def _others(keyring: KeyTable, new: MasterKey) -> int:
    return sum(count for key_id, count in keyring.rows_under().items() if key_id not in ("", new.id))


def _wrap_anew(
    keyring: KeyTable, new: MasterKey, resumed: bool, begun: Begun, after_batch: Callable[[int], None]
) -> int:
    begun(new.id, _others(keyring, new), resumed)
    return keyring.rotate(new, after_batch)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    try:
        descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise refusal(error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise WrongState("The master key is being rotated already.") from None
    finally:
        os.close(descriptor)
