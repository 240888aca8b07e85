"""The backup key: seals what a backup holds in the clear otherwise (names, addresses, who shared what with whom).

A file with 64 hex digits (256 bits), mode 600. It opens no file of anybody: contents are sealed under keys of the
keyring, which a backup of the data never holds.
"""

import os
import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workspace.kernel.durable import write_new
from workspace.settings import SettingsError

_SHAPE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BackupKey:
    """256 bits, and the name by which a snapshot remembers them."""

    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """The first 16 hex digits of SHA-256 of the key."""
        return sha256(self.key).hexdigest()[:16]

    def of(self, snapshot: str) -> bytes:
        """The key of one snapshot (HKDF-SHA-256, RFC 5869), so that no two share their nonces."""
        return derived(self.key, f"citizen-workspace backup v1 {snapshot}")


def derived(key: bytes, purpose: str) -> bytes:
    """256 bits for one purpose (HKDF-SHA-256, RFC 5869)."""
    return HKDF(SHA256(), 32, None, purpose.encode()).derive(key)


def create_backup_key(path: Path) -> None:
    """Make the file with a fresh key, durably; one that is there stays."""
    write_new(path, os.urandom(32).hex().encode() + b"\n")


def load_backup_key(path: Path) -> BackupKey:
    """Raises SettingsError with a sentence that names the file, never the key."""
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"The backup key {path} cannot be read; `workspace init` makes one.") from None
    if mode & 0o077:
        raise SettingsError(f"The backup key {path} is open to others; chmod 600 closes it.")
    if not _SHAPE.fullmatch(text):
        raise SettingsError(f"The backup key {path} is not 64 hex digits.")
    return BackupKey(bytes.fromhex(text))
