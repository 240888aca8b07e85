"""The words of tus 1.0.0 (https://tus.io/protocols/resumable-upload): header fields as values. Pure."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workspace.http.digests import decoded
from workspace.kernel.errors import ChecksumMismatch, LengthMismatch, NotAcceptable

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination,concatenation"
# the standard asks for sha1 of every server; programs that may choose take sha256
ALGORITHMS = "sha1,sha256"
_PIECE = re.compile(r"(?:https?://[^/\s]+)?/uploads/([0-9a-z]{26})")
_DIGEST_SIZES = {"sha1": 20, "sha256": 32, "sha-256": 32}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a piece is announced to be: `sha256` when that was the algorithm, else `sha1`."""

    sha256: bytes | None = None
    sha1: bytes | None = None


def read_number(name: str, text: str | None) -> int:
    """A field that holds a whole number of bytes. Raises NotAcceptable."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise NotAcceptable(f"{name} has to be a whole number of bytes.", field=name)
    return int(text)


def read_metadata(text: str | None) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and a value in base64, which is UTF-8 here. Raises NotAcceptable."""
    values: dict[str, str] = {}
    for pair in (text or "").split(","):
        if not pair.strip():
            continue
        key, _, value = pair.strip().partition(" ")
        plain = decoded(value.strip())
        if not key.isascii() or key in values or plain is None:
            raise NotAcceptable(
                "Upload-Metadata takes a key, a space and base64, each key once.", field="Upload-Metadata"
            )
        try:
            values[key] = plain.decode("utf-8")
        except UnicodeDecodeError:
            raise NotAcceptable("The values of Upload-Metadata have to be UTF-8.", field="Upload-Metadata") from None
    return values


def write_metadata(values: dict[str, str]) -> str:
    """The same the other way round."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


@dataclass(frozen=True, slots=True)
class Concat:
    """What an upload is in a concatenation: a piece, or, with the ids of `pieces`, the whole."""

    pieces: tuple[str, ...] = ()


def read_concat(text: str | None) -> Concat | None:
    """Upload-Concat: `partial`, or `final;` and the addresses of the pieces. Raises NotAcceptable."""
    if text is None:
        return None
    kind, _, addresses = text.strip().partition(";")
    found = [_PIECE.fullmatch(one) for one in addresses.split()]
    ids = tuple(one[1] for one in found if one)
    if (kind == "partial" and not addresses) or (kind == "final" and ids and len(ids) == len(found)):
        return Concat(ids)
    raise NotAcceptable("Upload-Concat takes partial, or final; and addresses of uploads.", field="Upload-Concat")


def write_concat(kind: str, pieces: Iterable[str]) -> str:
    """The same the other way round."""
    addresses = " ".join(f"/uploads/{one}" for one in pieces)
    return f"{kind};{addresses}" if addresses else kind


def read_checksum(text: str | None) -> Checksum:
    """Upload-Checksum: an algorithm and a digest in base64. Raises NotAcceptable."""
    if text is None:
        return Checksum()
    algorithm, _, value = text.strip().partition(" ")
    digest = decoded(value.strip())
    if digest is None or len(digest) != _DIGEST_SIZES.get(algorithm):
        raise NotAcceptable(f"Upload-Checksum takes one of {ALGORITHMS} and base64.", field="Upload-Checksum")
    return Checksum(sha1=digest) if algorithm == "sha1" else Checksum(sha256=digest)


def checked_sha1(pieces: Iterable[memoryview], announced: bytes) -> Iterator[memoryview]:
    """The same pieces; raises ChecksumMismatch at their end if they are others than announced, or break off."""
    present = hashlib.sha1(usedforsecurity=False)
    try:
        for piece in pieces:
            present.update(piece)
            yield piece
    except (LengthMismatch, OSError) as error:
        raise ChecksumMismatch() from error
    if not hmac.compare_digest(present.digest(), announced):
        raise ChecksumMismatch()
