"""Bytes on their way out: ranges, conditions, and the headers that keep uploads from acting as our pages."""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import http_date, is_resource_modified

from workspace.cloud.blobs import BlobReader
from workspace.http.ranges import ByteRange, parse_range
from workspace.http.running import AT_ONCE, Again, watched

# what people uploaded is never a document of our origin, however it is opened
USER_CONTENT_CSP = "default-src 'none'; sandbox"


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
    """Answer GET or HEAD with a blob that the actor may open; call it when that is decided and written down.

    `again` asks for the same right anew; as soon as it refuses, the answer is cut.
    The first segment is unsealed before the headers leave, so that a damaged blob answers 500 and not a torn 200.
    """
    environ = dict(request.environ)
    if not is_resource_modified(environ, etag=etag, last_modified=modified):
        answer = Response(status=304)
        answer.set_etag(etag)
        return answer
    wanted = parse_range(_range_header(etag, modified), reader.size) if request.method == "GET" else None
    span = wanted or ByteRange(0, reader.size)
    pieces: Iterable[bytes] = _begun(reader, span) if request.method == "GET" else ()
    answer = Response(watched(pieces, again) if span.length > AT_ONCE else pieces, direct_passthrough=True)
    answer.status_code = 206 if wanted else 200
    answer.content_length = span.length
    if wanted:
        answer.headers["Content-Range"] = span.content_range(reader.size)
    answer.set_etag(etag)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Last-Modified"] = http_date(modified)
    _guard(answer, name, media_type, inline)
    return answer


def send_stream(chunks: Iterator[bytes], *, again: Again, name: str, media_type: str) -> Response:
    """Answer with a stream that is made while it leaves (a folder as a ZIP), until `again` refuses."""
    answer = Response(watched(chunks, again), direct_passthrough=True)
    _guard(answer, name, media_type, inline=False)
    return answer


def disposition(name: str, inline: bool = False) -> str:
    """Content-Disposition (RFC 6266): an ASCII name for old programs and the true one in UTF-8 (RFC 8187)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(c if c.isalnum() or c in " ._-()" else "_" for c in plain).strip() or "file"
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _guard(answer: Response, name: str, media_type: str, inline: bool) -> None:
    answer.content_type = media_type or "application/octet-stream"
    answer.headers["Content-Disposition"] = disposition(name, inline)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = USER_CONTENT_CSP
    answer.headers["Cache-Control"] = "private, no-store"


def _range_header(etag: str, modified: datetime) -> str | None:
    """The Range field, unless If-Range says that the program holds another version (RFC 9110 section 13.1.5)."""
    condition = request.headers.get("If-Range")
    if condition is not None and condition not in (f'"{etag}"', http_date(modified)):
        return None
    return request.headers.get("Range")


def _begun(reader: BlobReader, span: ByteRange) -> Iterator[bytes]:
    """The stream with its first piece already drawn, so that what fails at once fails before the headers."""
    pieces = reader.stream(span.start, span.stop)
    first = next(pieces, None)
    return _pieces(b"" if first is None else bytes(first), pieces)


def _pieces(first: bytes, rest: Iterator[memoryview]) -> Iterator[bytes]:
    if first:
        yield first
    for piece in rest:
        # gunicorn's Response.write takes bytes only
        yield bytes(piece)
