"""Signed heads: what is signed, and what is shown to others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workspace.trust.leaves import written_time
from workspace.trust.signing import verify

FORMAT = "citizen-workspace log head v1"


@dataclass(frozen=True, slots=True)
class Head:
    """A promise: this log had `size` entries with this root at this time."""

    log_id: str
    size: int
    root: bytes
    signed_at: datetime
    key_id: str
    signature: bytes

    def holds(self, public_key: bytes) -> bool:
        """Whether the signature is by this raw Ed25519 key."""
        return verify(public_key, head_bytes(self.log_id, self.size, self.root, self.signed_at), self.signature)

    def as_values(self) -> dict[str, Any]:
        """As the journal, the API and receipts write it."""
        return {
            "log": self.log_id,
            "size": self.size,
            "root": self.root.hex(),
            "time": written_time(self.signed_at),
            "key": self.key_id,
            "signature": self.signature.hex(),
        }


def head_document(head: Head, public_key: bytes) -> dict[str, Any]:
    """A head as a file that somebody keeps: it says what it is and names the key, so that it can be checked alone."""
    return {"format": FORMAT, **head.as_values(), "public_key": public_key.hex()}


def head_bytes(log_id: str, size: int, root: bytes, signed_at: datetime) -> bytes:
    """The bytes that are signed: five lines, each ended by a line feed (see README.md)."""
    lines = (FORMAT, log_id, str(size), root.hex(), written_time(signed_at))
    return "".join(line + "\n" for line in lines).encode("ascii")


def continuation_bytes(log_id: str, continues: dict[str, Any]) -> bytes:
    """The bytes that are signed where a log goes on under a new name: seven lines (see README.md)."""
    lost = continues["lost"]
    lines = (
        "citizen-workspace log continuation v1",
        log_id,
        continues["log"],
        str(continues["size"]),
        continues["root"],
        str(lost["size"]) if lost else "-",
        continues["restored"] or "-",
    )
    return "".join(line + "\n" for line in lines).encode("ascii")
