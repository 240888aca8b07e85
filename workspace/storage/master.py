"""The master keys: they wrap the space keys in the keyring, and lie in one file of their own (mode 600) or in the
environment (`WORKSPACE_MASTER_KEY`).

The file is text: for each key a line `id: …` (first 16 hex digits of the SHA-256 of the key) and a line `key: …`
(base64 of 32 bytes). The newest stands first; older ones stay until a rotation has ended.
"""

import base64
import binascii
import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from workspace.kernel.durable import sync_folder, write_new
from workspace.kernel.errors import StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.storage.filesystem import refusal

_NOTE = (
    "# Master key of a Citizen Workspace. Whoever has it and the keyring can read every file; without it nobody can."
)


class MasterKeyError(Exception):
    """The master key file cannot be used; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """256 bits that wrap space keys, and the name under which a row remembers them."""

    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hashlib.sha256(self.key).hexdigest()[:16]


class MasterKeys:
    """The master keys at hand, newest first. Reads its file again when it meets an id that it does not know, so that
    a running process follows a rotation begun by another one."""

    def __init__(self, keys: Iterable[MasterKey], path: Path | None = None) -> None:
        self._keys = tuple(keys)
        self._path = path
        if not self._keys:
            raise MasterKeyError("There is no master key.")

    @property
    def current(self) -> MasterKey:
        """The key that a rotation moves to."""
        return self._keys[0]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(one.id for one in self._keys)

    def find(self, key_id: str) -> MasterKey:
        """Raises StorageUnavailable where no such key is at hand, MasterKeyError where the file is spoilt."""
        found = self._among(key_id)
        if found is None and self._path is not None:
            self._keys = read_master_keys(self._path)
            found = self._among(key_id)
        if found is None:
            raise StorageUnavailable(f"The keyring needs the master key {key_id}, which is not in the key file.")
        return found

    def _among(self, key_id: str) -> MasterKey | None:
        return next((one for one in self._keys if one.id == key_id), None)


def open_master_keys(variable: str, path: Path) -> MasterKeys:
    """The keys in WORKSPACE_MASTER_KEY, or, where it is empty, in the file. Raises MasterKeyError."""
    return MasterKeys(_in_variable(variable)) if variable else load_master_key(path)


def load_master_key(path: Path) -> MasterKeys:
    """The keys of an existing file. Raises MasterKeyError."""
    return MasterKeys(read_master_keys(path), path)


def create_master_key(path: Path) -> MasterKeys:
    """Make the file with one fresh key, mode 600, durable; one that is there already is kept and read."""
    write_new(path, _text([MasterKey(os.urandom(32))]))
    return load_master_key(path)


def add_master_key(path: Path) -> MasterKey:
    """Put a fresh key before the others: the first step of a rotation (`rotation.py` takes all of them, one at a time
    on all machines: two that did this at once would lose one of the two keys). Raises StorageFull,
    StorageUnavailable."""
    keys = [MasterKey(os.urandom(32)), *read_master_keys(path)]
    _replace(path, keys)
    return keys[0]


def keep_master_keys(path: Path) -> MasterKey:
    """Write the file once more as it is: the first step of a rotation that goes on. Whoever put the newest key there
    may have died, or been failed by the disk, before its name was durable; no row may lie under it until it is. Raises
    StorageFull, StorageUnavailable."""
    keys = [*read_master_keys(path)]
    _replace(path, keys)
    return keys[0]


def drop_master_keys(path: Path, still_used: Iterable[str]) -> None:
    """Forget the older keys under which no row is left; the last step of a rotation. The newest always stays. Raises
    StorageFull, StorageUnavailable."""
    used = set(still_used)
    keys = read_master_keys(path)
    _replace(path, [keys[0], *(one for one in keys[1:] if one.id in used)])


def forget_drafts(path: Path) -> None:
    """Delete what a writer of the file that was killed left beside it: there may be a key in it."""
    for draft in path.parent.glob(f".{path.name}.*"):
        draft.unlink(missing_ok=True)


def read_master_keys(path: Path) -> tuple[MasterKey, ...]:
    """Raises MasterKeyError where the file is missing, spoilt, or readable by anyone but its owner."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        with open(descriptor, encoding="ascii") as file:
            mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
            if mode & 0o077:
                raise MasterKeyError(
                    f"The master key file {path} may be read by others (mode {mode:o}); run: chmod 600 {path}"
                )
            text = file.read()
    except FileNotFoundError:
        raise MasterKeyError(f"There is no master key file at {path}; restore it from its backup.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyError(f"The master key file {path} cannot be read: {error}.") from error
    return parse_master_keys(text, str(path))


def parse_master_keys(text: str, source: str) -> tuple[MasterKey, ...]:
    """The keys in a text of the file's form; `source` is named in the MasterKeyError."""
    keys: list[MasterKey] = []
    named: str | None = None
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "id":
            named = value.strip()
        elif name.strip() == "key":
            key = _decoded(value.strip(), source)
            if named != key.id:
                raise MasterKeyError(f"In {source} a master key does not belong to the id above it.")
            keys.append(key)
        elif line.strip() and not line.startswith("#"):
            raise MasterKeyError(f"{source} has a line that is neither id: nor key: nor a # note.")
    if not keys:
        raise MasterKeyError(f"{source} holds no master key; it takes a line id: and a line key: for each.")
    return tuple(keys)


def _in_variable(text: str) -> list[MasterKey]:
    return [_decoded(one, "WORKSPACE_MASTER_KEY") for one in text.split()]


def _decoded(text: str, source: str) -> MasterKey:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise MasterKeyError(f"In {source} a master key is not the base64 text of 32 bytes.")
    return MasterKey(key)


def _replace(path: Path, keys: list[MasterKey]) -> None:
    try:
        os.replace(_write_draft(path, keys), path)
        sync_folder(path.parent)
    except OSError as error:
        raise refusal(error) from error


def _write_draft(path: Path, keys: list[MasterKey]) -> Path:
    draft = path.with_name(f".{path.name}.{new_id()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(_text(keys))
        file.flush()
        os.fsync(descriptor)
    return draft


def _text(keys: list[MasterKey]) -> bytes:
    lines = [_NOTE]
    for one in keys:
        lines += [f"id: {one.id}", f"key: {base64.b64encode(one.key).decode()}"]
    return ("\n".join(lines) + "\n").encode("ascii")
