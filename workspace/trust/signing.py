"""The instance's Ed25519 key (RFC 8032): a raw 32-byte file that only its owner may read."""

from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workspace.kernel.durable import write_new
from workspace.settings import SettingsError


def key_id_of(public_key: bytes) -> str:
    """The short name of a public key: the first 16 hex digits of its SHA-256."""
    return sha256(public_key).hexdigest()[:16]


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature (64 bytes) of the message is by this raw public key (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Ed25519Signer:
    """Signs heads and receipts. Raises SettingsError at the start where the key file is missing, open to others or
    not a key; the key itself never appears in a message."""

    def __init__(self, path: Path) -> None:
        try:
            mode = path.stat().st_mode
            raw = path.read_bytes()
        except OSError as error:
            reason = f"cannot be read ({error.strerror}); `workspace init` makes one"
            raise SettingsError(f"The signing key {path} {reason}.") from None
        if mode & 0o077:
            raise SettingsError(f"The signing key {path} is open to others; chmod 600 closes it.")
        if len(raw) != 32:
            raise SettingsError(f"The signing key {path} has {len(raw)} bytes; a key has 32.")
        self._key = Ed25519PrivateKey.from_private_bytes(raw)
        self._public = self._key.public_key().public_bytes_raw()
        self.key_id = key_id_of(self._public)

    @classmethod
    def create(cls, path: Path) -> "Ed25519Signer":
        """Make a new key, durably. Raises FileExistsError: a key is never written over."""
        if not write_new(path, Ed25519PrivateKey.generate().private_bytes_raw()):
            raise FileExistsError(path)
        return cls(path)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def public_key(self) -> bytes:
        return self._public
