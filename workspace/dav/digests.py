"""Digests that programs announce for the bytes of a PUT, in the three ways they do."""

import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workspace.http.digests import announced_sha256, decoded, require_same
from workspace.kernel.errors import ChecksumMismatch, NotAcceptable

# a checksum against accidents of the way; the seal guards against everything else
ALGORITHMS: dict[str, Callable[[], Any]] = {
    "MD5": lambda: hashlib.md5(usedforsecurity=False),
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
}


@dataclass(slots=True)
class Digests:
    """What the bytes have to be: `sha256` as the blob is hashed anyway, others computed beside it."""

    sha256: bytes | None = None
    others: list[tuple[Any, bytes]] = field(default_factory=list)

    @classmethod
    def announced(cls, header: Callable[[str], str | None]) -> "Digests":
        """From Repr-Digest and Content-Digest (RFC 9530), Digest (RFC 3230), Content-MD5 (RFC 1864) and OC-Checksum
        (ownCloud: `SHA1:hex`, several with spaces between them). Unknown algorithms are passed over.

        Raises NotAcceptable for a value that is no digest.
        """
        made = cls(announced_sha256(header))
        md5 = header("Content-MD5")
        if md5 is not None:
            made._add("Content-MD5", "MD5", decoded(md5))
        for member in (header("Digest") or "").split(","):
            algorithm, equals, value = member.strip().partition("=")
            name = {"SHA": "SHA1"}.get(algorithm.upper(), algorithm.upper().replace("-", ""))
            if equals and name in ALGORITHMS:
                made._add("Digest", name, decoded(value))
        for member in (header("OC-Checksum") or "").split():
            name, _, text = member.partition(":")
            if name.upper() == "SHA256" and made.sha256 is None:
                made.sha256 = _of_length("OC-Checksum", _from_hex(text), 32)
            elif name.upper() in ALGORITHMS:
                made._add("OC-Checksum", name.upper(), _from_hex(text))
        return made

    def update(self, piece: memoryview) -> None:
        for one, _ in self.others:
            one.update(piece)

    def require(self, sha256: bytes) -> None:
        """Raises ChecksumMismatch where the bytes that came are not those announced."""
        require_same(self.sha256, sha256)
        if not all(hmac.compare_digest(one.digest(), announced) for one, announced in self.others):
            raise ChecksumMismatch()

    def _add(self, field_name: str, algorithm: str, digest: bytes | None) -> None:
        state = ALGORITHMS[algorithm]()
        self.others.append((state, _of_length(field_name, digest, state.digest_size)))


def _of_length(field_name: str, digest: bytes | None, size: int) -> bytes:
    if digest is None or len(digest) != size:
        raise NotAcceptable("This is no digest.", field=field_name)
    return digest


def _from_hex(text: str) -> bytes | None:
    try:
        return binascii.unhexlify(text)
    except ValueError:
        return None
