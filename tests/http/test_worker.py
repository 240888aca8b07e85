"""The worker class on a real connection: framing stays honest, refusals arrive, nobody is waited for for ever."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from hashlib import sha256

import pytest

from tests.http.serving import FILLED, REASON
from tests.parts.instances import end_with_parent, free_port
from tests.parts.services import ROOT
from workspace.http.worker import BRISK

pytestmark = pytest.mark.slow

PATIENCE = 60.0
MORE_THAN_BUFFERS = 1500
"""Answers of 16 KiB, in two directions: more than both ends of a connection on loopback hold."""


class Line:
    """A connection spoken byte by byte."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._held = b""

    def say(self, *pieces: bytes) -> None:
        self.socket.sendall(b"".join(pieces))

    def head(self) -> tuple[int, dict[bytes, bytes]]:
        """The next status and its header fields."""
        while b"\r\n\r\n" not in self._held:
            self._more()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        return int(first.split()[1]), fields

    def answer(self) -> tuple[int, bytes]:
        """The next whole answer: status and body."""
        status, fields = self.head()
        length = int(fields[b"content-length"])
        while len(self._held) < length:
            self._more()
        body, self._held = self._held[:length], self._held[length:]
        return status, body

    def rest(self, length: int, expected: bytes) -> None:
        """The body of the answer whose head was read."""
        while len(self._held) < length:
            self._more()
        body, self._held = self._held[:length], self._held[length:]
        assert body == expected

    def until_ended(self) -> bytes:
        """All that still comes."""
        with suppress(ConnectionResetError):
            while piece := self.socket.recv(1 << 16):
                self._held += piece
        return self._held

    def asks(self, path: str) -> tuple[int, bytes]:
        self.say(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
        return self.answer()

    def ended(self) -> bool:
        """Whether the other side has closed and said nothing more."""
        try:
            return not self._held and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _more(self) -> None:
        piece = self.socket.recv(1 << 16)
        assert piece, f"the connection ended after {self._held!r}"
        self._held += piece


def serving(threads: int, lean: int, workers: int = 1) -> Generator[int]:
    port = free_port()
    command = [sys.executable, "-m", "tests.http.serving", *map(str, (port, threads, lean, workers))]
    process = subprocess.Popen(command, cwd=ROOT, preexec_fn=end_with_parent)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                Line(port).socket.close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)  # a server says nowhere else that it listens
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module", params=[1, 0], ids=["short way", "gunicorn's way"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    yield from serving(threads=4, lean=request.param)


@pytest.fixture(scope="module")
def lone_port() -> Iterator[int]:
    yield from serving(threads=1, lean=1)


def put(path: str, body: bytes, *fields: bytes) -> bytes:
    head = b"".join(b"%s\r\n" % field for field in fields)
    return b"PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s" % (path.encode(), len(body), head, body)


GET = b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("path", ["/hash", "/input"])
@pytest.mark.parametrize("size", [0, 1, 20, 65_400, 65_536, 300_000, 3_000_001])
def test_a_body_and_the_request_behind_it_stay_apart(port: int, path: str, size: int) -> None:
    body = os.urandom(size)
    line = Line(port)
    line.say(put(path, body), GET, put(path, body[::-1]), GET)
    for sent in (body, body[::-1]):
        assert line.answer() == (200, sha256(sent).hexdigest().encode())
        assert line.answer() == (200, b"/next")


def test_a_body_that_was_not_read_is_not_taken_for_a_request(port: int) -> None:
    line = Line(port)
    line.say(put("/unread", GET * 30), GET)
    assert line.answer() == (200, b"/unread")
    assert line.answer() == (200, b"/next")


def test_chunks_of_unknown_number_are_read(port: int) -> None:
    line = Line(port)
    line.say(
        b"PUT /hash HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        GET,
    )
    assert line.answer() == (200, sha256(b"hello world").hexdigest().encode())
    assert line.answer() == (200, b"/next")


def test_a_refused_upload_is_never_asked_for(port: int) -> None:
    line = Line(port)
    line.say(b"PUT /refuse HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n")
    assert line.answer() == (403, REASON)
    assert line.ended()


def test_a_welcome_upload_is_asked_for_once(port: int) -> None:
    line = Line(port)
    line.say(b"PUT /hash HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert line.head()[0] == 100
    line.say(b"hello", GET)
    assert line.answer() == (200, sha256(b"hello").hexdigest().encode())
    assert line.answer() == (200, b"/next")


def test_the_reason_of_a_refusal_reaches_who_sends_on(port: int) -> None:
    line = Line(port)
    line.say(put("/refuse", bytes(20 << 20)))  # all of it, before a byte of the answer is read
    assert line.answer() == (403, REASON)
    assert line.ended()


@pytest.mark.parametrize("unusual", [b"", b"Te: trailers\r\n"], ids=["short way", "gunicorn's way"])
def test_an_answer_says_that_no_request_can_follow_it(port: int, unusual: bytes) -> None:
    """Else a program would send its next request into a connection that is being closed."""
    line, size = Line(port), 1 << 20
    line.say(b"PUT /refuse HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n" % (unusual, size), bytes(size))
    status, fields = line.head()
    assert (status, fields[b"connection"]) == (403, b"close")


@pytest.mark.parametrize("path", ["/hash", "/input"])
def test_a_body_cut_short_ends_the_connection(port: int, path: str) -> None:
    line = Line(port)
    line.say(put(path, bytes(1000))[:-10])
    line.socket.shutdown(socket.SHUT_WR)
    status, told = line.answer()
    assert (status, told) == (400, b"length_mismatch") if path == "/hash" else status == 200
    assert line.ended()


def test_a_body_that_never_comes_is_given_up(port: int) -> None:
    line = Line(port)
    line.say(put("/hash", bytes(1000))[:-10])
    assert line.answer() == (408, b"too_slow")
    assert line.ended()


def test_a_body_that_trickles_is_given_up(port: int) -> None:
    line = Line(port)
    line.say(b"PUT /input HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
    stop = threading.Event()

    def trickle() -> None:
        while not stop.wait(0.2):
            try:
                line.say(b"x")
            except OSError:
                return

    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        assert line.answer() == (408, b"too_slow")
    finally:
        stop.set()
        sender.join()


def test_a_head_that_trickles_is_given_up(port: int) -> None:
    line = Line(port)
    with pytest.raises(OSError, match=r"[Pp]ipe|reset"):  # noqa: PT012 - one of the last bytes finds nobody
        line.say(b"GET / HTTP/1.1\r\n")
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            line.say(b"x")
            time.sleep(0.1)


@pytest.mark.parametrize(
    "request_",
    [b"GET / HTTP/1.1\nHost: x\n\n", b"GET /\x00 HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000],
)
def test_what_can_be_no_request_is_refused_at_once(port: int, request_: bytes) -> None:
    line = Line(port)
    line.say(request_)
    assert 400 <= line.head()[0] < 500


def test_a_busy_connection_makes_nobody_wait(lone_port: int) -> None:
    busy, other = Line(lone_port), Line(lone_port)
    stop, answered = threading.Event(), []

    def work() -> None:
        while not stop.is_set():
            busy.say(GET)
            answered.append(busy.answer())

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for _ in range(20):
            other.say(GET)
            assert other.answer() == (200, b"/next")
    finally:
        stop.set()
        worker.join()
    assert set(answered) == {(200, b"/next")}


def get(path: str) -> bytes:
    return b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode()


def at_hand(line: Line, name: object) -> bytes:
    """Ask for what is at hand, see that it comes whole, and tell which thread answered."""
    path = f"/at-hand/{name}"
    line.say(get(path))
    status, fields = line.head()
    assert status == 200
    line.rest(FILLED, path.encode().ljust(FILLED))
    return fields[b"x-thread"]


@pytest.fixture
def brisk(lone_port: int) -> Line:
    """A connection that has read so many small things that the poller's thread answers it."""
    line = Line(lone_port)
    threads = [at_hand(line, number) for number in range(BRISK)]
    assert threads == [b"another"] * BRISK
    assert at_hand(line, "more") == b"the poller's"
    return line


def test_what_is_at_hand_needs_no_other_thread(brisk: Line, lone_port: int) -> None:
    assert {at_hand(brisk, number) for number in range(100)} == {b"the poller's"}
    other = Line(lone_port)
    other.say(put("/hash", b"x" * 100_000)[:-1])  # holds the one thread there is
    assert {at_hand(brisk, number) for number in range(100)} == {b"the poller's"}
    other.say(b"x")
    assert other.answer() == (200, sha256(b"x" * 100_000).hexdigest().encode())


def test_what_is_not_at_hand_comes_from_another_thread_on_the_same_connection(brisk: Line) -> None:
    brisk.say(get("/else"))
    assert brisk.head()[1][b"x-thread"] == b"another"
    brisk.rest(5, b"/else")
    assert [at_hand(brisk, number) for number in range(BRISK + 1)] == [b"another"] * BRISK + [b"the poller's"]


def test_what_cannot_be_told_at_once_after_all_is_told_by_another_thread(brisk: Line) -> None:
    assert at_hand(brisk, "x/broken") == b"another"
    assert at_hand(brisk, "x") == b"another"


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_a_head_in_two_pieces_is_put_together(brisk: Line, cut: int) -> None:
    whole = get("/at-hand/pieces")
    brisk.say(whole[:cut])
    time.sleep(0.05)  # that the first piece has been taken alone is the point
    brisk.say(whole[cut:])
    assert brisk.answer() == (200, b"/at-hand/pieces".ljust(FILLED))


def test_requests_that_come_together_are_answered_in_their_order(brisk: Line) -> None:
    for _ in range(20):
        brisk.say(get("/at-hand/1"), get("/at-hand/2"), put("/hash", b"three"), get("/at-hand/4"))
        assert brisk.answer() == (200, b"/at-hand/1".ljust(FILLED))
        assert brisk.answer() == (200, b"/at-hand/2".ljust(FILLED))
        assert brisk.answer() == (200, sha256(b"three").hexdigest().encode())
        assert brisk.answer() == (200, b"/at-hand/4".ljust(FILLED))


def fill(line: Line, count: int) -> bytes:
    """Ask without reading; what the answers' bodies are together."""
    for number in range(count):
        line.say(get(f"/at-hand/{number}"))
    return b"".join(f"/at-hand/{number}".encode().ljust(FILLED) for number in range(count))


def test_a_reader_who_takes_nothing_for_a_while_misses_nothing(brisk: Line) -> None:
    expected = fill(brisk, MORE_THAN_BUFFERS)
    for start in range(0, len(expected), FILLED):
        assert brisk.answer() == (200, expected[start : start + FILLED])


def test_a_reader_who_takes_nothing_at_all_is_cut_and_holds_nobody_up(lone_port: int, brisk: Line) -> None:
    expected = fill(brisk, MORE_THAN_BUFFERS)
    assert Line(lone_port).asks("/at-hand/meanwhile")[0] == 200  # once the one thread there is has given up on them
    came = brisk.until_ended()
    bodies = b"".join(one.partition(b"\r\n\r\n")[2] for one in came.split(b"HTTP/1.1 200 OK")[1:])
    assert FILLED < len(bodies) < len(expected)
    assert expected.startswith(bodies)


def test_a_sender_who_leaves_takes_only_their_own_connection_along(brisk: Line, lone_port: int) -> None:
    brisk.say(get("/at-hand/gone"))
    brisk.socket.close()
    assert Line(lone_port).asks("/at-hand/there") == (200, b"/at-hand/there".ljust(FILLED))
