"""What the domain needs from outside, as narrow promises. `app.py` alone chooses who keeps them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as the store lists it."""

    key: str
    size: int
    modified: datetime


class ObjectWriter(Protocol):
    """One object on its way in. Nothing is visible under its key before `commit` has returned."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes. Raises StorageFull or StorageUnavailable."""
        ...

    def commit(self) -> None:
        """Make the object durable under its key: when this returns, a power cut cannot take it back.

        A failed fsync is never tried again on the same file: StorageUnavailable, and the caller takes a new key.
        """
        ...

    def abort(self) -> None:
        """Forget what was written; safe to call at any time, also after `commit` (then it does nothing)."""
        ...


class ObjectStore(Protocol):
    """Immutable bytes behind opaque keys of `[0-9a-z/]`. A key is written once and never used again."""

    part_limit: int
    """How many sealed bytes one object should hold at most; the blob writer rolls over to a new part there."""

    def create(self, key: str) -> ObjectWriter: ...

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`. Raises NotFound, Damaged (too short), StorageUnavailable."""
        ...

    def size(self, key: str) -> int | None:
        """The object's size in bytes, or None where there is none."""
        ...

    def delete(self, key: str) -> None:
        """Remove it; removing what is not there is no error."""
        ...

    def walk(self, prefix: str = "") -> Iterator[StoredObject]: ...

    def ready(self) -> None:
        """Return if a write would be taken now; else raise StorageUnavailable or StorageFull."""
        ...

    def stale(self, older_than: float = 3600.0) -> Iterator[StoredObject]:
        """What writers that died left behind, untouched for so many seconds; none of it is an object."""
        ...

    def discard(self, leftover: StoredObject) -> None:
        """Remove something that `stale` has listed."""
        ...


class Keyring(Protocol):
    """The keys of spaces, wrapped by the master key, in a store apart from the data."""

    def create(self, space_id: str) -> None:
        """Make and durably keep a new 256-bit key for a space."""
        ...

    def key(self, space_id: str) -> bytes:
        """The space's key (32 bytes). Raises KeyDestroyed or StorageUnavailable."""
        ...

    def destroy(self, space_id: str) -> None:
        """Shred the key: whatever was sealed under it is gone. Idempotent."""
        ...

    def close(self) -> None:
        """Close what this thread has open; the next question opens it again."""
        ...


class Journal(Protocol):
    """What a restored backup must not bring back, written and fsynced outside the database before the answer."""

    def write(self, kind: str, values: dict[str, Any]) -> None: ...

    def entries(self) -> Iterator[dict[str, Any]]: ...


class Signer(Protocol):
    """Holds the instance's Ed25519 key (RFC 8032)."""

    key_id: str
    """First 16 hex digits of SHA-256 of the raw public key."""

    def sign(self, message: bytes) -> bytes: ...

    def public_key(self) -> bytes: ...


class Mailer(Protocol):
    """Hands one finished message (RFC 5322) over for transport; raises on failure so that the job is tried again."""

    def send(self, sender: str, recipient: str, message: bytes) -> None: ...

    def forget(self, message_id: str) -> None:
        """Delete what this mailer itself has kept of a message (its Message-ID, RFC 5322 section 3.6.4), if it has."""
        ...


class Outbound(Protocol):
    """Sends to addresses that people gave us, and only to such as may be reached."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send `body` within ten seconds; returns the status of the answer. Raises NotReached."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside, as one value carried by every Work."""

    objects: ObjectStore
    keyring: Keyring
    journal: Journal
    signer: Signer
    mailer: Mailer
    outbound: Outbound
