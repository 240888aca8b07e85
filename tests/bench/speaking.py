"""A small, fast HTTP client for measuring: one connection that waits, or several driven by one loop."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

MIB = 1 << 20
NO_BODY = (204, 304)
Check = Callable[[int, bytes | memoryview], bool]


class Connection:
    """One kept-alive connection, opened again where the server has closed it."""

    def __init__(self, host: str, port: int, timeout: float = 120) -> None:
        self._where = (host, port)
        self._timeout = timeout
        self.reconnects = -1
        self.connect()

    def connect(self) -> None:
        self.reconnects += 1
        self.socket = socket.create_connection(self._where, timeout=self._timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def close(self) -> None:
        self.socket.close()

    def ask(self, request: bytes, *, counting: bool = False) -> tuple[int, bytes, int]:
        """Send a request and take its answer; once more where a kept-alive connection had ended."""
        try:
            self.socket.sendall(request)
            return self.answer(counting=counting)
        except ConnectionError:
            self.close()
            self.connect()
            self.socket.sendall(request)
            return self.answer(counting=counting)

    def answer(self, *, counting: bool = False) -> tuple[int, bytes, int]:
        """Status, body and its length; with `counting` the body is only counted."""
        head, rest = self._head()
        status = int(head[9:12])
        lower = head.lower()
        parts: list[bytes] = []
        if status in NO_BODY:
            self._held, size = rest, 0
        elif b"transfer-encoding: chunked" in lower:
            size = self._chunks(rest, parts, counting)
        else:
            length = int(_field(lower, b"content-length:") or b"0")
            size = self._exactly(rest, length, parts, counting)
        if b"\r\nconnection: close" in lower:
            self.close()
            self.connect()
        return status, b"".join(parts), size

    def _head(self) -> tuple[bytes, bytes]:
        held = self._held
        while True:
            end = held.find(b"\r\n\r\n")
            if end >= 0 and held[9:12] == b"100":
                held = held[end + 4 :]
                continue
            if end >= 0:
                return held[:end], held[end + 4 :]
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("closed before an answer")
            held += piece

    def _exactly(self, held: bytes, length: int, parts: list[bytes], counting: bool) -> int:
        got = min(length, len(held))
        if not counting:
            parts.append(held[:got])
        self._held = held[got:]
        buffer = memoryview(bytearray(min(MIB, length)))
        while got < length:
            count = self.socket.recv_into(buffer, min(len(buffer), length - got))
            if not count:
                raise ConnectionError("closed within a body")
            if not counting:
                parts.append(bytes(buffer[:count]))
            got += count
        return length

    def _chunks(self, held: bytes, parts: list[bytes], counting: bool) -> int:
        total = 0
        while True:
            while b"\r\n" not in held:
                held += self._more()
            line, _, held = held.partition(b"\r\n")
            size = int(line.split(b";")[0], 16)
            while len(held) < size + 2:
                held += self._more()
            if not counting:
                parts.append(held[:size])
            total += size
            held = held[size + 2 :]
            if not size:
                self._held = held
                return total

    def _more(self) -> bytes:
        piece = self.socket.recv(MIB)
        if not piece:
            raise ConnectionError("closed within a chunk")
        return piece


@dataclass
class Tally:
    """What came of many requests. Times in seconds."""

    times: list[float] = field(default_factory=list)
    bad: int = 0
    example: str = ""
    reconnects: int = 0
    wall: float = 0.0

    def took(self, status: int, body: bytes | memoryview, seconds: float, right: bool) -> None:
        self.times.append(seconds)
        if not right:
            self.fail(f"{status} {bytes(body[:100])!r}")

    def fail(self, example: str) -> None:
        self.bad += 1
        self.example = self.example or example

    def told(self) -> dict[str, object]:
        times = sorted(self.times)
        count = len(times)
        found: dict[str, object] = {
            "ops": count,
            "ops_s": round((count - self.bad) / self.wall, 1) if self.wall else 0,
            "p50_ms": round(times[count // 2] * 1e3, 3) if count else None,
            "p99_ms": round(times[int(count * 0.99)] * 1e3, 3) if count else None,
            "bad": self.bad,
            "reconnects": self.reconnects,
        }
        return found | ({"bad_example": self.example[:200]} if self.example else {})


@dataclass
class _Line:
    """One of several connections: which request it is at, and what of the answer has come."""

    connection: Connection
    number: int = 0
    began: float = 0.0
    held: bytearray = field(default_factory=bytearray)
    end: int = -1
    head: int = 0

    def send(self, number: int, request: bytes) -> None:
        self.number, self.began = number, time.perf_counter()
        self.held, self.end = bytearray(), -1
        self.connection.socket.sendall(request)

    def take(self) -> bool:
        """Read what is there; True where the answer is whole."""
        piece = self.connection.socket.recv(262_144)
        if not piece:
            raise ConnectionError("closed")
        self.held += piece
        if self.end < 0:
            head = self.held.find(b"\r\n\r\n")
            if head < 0:
                return False
            lower = bytes(self.held[:head]).lower()
            if b"transfer-encoding: chunked" in lower:
                raise RuntimeError("an answer in chunks was not expected here")
            self.head = head + 4
            length = 0 if self.status in NO_BODY else int(_field(lower, b"content-length:") or b"0")
            self.end = self.head + length
        return len(self.held) >= self.end

    @property
    def status(self) -> int:
        return int(self.held[9:12])


def one_by_one(
    connection: Connection, requests: Sequence[bytes], good: Sequence[int], check: Check | None, until: float
) -> Tally:
    """Each request after the answer to the one before."""
    tally = Tally()
    begin = time.perf_counter()
    for number, request in enumerate(requests):
        sent = time.perf_counter()
        if sent > until:
            break
        status, body, _ = connection.ask(request)
        seconds = time.perf_counter() - sent
        tally.took(status, body, seconds, status in good and (check is None or check(number, body)))
    tally.wall = time.perf_counter() - begin
    tally.reconnects = connection.reconnects
    return tally


def several(
    open_one: Callable[[], Connection],
    connections: int,
    requests: Sequence[bytes],
    good: Sequence[int],
    check: Check | None,
    until: float,
) -> Tally:
    """The requests over so many connections at once, each sending its next as soon as it is answered."""
    tally, poll, lines = Tally(), select.epoll(), {}
    ahead = iter(enumerate(requests))
    begin = time.perf_counter()

    def go_on(line: _Line) -> None:
        number, request = next(ahead, (-1, b""))
        if number < 0 or time.perf_counter() > until:
            lines.pop(line.connection.socket.fileno(), None)
            poll.unregister(line.connection.socket)
            line.connection.close()
        else:
            line.send(number, request)

    for _ in range(connections):
        line = _Line(open_one())
        lines[line.connection.socket.fileno()] = line
        poll.register(line.connection.socket, select.EPOLLIN)
        go_on(line)
    while lines:
        for descriptor, _ in poll.poll(60):
            line = lines[descriptor]
            try:
                if not line.take():
                    continue
            except ConnectionError:
                _again(poll, lines, descriptor, line, requests)
                tally.reconnects += 1
                continue
            body = memoryview(line.held)[line.head : line.end]
            right = line.status in good and (check is None or check(line.number, body))
            tally.took(line.status, body, time.perf_counter() - line.began, right)
            go_on(line)
    tally.wall = time.perf_counter() - begin
    poll.close()
    return tally


def _again(
    poll: select.epoll, lines: dict[int, _Line], descriptor: int, line: _Line, requests: Sequence[bytes]
) -> None:
    """A kept-alive connection has ended: the same request on a new one."""
    poll.unregister(descriptor)
    del lines[descriptor]
    line.connection.close()
    line.connection.connect()
    lines[line.connection.socket.fileno()] = line
    poll.register(line.connection.socket, select.EPOLLIN)
    line.send(line.number, requests[line.number])


def _field(lower_head: bytes, name: bytes) -> bytes:
    _, found, rest = lower_head.partition(b"\r\n" + name)
    return rest.partition(b"\r\n")[0].strip() if found else b""
