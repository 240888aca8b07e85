"""Bytes on their way out: ranges, conditions, and the headers that keep uploads from acting as our pages."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import http_date, is_resource_modified

from workspace.cloud.blobs import BlobReader
from workspace.http.headers import NOTHING_ACTS
from workspace.http.lean import VIEWS
from workspace.http.ranges import ByteRange, parse_range
from workspace.http.running import AT_ONCE, Again, watched


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer with bytes of a file, for any framework: status, header fields, body."""

    status: int
    headers: list[tuple[str, str]]
    body: Iterable[bytes]


def outgoing(
    environ: Mapping[str, Any],
    reader: BlobReader,
    *,
    watch: Callable[[Iterator[bytes]], Iterator[bytes]],
    name: str,
    media_type: str,
    etag: str,
    modified: datetime,
    inline: bool = False,
) -> Outgoing:
    """The answer to GET or HEAD (WSGI `environ`) with a blob that the actor may open; call it when that is decided and
    written down. `watch` cuts a stream as soon as the right has ended (`running.py`).

    The first segment is unsealed before the headers leave, so that a damaged blob answers 500 and not a torn 200.
    Raises RangeNotSatisfiable, Damaged, StorageUnavailable.
    """
    tag = ("ETag", f'"{etag}"')
    if not is_resource_modified(dict(environ), etag=etag, last_modified=modified):
        return Outgoing(304, [tag], ())
    only_head = environ["REQUEST_METHOD"] != "GET"
    wanted = None if only_head else parse_range(_range_header(environ, etag, modified), reader.size)
    span = wanted or ByteRange(0, reader.size)
    headers = [tag, ("Content-Length", str(span.length)), ("Accept-Ranges", "bytes")]
    headers.append(("Last-Modified", http_date(modified)))
    if wanted:
        headers.append(("Content-Range", span.content_range(reader.size)))
    body: Iterable[bytes] = ()
    if not only_head:
        pieces = _begun(reader, span, views=environ.get(VIEWS, False))
        body = watch(pieces) if span.length > AT_ONCE else pieces
    return Outgoing(206 if wanted else 200, [*headers, *guards(name, media_type, inline)], body)


def send_blob(
    reader: BlobReader,
    *,
    again: Again,
    name: str,
    media_type: str,
    etag: str,
    modified: datetime,
    inline: bool = False,
) -> Response:
    """`outgoing` as an answer of Flask. As soon as `again`, which asks for the same right anew, refuses, it is cut."""
    sent = outgoing(
        request.environ,
        reader,
        watch=lambda pieces: watched(pieces, again),
        name=name,
        media_type=media_type,
        etag=etag,
        modified=modified,
        inline=inline,
    )
    return Response(sent.body, sent.status, sent.headers, direct_passthrough=True)


def send_stream(chunks: Iterator[bytes], *, again: Again, name: str, media_type: str) -> Response:
    """Answer with a stream that is made while it leaves (a folder as a ZIP), until `again` refuses."""
    return Response(watched(chunks, again), 200, [*guards(name, media_type)], direct_passthrough=True)


def disposition(name: str, inline: bool = False) -> str:
    """Content-Disposition (RFC 6266): an ASCII name for old programs and the true one in UTF-8 (RFC 8187)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(c if c.isalnum() or c in " ._-()" else "_" for c in plain).strip() or "file"
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@lru_cache(maxsize=1024)
def guards(name: str, media_type: str, inline: bool = False) -> tuple[tuple[str, str], ...]:
    """What keeps bytes that people brought from acting as a page of ours."""
    return (
        ("Content-Type", media_type or "application/octet-stream"),
        ("Content-Disposition", disposition(name, inline)),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", NOTHING_ACTS),
        ("Cache-Control", "private, no-store"),
    )


def _range_header(environ: Mapping[str, Any], etag: str, modified: datetime) -> str | None:
    """The Range field, unless If-Range says that the program holds another version (RFC 9110 section 13.1.5)."""
    condition = environ.get("HTTP_IF_RANGE")
    if condition is not None and condition not in (f'"{etag}"', http_date(modified)):
        return None
    return environ.get("HTTP_RANGE")


def _begun(reader: BlobReader, span: ByteRange, *, views: bool) -> Iterator[bytes]:
    """The stream with its first piece already drawn, so that what fails at once fails before the headers.

    WSGI wants bytes; a server that takes views spares a copy of everything.
    """
    pieces = reader.stream(span.start, span.stop)
    first = next(pieces, None)
    return _pieces(first, pieces, bytes if not views else lambda piece: piece)


def _pieces(first: memoryview | None, rest: Iterator[memoryview], sent: Callable[[memoryview], Any]) -> Iterator[bytes]:
    if first is not None:
        yield sent(first)
        for piece in rest:
            yield sent(piece)
