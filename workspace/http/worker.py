"""The worker class: gunicorn's threads, which stay a moment with their connection, hear refused senders out, and wait
for nobody for ever.

What gunicorn's gthread does not do, and this does:

- Giving a connection back to the poller and getting it again costs more than a small request. A thread lingers on its
  connection for up to 20 ms while nobody else waits for a thread.
- `100 Continue` is sent when the body is first read (RFC 9110 section 10.1.1), so that a refused upload never begins.
- The end of a connection is half-closed and read out for some seconds (RFC 9112 section 9.6): closing on unread bytes
  would reset it, and the reason of the refusal would be lost on the way.
- Heads must be whole within a time, bodies keep a pace (`incoming.py`), and nothing stands still for ever.
"""

import select
import socket
import ssl
import struct
import time
from collections import deque
from concurrent.futures import Future
from errno import ECONNRESET
from typing import Any

from gunicorn.workers.gthread import _DEFER, DEFAULT_WORKER_DATA_TIMEOUT, TConn, ThreadWorker

from workspace.http.incoming import Incoming, PacedUnreader

LINGER = 20
"""Milliseconds that a thread stays with a connection on which nothing comes."""
HEAD_TIME = 15.0
HEARD_OUT = 5.0
IDLE = 1.0
LONGEST_HEAD = 1 << 16
_REFUSED = b"HTTP/1.1 %b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Worker(ThreadWorker):
    """Named in gunicorn's `worker_class`; its application has `settings`."""

    def init_process(self) -> None:
        self._waiting: deque[TConn] = deque()
        self._patience = int(self.app.settings.patience)
        self._slowest = int(self.app.settings.slowest)
        super().init_process()

    # connections -------------------------------------------------------------------------------------------------
    def enqueue_req(self, conn: TConn) -> None:
        self._waiting.append(conn)
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """Answer what comes on a connection, in a thread; True where it may rest in the poller until more comes."""
        self._waiting.popleft()  # whichever it was: what counts is how many there are
        if self.cfg.is_ssl:
            return super().handle(conn)
        if not conn.initialized:
            if not conn.data_ready and not conn.wait_for_data(DEFAULT_WORKER_DATA_TIMEOUT):
                return _DEFER
            self._begin(conn)
        while self._head_is_there(conn):
            if super().handle(conn) is not True:
                break
            if not self._lingers(conn):
                return True
        _hang_up(conn)
        return False

    def finish_request(self, conn: TConn, future: Future[Any]) -> None:
        if conn.sock.fileno() < 0:  # its thread has closed it
            self.nr_conns -= 1
            return
        super().finish_request(conn, future)

    def _begin(self, conn: TConn) -> None:
        """Neither a silent sender nor a reader who takes nothing holds a thread for ever."""
        span = struct.pack("@ll", self._patience, 0)
        for side in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            conn.sock.setsockopt(socket.SOL_SOCKET, side, span)
        conn.init()
        if not conn.is_http2:
            conn.parser.unreader = PacedUnreader(conn.sock)

    def _head_is_there(self, conn: TConn) -> bool:
        """Read ahead until the head of a request is whole, or so that gunicorn can refuse it; False where its sender
        has gone or dawdles."""
        conn.sock.setblocking(True)
        if conn.is_http2:
            return True
        unreader = conn.parser.unreader
        data = unreader.take_buffered()
        until = time.monotonic() + HEAD_TIME
        try:
            while not _is_head(data):
                if len(data) > LONGEST_HEAD:
                    conn.sock.sendall(_REFUSED % b"431 Request Header Fields Too Large")
                    return False
                piece = conn.sock.recv(LONGEST_HEAD)
                if data and time.monotonic() > until:
                    conn.sock.sendall(_REFUSED % b"408 Request Timeout")
                    return False
                if not piece:
                    return False
                data += piece
        except OSError:
            return False
        unreader.unread(data)
        return True

    def _lingers(self, conn: TConn) -> bool:
        """Stay with the connection for a moment; True where its next request has begun."""
        if conn.parser.unreader.buf.getvalue():
            return True
        if not self.alive or self._waiting:
            return False
        poller = select.poll()
        poller.register(conn.sock, select.POLLIN)
        return bool(poller.poll(LINGER))

    # requests ----------------------------------------------------------------------------------------------------
    def handle_request(self, req: Any, conn: TConn) -> Any:
        invite = None
        if req._expected_100_continue:
            # gunicorn would say it before the application has seen the request
            req._expected_100_continue = False
            closes, req.must_close = req.must_close, True

            def invite() -> None:
                req.must_close = closes
                conn.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

        incoming = Incoming(req.body, conn.parser.unreader, self._slowest, invite)
        try:
            return super().handle_request(req, conn)
        except BlockingIOError as error:
            # SO_SNDTIMEO has run out; to gunicorn it is a peer that has gone
            raise ConnectionResetError(ECONNRESET, "the reader takes nothing") from error
        finally:
            incoming.close()


def _is_head(data: bytes) -> bool:
    # a bare LF never becomes a head: gunicorn refuses it at once
    return b"\r\n\r\n" in data or data.count(b"\n") != data.count(b"\r\n")


def _hang_up(conn: TConn) -> None:
    """Close so that the last answer arrives."""
    until = time.monotonic() + HEARD_OUT
    try:
        conn.sock.shutdown(socket.SHUT_WR)
        conn.sock.settimeout(IDLE)
        scrap = bytearray(LONGEST_HEAD)
        while conn.sock.recv_into(scrap) and time.monotonic() < until:
            pass
    except (OSError, ssl.SSLError):
        pass  # gone already
    finally:
        conn.close()
