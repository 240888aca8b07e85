"""The secrets of the web side, as files of the instance (mode 600): made once, never a default."""

import os
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest
from pathlib import Path

from workspace.kernel.durable import write_new
from workspace.settings import SettingsError

WEB = "web.key"
CODES = "codes.key"


@dataclass(frozen=True, slots=True)
class WebSecrets:
    """`web` signs cookies and links in letters; losing it signs everybody out. `codes` seals seeds of codes."""

    web: bytes = field(repr=False)
    codes: bytes = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> "WebSecrets":
        """Read both. Raises SettingsError with a sentence that names the file."""
        return cls(_read(folder / WEB), _read(folder / CODES))

    def derive(self, purpose: str) -> str:
        """A key for one purpose, from `web` (HMAC-SHA-256), as 64 hex digits."""
        return digest(self.web, purpose.encode(), sha256).hex()


def create_web_secrets(folder: Path) -> None:
    """Make what is missing, durably; what is there stays."""
    for name in (WEB, CODES):
        write_new(folder / name, os.urandom(32))


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        raw = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"The secret {path} is not there ({error.strerror}); `workspace init` makes one.") from None
    if mode & 0o077:
        raise SettingsError(f"The secret {path} is open to others; chmod 600 closes it.")
    if len(raw) != 32:
        raise SettingsError(f"The secret {path} has {len(raw)} bytes; it takes 32.")
    return raw
