"""The worker class: gunicorn's threads, which stay a moment with their connection, hear refused senders out, and wait
for nobody for ever.

What gunicorn's gthread does not do, and this does:

- Giving a connection back to the poller and getting it again costs more than a small request. A thread lingers on its
  connection for up to 20 ms while nobody else waits for a thread.
- `100 Continue` is sent when the body is first read (RFC 9110 section 10.1.1), so that a refused upload never begins.
- The end of a connection is half-closed and read out for some seconds (RFC 9112 section 9.6): closing on unread bytes
  would reset it, and the reason of the refusal would be lost on the way.
- A plain request takes a short way (`lean.py`).
- Heads must be whole within a time, bodies keep a pace (`incoming.py`), and nothing stands still for ever.
"""

import os
import select
import socket
import ssl
import struct
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from errno import ECONNRESET
from typing import Any

from gunicorn.workers.gthread import _DEFER, DEFAULT_WORKER_DATA_TIMEOUT, TConn, ThreadWorker

from workspace.http.incoming import Incoming, PacedUnreader, ends_connection
from workspace.http.lean import PlainAnswer, PlainRequest, environ_of, read_plain, template

LINGER = 20
"""Milliseconds that a thread stays with a connection on which nothing comes."""
HEAD_TIME = 15.0
HEARD_OUT = 5.0
IDLE = 1.0
LONGEST_HEAD = 1 << 16
_REFUSED = b"HTTP/1.1 %b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Worker(ThreadWorker):
    """Named in gunicorn's `worker_class`; its application has `settings`."""

    alive: bool
    wsgi: Callable[..., Any]

    def init_process(self) -> None:
        self._waiting: deque[TConn] = deque()
        self._patience = int(self.app.settings.patience)
        self._slowest = int(self.app.settings.slowest)
        # a SCRIPT_NAME moves the application; gunicorn's own way knows how
        self._lean = bool(self.app.settings.lean) and not os.environ.get("SCRIPT_NAME")
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
        if conn.is_http2:
            return super().handle(conn)
        while (head := self._head(conn)) is not None:
            if self._answer(conn, head) is not True:
                break
            if not self._lingers(conn):
                return True
        _hang_up(conn)
        return False

    def _answer(self, conn: TConn, head: bytes) -> Any:
        """Answer the request that begins so, by the short way where it is plain."""
        unreader = conn.parser.unreader
        if self._lean and isinstance(conn.server, tuple):
            request = read_plain(head, self.cfg, unreader, conn.client)
            if request is not None:
                return self._answer_plain(conn, request)
        unreader.unread(head)
        return super().handle(conn)

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

    def _head(self, conn: TConn) -> bytes | None:
        """What came until the head of a request was whole, or such that gunicorn can refuse it; None where its sender
        has gone or dawdles."""
        conn.sock.setblocking(True)
        unreader = conn.parser.unreader
        data = unreader.take_buffered()
        until = time.monotonic() + HEAD_TIME
        try:
            while not _is_head(data):
                if len(data) > LONGEST_HEAD:
                    conn.sock.sendall(_REFUSED % b"431 Request Header Fields Too Large")
                    return None
                piece = conn.sock.recv(LONGEST_HEAD)
                if data and time.monotonic() > until:
                    conn.sock.sendall(_REFUSED % b"408 Request Timeout")
                    return None
                if not piece:
                    return None
                data += piece
        except OSError:
            return None
        return bytes(data)

    def _lingers(self, conn: TConn) -> bool:
        """Stay with the connection for a moment; True where its next request has begun."""
        if conn.parser.unreader.buf.getvalue():
            return True
        if not self.alive or self._waiting:
            return False
        poller = select.poll()
        poller.register(conn.sock, select.POLLIN)
        return bool(poller.poll(LINGER))

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = _saying_when_it_ends(self.wsgi)

    # requests ----------------------------------------------------------------------------------------------------
    def _answer_plain(self, conn: TConn, request: PlainRequest) -> bool:
        """As gunicorn's `handle` and `handle_request`; True where the connection can be used again."""
        conn.parser.mesg = request
        answer = PlainAnswer(request, conn.sock, self.cfg)
        try:
            self._serve(conn, request, answer)
        except OSError as error:
            self.log.debug("The connection is gone: %s", error)
            return False
        except Exception as error:
            if answer.headers_sent:
                self.log.exception("Error handling request")  # what was begun stays short: it is seen to be broken
            else:
                self.handle_error(request, conn.sock, conn.client, error)
            return False
        if answer.should_close():
            return False
        return not request.length or bool(self._keepalive_after(conn, True))

    def _serve(self, conn: TConn, request: PlainRequest, answer: PlainAnswer) -> None:
        environ: dict[str, Any] = {}
        try:
            self.cfg.pre_request(self, request)
            began = datetime.now()  # noqa: DTZ005 - gunicorn's access log takes the difference of two of them
            if self._begins_no_other(conn):
                answer.force_close()
            incoming = Incoming(request.body, conn.parser.unreader, self._slowest, None) if request.length else None
            if not hasattr(conn, "beginning"):
                conn.beginning = template(self.cfg, conn.sock, conn.client, conn.server)
            environ = environ_of(request, conn.beginning, answer)
            pieces = self.wsgi(environ, answer.start_response)
            try:
                for piece in pieces:
                    answer.write(piece)
                answer.close()
            finally:
                if incoming is not None:
                    incoming.close()
                self.log.access(answer, request, environ, datetime.now() - began)  # noqa: DTZ005
                if hasattr(pieces, "close"):
                    pieces.close()
        finally:
            try:
                self.cfg.post_request(self, request, environ, answer)
            except Exception:
                self.log.exception("Exception in post_request hook")

    def _begins_no_other(self, conn: TConn) -> bool:
        """Count the request; whether it is the last on its connection."""
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        return not self.alive or not self.cfg.keepalive or len(self.keepalived_conns) >= self.max_keepalived

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


def _saying_when_it_ends(application: Callable[..., Any]) -> Callable[..., Any]:
    """The application, and `Connection: close` with an answer that leaves much of a body unread."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        pieces = application(environ, start_response)
        if ends_connection(environ):
            start_response.__self__.force_close()  # gunicorn's response, and ours
        return pieces

    return answer


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
