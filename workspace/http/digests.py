"""Digests that senders announce, so that what is stored is what they meant to send."""

import base64
import binascii
import re
from collections.abc import Callable
from hashlib import sha256

from workspace.kernel.errors import ChecksumMismatch, NotAcceptable

FIELDS = ("Repr-Digest", "Content-Digest")
_MEMBER = re.compile(r"\s*sha-256=:([A-Za-z0-9+/=]*):\s*")


def announced_sha256(field: Callable[[str], str | None]) -> bytes | None:
    """The SHA-256 of the body as the request announces it (RFC 9530), or None. Other algorithms are passed over.

    `field` gives the value of a header field of the request.

    Raises NotAcceptable for a value that is no digest, or for two that differ.
    """
    found = {digest for name in FIELDS if (digest := _sha256_in(name, field(name) or "")) is not None}
    if len(found) > 1:
        raise NotAcceptable("Two different digests are announced.", field=FIELDS[0])
    return found.pop() if found else None


def require_same(announced: bytes | None, present: bytes) -> None:
    """Raises ChecksumMismatch where a digest was announced and the bytes have another."""
    if announced is not None and announced != present:
        raise ChecksumMismatch()


def _sha256_in(name: str, value: str) -> bytes | None:
    for member in value.split(","):
        if member.strip().startswith("sha-256="):
            found = _MEMBER.fullmatch(member)
            digest = decoded(found[1]) if found else None
            if digest is None or len(digest) != sha256().digest_size:
                raise NotAcceptable("Write it as sha-256=:base64:", field=name)
            return digest
    return None


def decoded(text: str) -> bytes | None:
    """Base64 (RFC 4648 section 4) as bytes, None where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
