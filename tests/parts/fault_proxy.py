"""A store that misbehaves: a proxy on loopback in front of a real S3, which does to a request what a test tells it.

    proxy = FaultProxy(seaweed.port)
    store = open_objects(seaweed.url("files").replace(f":{seaweed.port}/", f":{proxy.port}/"))
    proxy.mode = LOST_PUT

Signatures hold, since what is signed is the host that the client names. Each connection carries one request.
"""

from __future__ import annotations

import hashlib
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

HOST = "127.0.0.1"
PASS = "pass"
REFUSE = "refuse"
"""Nobody listens."""
BLACK_HOLE = "black hole"
"""The request is taken, and nothing ever comes back."""
RESET = "reset"
"""The connection is reset after `after` bytes of the request's body have come."""
SLOW_DOWN = "503"
LOST_PUT = "lost put"
"""A PUT is answered as S3 answers it, with the right ETag, and never kept."""
UNHEARD_PUT = "unheard put"
"""A PUT is kept, and the connection ends before the answer."""
TRUNCATED = "truncated read"
"""A GET names the whole length and ends in the middle."""
SHORT = "short read"
"""A GET says that less is there than there is."""
ALTERED = "altered read"
"""One bit of a GET is another."""
STALE_LIST = "stale list"
"""A listing as it was when the mode began: empty."""
TRICKLE = "trickle"
"""A GET whose bytes come one by one, far apart."""

EMPTY_LIST = (
    b'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Name>b</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>"
    b"</ListBucketResult>"
)
BUSY = b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
PIECE = 64 << 10


class FaultProxy:
    """Listens until `end`. Set `mode` at any time; `asked` counts requests by mode."""

    def __init__(self, upstream: int) -> None:
        self.after = 0
        self.asked: dict[str, int] = {}
        self._mode = PASS
        self._upstream = upstream
        self._ended = threading.Event()
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True, name="fault proxy").start()

    @property
    def mode(self) -> str:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        if mode == REFUSE:
            self._listener.close()
        elif self._mode == REFUSE:
            self._listener = self._listen(self.port)
        self._mode = mode

    def end(self) -> None:
        self._ended.set()
        self._listener.close()

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(64)
        listener.settimeout(0.05)
        return listener

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except (TimeoutError, OSError):
                time.sleep(0.005)  # closed while nobody may listen
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            client.settimeout(60)
            head, body = _read_head(client)
            if not head:
                return
            mode = self._mode
            self.asked[mode] = self.asked.get(mode, 0) + 1
            act: Callable[[socket.socket, bytes, bytes], None] = getattr(self, f"_{mode.replace(' ', '_')}", self._pass)
            if mode == SLOW_DOWN:
                act = self._busy
            act(client, head, body)

    # what is done to a request ---------------------------------------------------------------------------------------
    def _pass(self, client: socket.socket, head: bytes, body: bytes) -> None:
        client.sendall(self._asked_upstream(client, head, body))

    def _black_hole(self, client: socket.socket, head: bytes, body: bytes) -> None:
        _read_body(client, head, body)
        while not self._ended.is_set() and client.recv(1) != b"":
            pass

    def _reset(self, client: socket.socket, head: bytes, body: bytes) -> None:
        while len(body) < min(self.after, _length(head)):
            body += client.recv(PIECE)
        _reset(client)

    def _busy(self, client: socket.socket, head: bytes, body: bytes) -> None:
        _read_body(client, head, body)
        client.sendall(_answer("503 Slow Down", BUSY))

    def _lost_put(self, client: socket.socket, head: bytes, body: bytes) -> None:
        if not head.startswith(b"PUT"):
            return self._pass(client, head, body)
        etag = hashlib.md5(_read_body(client, head, body)).hexdigest()
        client.sendall(_answer("200 OK", b"", f'ETag: "{etag}"\r\n'))
        return None

    def _unheard_put(self, client: socket.socket, head: bytes, body: bytes) -> None:
        if not head.startswith(b"PUT"):
            return self._pass(client, head, body)
        self._asked_upstream(client, head, body)
        _reset(client)
        return None

    def _truncated_read(self, client: socket.socket, head: bytes, body: bytes) -> None:
        self._cut(client, head, body, lambda told, content: told + content[: len(content) // 2])

    def _short_read(self, client: socket.socket, head: bytes, body: bytes) -> None:
        def shorten(told: bytes, content: bytes) -> bytes:
            half = content[: len(content) // 2]
            return re.sub(rb"(?i)content-length: \d+", b"Content-Length: %d" % len(half), told) + half

        self._cut(client, head, body, shorten)

    def _altered_read(self, client: socket.socket, head: bytes, body: bytes) -> None:
        def alter(told: bytes, content: bytes) -> bytes:
            changed = bytearray(content)
            changed[len(content) // 2] ^= 1
            return told + changed

        self._cut(client, head, body, alter)

    def _stale_list(self, client: socket.socket, head: bytes, body: bytes) -> None:
        if b"list-type=2" not in head.split(b"\r\n")[0]:
            return self._pass(client, head, body)
        client.sendall(_answer("200 OK", EMPTY_LIST))
        return None

    def _trickle(self, client: socket.socket, head: bytes, body: bytes) -> None:
        answer = self._asked_upstream(client, head, body)
        told, _, content = answer.partition(b"\r\n\r\n")
        client.sendall(told + b"\r\n\r\n")
        for byte in content:
            if self._ended.wait(0.2):
                return
            client.sendall(bytes([byte]))

    def _cut(self, client: socket.socket, head: bytes, body: bytes, change: Callable[[bytes, bytes], bytes]) -> None:
        """A GET of an object, answered otherwise than the store did."""
        answer = self._asked_upstream(client, head, body)
        told, _, content = answer.partition(b"\r\n\r\n")
        if head.startswith(b"GET") and b"list-type" not in head.split(b"\r\n")[0] and content:
            answer = change(told + b"\r\n\r\n", content)
        client.sendall(answer)

    def _asked_upstream(self, client: socket.socket, head: bytes, body: bytes) -> bytes:
        """The whole answer of the store, which ends the connection after it."""
        body = _read_body(client, head, body)
        with socket.create_connection((HOST, self._upstream), timeout=60) as store:
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"expect:"))]
            store.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
            answer = bytearray()
            while piece := store.recv(PIECE):
                answer += piece
        return bytes(answer)


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    data = bytearray()
    while b"\r\n\r\n" not in data:
        piece = client.recv(PIECE)
        if not piece:
            return b"", b""
        data += piece
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    return head, body


def _length(head: bytes) -> int:
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return int(found[1]) if found else 0


def _read_body(client: socket.socket, head: bytes, body: bytes) -> bytes:
    data = bytearray(body)
    while len(data) < _length(head):
        piece = client.recv(PIECE)
        if not piece:
            raise ConnectionResetError
        data += piece
    return bytes(data)


def _answer(status: str, body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n{more}"
    return head.encode() + b"Connection: close\r\n\r\n" + body


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
