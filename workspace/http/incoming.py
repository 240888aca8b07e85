"""The body of a request on its way in: invited, watched for its pace, and read straight from the connection.

`wsgi.input` of gunicorn hands every byte through buffers of its own, which costs a large upload half its speed. Under
our worker (`worker.py`) a body of known length goes from the socket into the caller's buffer. For chunked bodies, under
TLS and on other servers `body_pieces` reads `wsgi.input`, and nobody sees a difference but the clock.
"""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from gunicorn.http.unreader import SocketUnreader

from workspace.kernel.errors import LengthMismatch, TooLarge, TooSlow

PIECE = 1 << 20
DRAINED = 1 << 16
"""So much of a body that nobody reads is read out, so that the connection can be used again."""
FIRST = 30.0
"""Seconds in which a body may be as slow as it likes."""


class PacedUnreader(SocketUnreader):
    """gunicorn's reader of a connection, which tells the body on its way of every piece that came."""

    incoming: "Incoming | None" = None

    def chunk(self, size_hint: int | None = None) -> bytes:
        if self.incoming is None:
            return bytes(super().chunk(size_hint))
        try:
            data = bytes(super().chunk(size_hint))
        except BlockingIOError:  # SO_RCVTIMEO has run out
            raise TooSlow() from None
        self.incoming.watch(len(data))
        return data


class Incoming:
    """Stands between gunicorn's `Body` and its reader, for one request, until `close`.

    `invite` is called before the first byte is read: a client that asked (Expect: 100-continue) sends its body only
    then, and not at all where it is refused before. `slowest` is the least pace, in bytes a second on average.
    """

    def __init__(self, body: Any, unreader: PacedUnreader, slowest: int, invite: Callable[[], None] | None) -> None:
        self._body = body
        self._reader = body.reader
        self._unreader = unreader
        self._slowest = slowest
        self._invite = invite
        self._began = 0.0
        self._came = 0
        # gunicorn's reader of a body whose length is known has a length; only such a one can be read past it
        self.direct = hasattr(self._reader, "length")
        body.reader = self
        unreader.incoming = self

    @property
    def left(self) -> int:
        """How many bytes of a body of known length nobody has read."""
        return int(self._reader.length) if self.direct else 0

    def close(self) -> None:
        """The request is answered: what is read from now on is thrown away, or the next request's."""
        self._unreader.incoming = None

    def read(self, size: int) -> bytes:
        """For gunicorn's `Body`. Raises TooSlow."""
        self._begin()
        data: bytes = self._reader.read(size)
        return data

    def watch(self, size: int) -> None:
        """So many bytes more came. Raises TooSlow."""
        self._came += size
        passed = time.monotonic() - self._began
        if passed > FIRST and self._came < passed * self._slowest:
            self._body.failed = True
            raise TooSlow()

    def fill(self, buffer: memoryview) -> int:
        """Read the next bytes of a body of known length into `buffer`; how many came, 0 at the end or where the
        connection has broken off. Raises TooSlow.
        """
        wanted = min(len(buffer), self._reader.length)
        if not wanted:
            return 0
        self._begin()
        got = self._take_read_ahead(buffer[:wanted])
        if got < wanted:
            try:
                # waits for all of it: every wake-up would cost a turn at the interpreter's lock
                got += self._unreader.sock.recv_into(buffer[got:wanted], wanted - got, socket.MSG_WAITALL)
            except BlockingIOError:
                self._body.failed = True
                raise TooSlow() from None
            except OSError:
                self._body.failed = True
                raise
        self._reader.length -= got
        if not got:
            self._body.failed = True  # no other request can begin on this connection
        elif self._reader.length:
            self.watch(got)
        return got

    def _take_read_ahead(self, buffer: memoryview) -> int:
        """What gunicorn has read beyond the head; what lies beyond the body is the next request's and goes back."""
        held = self._unreader.take_buffered()
        got = min(len(held), len(buffer))
        buffer[:got] = held[:got]
        if got < len(held):
            self._unreader.unread(held[got:])
        return got

    def _begin(self) -> None:
        if not self._began:
            self._began = time.monotonic()
            if self._invite is not None:
                self._invite()


def ends_connection(environ: dict[str, Any]) -> bool:
    """Whether so much of a request's body was left that no other request can follow it: the answer has to say so, or
    its sender would use a connection that is being closed."""
    incoming = getattr(environ["wsgi.input"], "reader", None)
    return isinstance(incoming, Incoming) and incoming.left > DRAINED


def body_pieces(source: Any, length: int | None, limit: int) -> Iterator[memoryview]:
    """The raw body of a request (its `wsgi.input`) in pieces of up to 1 MiB; each is valid until the next step.

    `length` is what the sender announced (None: chunked). Raises TooLarge beyond `limit` bytes, LengthMismatch where
    the connection ended early, TooSlow.
    """
    if length is not None and length > limit:
        raise TooLarge(limit=limit)
    incoming = getattr(source, "reader", None)
    if length is None:
        return _read(source, limit)
    if isinstance(incoming, Incoming) and incoming.direct and not source.buf.tell():
        return _whole(incoming.fill, length)
    return _whole(_reading_into(source), length)


def _whole(fill: Callable[[memoryview], int], length: int) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(min(PIECE, length)))
    taken = 0
    while taken < length:
        got = fill(buffer[: length - taken])
        if not got:
            raise LengthMismatch(announced=length, came=taken)
        taken += got
        yield buffer[:got]


def _reading_into(source: Any) -> Callable[[memoryview], int]:
    def fill(buffer: memoryview) -> int:
        piece = source.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    return fill


def _read(source: Any, limit: int) -> Iterator[memoryview]:
    taken = 0
    while piece := source.read(PIECE):
        taken += len(piece)
        if taken > limit:
            raise TooLarge(limit=limit)
        yield memoryview(piece)
