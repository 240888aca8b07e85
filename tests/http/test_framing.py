"""Two parsers, one opinion: whatever the short way takes for a plain request, gunicorn takes for the very same one."""

from __future__ import annotations

import random
from itertools import islice
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from gunicorn.http.wsgi import create

from tests.parts.faults import share
from workspace.http.lean import VIEWS, PlainAnswer, environ_of, read_plain, template

CLIENT, SERVER = ("127.0.0.1", 50000), ("127.0.0.1", 8000)
CONFIG = Config()
CONFIG.set("forwarded_allow_ips", "")

METHODS = ["GET", "PUT", "PROPFIND", "HEAD", "POST", "OPTIONS", "get", "CONNECT", "G", "GET ", "M-SEARCH", "X" * 20]
TARGETS = [
    "/", "/a/b.txt", "/a%20b", "/%zz", "/a?b=c&d", "/a??", "/?", "/a;b=c", "/a:b", "//a/b", "/a//b", "/a#b", "/a b",
    "*", "http://x/a", "a", "", "/\u00e9", "/%c3%a9", "/[x]", "/a\\b", '/"', "/" + "a" * 4000, "/" + "a" * 4090,
    "/\x7f", "/a\t",
]  # fmt: skip
VERSIONS = ["HTTP/1.1"] * 12 + ["HTTP/1.0", "HTTP/2.0", "http/1.1", "HTTP/1.1 ", "HTTP/1.10", "HTTP/1,1", ""]
FIELDS = [
    "Host: x", "Host: x:8000", "Host:x", "Host : x", "HOST: x", "Host: ", "Content-Length: 0", "Content-Length: 5",
    "Content-Length: 05", "content-length: 12", "Content-Length: +5", "Content-Length: -1", "Content-Length: 5, 5",
    "Content-Length: 0x5", "Content-Length: \u0665", "Content-Length: \u00b2", "Content-Length: 1_0", "Content-Length:",
    "Content-Length: 99999999999999999999", "Content-Length:\t5 ", "Content_Length: 5", "Transfer-Encoding: chunked",
    "Transfer-Encoding: identity", "Transfer-Encoding : chunked", "Transfer-Encoding: gzip, chunked", "TE: trailers",
    "Transfer_Encoding: chunked", "Connection: close", "Connection: keep-alive", "Connection: Keep-Alive",
    "Connection: keep-alive, close", "Connection: upgrade", "Upgrade: h2c", "Expect: 100-continue", "Expect: x",
    "X-Forwarded-Proto: https", "X-Forwarded-For: 1.2.3.4", "Script-Name: /a", "Path-Info: /b", "Proxy: x", "A: b",
    "Authorization: Basic eHg6eXk=", "Content-Type: text/plain", "Depth: 1", "Range: bytes=0-1", "If: (<x>)", "A:",
    "Accept: */*", "User-Agent: \u00fcber", "A: b\tc", "A: \x00", "A: b\x7f", "A: b\rc", "A: b\nc", " folded",
    "\tfolded", "A\u00e9: b", ": b", "A", "", "A b: c", "A: " + "b" * 8185, "A" * 300 + ": b",
    "Trailer: A", "Keep-Alive: 5",
]  # fmt: skip
BREAKS = ["\r\n"] * 20 + ["\n", "\r", "\r\r\n", "\n\r", "\r\n ", ""]
TAILS = [b"", b"hello", b"hello world!", b"GET /2 HTTP/1.1\r\n\r\n", b"\r\n", b"0\r\n\r\n", bytes(range(256))]


def made_up(chance: random.Random) -> bytes:
    """A request, more or less."""
    plain = chance.random() < 0.6
    method = chance.choice(METHODS[:6] if plain else METHODS)
    target = chance.choice(TARGETS[:9] if plain else TARGETS)
    version = "HTTP/1.1" if plain else chance.choice(VERSIONS)
    count = chance.choice((0, 1, 2, 3, 4, 6, 9)) if chance.random() < 0.98 else 70
    pieces = [f"{method} {target} {version}", *(chance.choice(FIELDS) for _ in range(count)), ""]
    text = "".join(piece + ("\r\n" if plain else chance.choice(BREAKS)) for piece in pieces)
    data = bytearray(text.encode("latin-1", "replace") + chance.choice(TAILS))
    if chance.random() < 0.15 and data:  # one byte of it changed
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.05:
        data[:0] = b"\r\n"
    return bytes(data)


def by_gunicorn(data: bytes) -> tuple[dict[str, Any], bytes, int] | None:
    """Environ, what is left for body and next request, length of the body; None where gunicorn refuses or waits."""
    unreader = IterUnreader([data])
    try:
        request = Request(CONFIG, unreader, CLIENT, 1)
        if request.should_close() or not hasattr(request.body.reader, "length"):
            return None
        _, environ = create(request, None, CLIENT, SERVER, CONFIG)
    except Exception:
        return None
    return environ, unreader.take_buffered(), request.body.reader.length


def by_the_short_way(data: bytes) -> tuple[dict[str, Any], bytes, int] | None:
    """The same by our own parser; None where it leaves the request to gunicorn."""
    unreader = IterUnreader([])
    request = read_plain(data, CONFIG, unreader, CLIENT)
    if request is None:
        assert not unreader.take_buffered(), "what is left to gunicorn has to be left untouched"
        return None
    environ = environ_of(request, template(CONFIG, None, CLIENT, SERVER), PlainAnswer(request, None, CONFIG))  # type: ignore[arg-type]
    assert not request.should_close()
    return environ, unreader.take_buffered(), request.body.reader.length


def told(environ: dict[str, Any]) -> dict[str, Any]:
    """What two environs can be compared by."""
    objects = {"wsgi.input", "wsgi.errors", "wsgi.early_hints", "gunicorn.socket", VIEWS, "wsgi.multithread"}
    return {name: value for name, value in environ.items() if name not in objects}


def differences(count: int, seed: int) -> tuple[int, list[bytes]]:
    """How many of so many requests took the short way, and those on which the two parsers differ."""
    chance = random.Random(seed)
    taken, found = 0, []
    for data in islice(iter(lambda: made_up(chance), None), count):
        ours = by_the_short_way(data)
        if ours is None:
            continue
        taken += 1
        theirs = by_gunicorn(data)
        if theirs is None or ours[1:] != theirs[1:] or told(ours[0]) != told(theirs[0]):
            found.append(data)
    return taken, found


def test_both_parsers_frame_every_request_alike() -> None:
    count = share(4_000, 120_000)
    taken, found = differences(count, seed=7)
    assert found == []
    assert taken > count // 20, "hardly any request was plain: this test has compared nothing"


@pytest.mark.parametrize(
    "field",
    ["Transfer-Encoding: chunked", "Expect: 100-continue", "Connection: close", "Upgrade: h2c", "Content-Length: +5",
     "A_b: c", "Host: y", "Script-Name: /a", "A : b", "A: b\nC: d"],
)  # fmt: skip
def test_what_is_unusual_is_left_to_gunicorn(field: str) -> None:
    data = f"GET / HTTP/1.1\r\nHost: x\r\n{field}\r\n\r\n".encode()
    assert by_the_short_way(data) is None


def test_what_programs_send_every_day_takes_the_short_way() -> None:
    head = b"PUT /dav/personal/a%20b HTTP/1.1\r\nHost: x\r\nUser-Agent: curl/8\r\nAccept: */*\r\n"
    head += b"X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"  # a proxy stands in front of most
    data = head + b"Authorization: Basic eA==\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhelloGET"
    found = by_the_short_way(data)
    assert found is not None
    environ, rest, length = found
    assert (environ["PATH_INFO"], environ["CONTENT_LENGTH"], rest, length) == ("/dav/personal/a b", "5", b"helloGET", 5)
