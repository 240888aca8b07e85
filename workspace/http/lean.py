"""The short way of plain requests: a strict parser of heads, an environ from a template, an answer in one send.

gunicorn spends more on a small request than the program behind it does. A head of HTTP/1.1 whose every line is of the
plainest kind is read here; whatever else there is (`Transfer-Encoding`, `Expect`, `Upgrade`, another `Connection`,
another version, a name given twice or with an underscore, an odd length) goes, untouched, to gunicorn's own parser.

A second parser is a second opinion on where a request ends. Where it has one at all it must be gunicorn's: a fuzz in
the tests compares both, byte for byte. `WORKSPACE_LEAN=0` does without. What a proxy says of its client is a field like
any other to both: gunicorn is told to believe nobody (`cli/running.py`), the application reads it behind them.
"""

import re
import socket
import time
from contextlib import suppress
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote_to_bytes

from gunicorn.http.body import Body, LengthReader
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName
from gunicorn.http.message import TOKEN_RE, Request
from gunicorn.http.unreader import Unreader
from gunicorn.http.wsgi import HEADER_VALUE_RE, SERVER, Response, _make_early_hints_callback, base_environ
from gunicorn.util import is_hoppish

LONGEST = 8000
"""Bytes of a head; beneath every limit that gunicorn sets to one of its lines. 4,094 for the first."""
MOST_FIELDS = 60
TOGETHER = 1 << 16
"""A first piece of up to so many bytes leaves in one send with the head."""
VIEWS = "workspace.takes_views"
"""In an environ: whether the server also sends memoryviews, which WSGI does not ask of it."""
AT_HAND = "workspace.at_hand"
"""In an environ, put there by the application: its answer took no more than memory and one question to the database."""

_FIRST = re.compile(rb"(?!CONNECT )([A-Z]{3,16}) (/(?!/)[!\"$-~]{0,4000}) HTTP/1\.1\r\n")
_FIELD = re.compile(rb"([A-Za-z0-9-]+):[ \t]*([!-~\x80-\xff](?:[ \t!-~\x80-\xff]*[!-~\x80-\xff])?)?[ \t]*\r\n")
_UNUSUAL = re.compile(
    r"TRANSFER-ENCODING|EXPECT|UPGRADE|TE|TRAILER|KEEP-ALIVE|HTTP2-SETTINGS|SCRIPT-NAME|PATH-INFO|PROXY.*"
)
_NAMED_OTHERWISE = {"CONTENT-TYPE": "CONTENT_TYPE", "CONTENT-LENGTH": "CONTENT_LENGTH"}
_OFTEN_THE_SAME = frozenset({
    "accept-ranges", "cache-control", "content-security-policy", "content-type", "cross-origin-opener-policy",
    "cross-origin-resource-policy", "origin-agent-cluster", "permissions-policy", "referrer-policy",
    "strict-transport-security", "x-content-type-options", "x-frame-options",
})  # fmt: skip
_known: dict[bytes, tuple[str, str] | None] = {}
_MOST_KNOWN = 1000


class PlainRequest(Request):
    """A request that was read here, with all that gunicorn, its hooks and its access log ask of one.

    `given` are its fields by the names that WSGI gives them, `length` that of its body in bytes.
    """

    def __init__(
        self,
        cfg: Any,
        unreader: Unreader,
        client: Any,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        given: dict[str, str],
    ) -> None:
        self.cfg = cfg
        self.unreader = unreader
        self.peer_addr = self.remote_addr = client
        self.method = method
        self.uri = target
        self.path, _, self.query = target.partition("?")
        self.fragment = ""
        self.version = (1, 1)
        self.headers = headers
        self.trailers: list[tuple[str, str]] = []
        self.scheme = "http"
        self.must_close = False
        self.proxy_protocol_info = None
        self._expected_100_continue = False
        self.given = given
        self.length = int(given.get("CONTENT_LENGTH", "0"))
        self.body = Body(LengthReader(unreader, self.length))

    def should_close(self) -> bool:
        """A plain request never asks for it."""
        return bool(self.must_close)


def read_plain(data: bytes, cfg: Any, unreader: Unreader, client: Any) -> PlainRequest | None:
    """The plain request that `data` begins with; what lies behind its head goes back to `unreader`. None where there is
    none: then nothing was touched."""
    end = data.find(b"\r\n\r\n", 0, LONGEST)
    first = _FIRST.match(data, 0, end + 2)
    if end < 0 or first is None:
        return None
    at, stop = first.end(), end + 2
    headers: list[tuple[str, str]] = []
    given: dict[str, str] = {}
    while at < stop:
        field = _FIELD.match(data, at, stop)
        known = _name(field[1]) if field is not None else None
        if field is None or known is None or known[1] in given:
            return None
        at = field.end()
        value = (field[2] or b"").decode("latin-1")
        given[known[1]] = value
        headers.append((known[0], value))
    length = given.get("CONTENT_LENGTH", "0")
    plain = given.get("HTTP_CONNECTION", "keep-alive").lower() == "keep-alive"
    if not plain or len(headers) > MOST_FIELDS or not (length.isascii() and length.isdecimal() and len(length) < 19):
        return None
    request = PlainRequest(cfg, unreader, client, first[1].decode(), first[2].decode(), headers, given)
    if len(data) > end + 4:
        unreader.unread(data[end + 4 :])
    return request


def _name(raw: bytes) -> tuple[str, str] | None:
    """A field's name as gunicorn and as WSGI write it; None for one that is not plain."""
    try:
        return _known[raw]
    except KeyError:
        name = raw.decode("ascii").upper()
        key = _NAMED_OTHERWISE.get(name) or "HTTP_" + name.replace("-", "_")
        found = None if _UNUSUAL.fullmatch(name) else (name, key)
        if len(_known) < _MOST_KNOWN:
            _known[raw] = found
        return found


def is_alone(data: bytes) -> bool:
    """Whether this is the whole head of a GET, and nothing behind it."""
    return data.startswith(b"GET ") and data.find(b"\r\n\r\n") == len(data) - 4


class Eager:
    """A socket that takes what it can without waiting; what is left is `owed`."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.owed = b""

    def sendall(self, data: bytes) -> None:
        """Raises OSError where the connection is gone."""
        sent = 0
        if not self.owed:
            with suppress(BlockingIOError):
                sent = self._connection.send(data)
        self.owed += data[sent:]


def template(cfg: Any, connection: socket.socket, client: Any, server: Any) -> dict[str, Any]:
    """What the environs of all requests of one connection begin with."""
    return {
        **base_environ(cfg),
        "wsgi.multithread": True,
        "wsgi.url_scheme": "http",
        "gunicorn.socket": connection,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "SCRIPT_NAME": "",
        VIEWS: True,
    }


def environ_of(request: PlainRequest, beginning: dict[str, Any], answer: Response) -> dict[str, Any]:
    """The environ as gunicorn would have made it."""
    path = request.path
    environ = beginning | request.given
    environ["REQUEST_METHOD"] = request.method
    environ["RAW_URI"] = request.uri
    environ["QUERY_STRING"] = request.query
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1") if "%" in path else path
    environ["wsgi.input"] = request.body
    environ["wsgi.early_hints"] = _make_early_hints_callback(request, answer.sock, answer)
    return environ


class PlainAnswer(Response):
    """gunicorn's response, which keeps its head until the first piece of the body goes with it, and takes views."""

    def process_headers(self, headers: list[tuple[str, str]]) -> None:
        for field in headers:
            lower = _checked.get(field)
            if lower is None:
                lower = _check(*field)
            if lower == "content-length":
                self.response_length = int(field[1])
            elif not lower:
                continue
            self.headers.append(field)

    def send_headers(self) -> None:
        if not self.headers_sent:
            self.sock.sendall(self._head())

    def write(self, arg: bytes | memoryview) -> None:
        if not isinstance(arg, (bytes, memoryview)):
            raise TypeError(f"{arg!r} is not a byte")
        if self._omits_body:
            super().write(bytes(arg))
            return
        if self.response_length is not None:
            arg = arg[: max(0, self.response_length - self.sent)]
        self.sent += len(arg)
        framed: tuple[bytes | memoryview, ...] = (arg,)
        if self.chunked:
            framed = (b"%X\r\n" % len(arg), arg, b"\r\n") if arg else ()
        if not self.headers_sent:
            framed = (self._head(), *framed)
        if len(arg) <= TOGETHER:
            self.sock.sendall(b"".join(framed))
        else:
            for piece in framed:
                self.sock.sendall(piece)

    def close(self) -> None:
        last = b"0\r\n\r\n" if self.chunked else b""
        if not self.headers_sent:
            last = self._head() + last
        if last:
            self.sock.sendall(last)

    def _head(self) -> bytes:
        self.headers_sent = True
        lines = "".join([f"{name}: {value}\r\n" for name, value in self.headers])
        connection = "close" if self.should_close() else "keep-alive"
        coding = "Transfer-Encoding: chunked\r\n" if self.chunked else ""
        return (
            f"HTTP/1.1 {self.status}\r\nServer: {SERVER}\r\nDate: {_date()}\r\nConnection: {connection}\r\n"
            f"{coding}{lines}\r\n"
        ).encode("latin-1")


_checked: dict[tuple[str, str], str] = {}
_checked_names: dict[str, str] = {}


def _check(name: str, value: str) -> str:
    """The name in lower case, "" for one that belongs to the connection and is left out; as gunicorn checks both."""
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError(f"{name!r}: {value!r} are not two strings")
    lower = _checked_names.get(name)
    if lower is None:
        lower = _check_name(name)
    if not HEADER_VALUE_RE.fullmatch(value):
        raise InvalidResponseHeader(repr(name))
    if lower in _OFTEN_THE_SAME and len(_checked) < _MOST_KNOWN:
        _checked[name, value] = lower
    return lower


def _check_name(name: str) -> str:
    if not TOKEN_RE.fullmatch(name):
        raise InvalidResponseHeaderName(repr(name))
    lower = "" if is_hoppish(name) else name.lower()
    if len(_checked_names) < _MOST_KNOWN:
        _checked_names[name] = lower
    return lower


_second: tuple[int, str] = (0, "")


def _date() -> str:
    global _second
    now = int(time.time())
    if _second[0] != now:
        _second = now, formatdate(now, usegmt=True)
    return _second[1]
