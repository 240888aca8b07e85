"""The worker class: gunicorn's threads, which stay a moment with their connection, hear refused senders out, and wait
for nobody for ever.

What gunicorn's gthread does not do, and this does:

- Giving a connection back to the poller and getting it again costs more than a small request. A thread lingers on its
  connection for up to 20 ms while nobody else waits for a thread.
- `100 Continue` is sent when the body is first read (RFC 9110 section 10.1.1), so that a refused upload never begins.
- The end of a connection is half-closed and read out for some seconds (RFC 9112 section 9.6): closing on unread bytes
  would reset it, and the reason of the refusal would be lost on the way.
- A plain request takes a short way (`lean.py`).
- Small files that are read one after the other are answered by the thread that waits for all connections: threads that
  hand the interpreter to each other spend more on that than on the answer.
- Heads must be whole within a time, bodies keep a pace (`incoming.py`), and nothing stands still for ever.
"""

import os
import select
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from errno import ECONNRESET
from typing import Any

from gunicorn.workers.gthread import _DEFER, DEFAULT_WORKER_DATA_TIMEOUT, TConn, ThreadWorker

from workspace.http.fair_share import FairShare
from workspace.http.incoming import Incoming, PacedUnreader, ends_connection
from workspace.http.lean import (
    AT_HAND,
    LONGEST,
    Eager,
    PlainAnswer,
    PlainRequest,
    environ_of,
    is_alone,
    read_plain,
    template,
)

LINGER = 20
"""Milliseconds that a thread stays with a connection on which nothing comes."""
HEAD_TIME = 15.0
HEARD_OUT = 5.0
IDLE = 1.0
LONGEST_HEAD = 1 << 16
HOUSEKEEPING = 0.1
"""Seconds after which gunicorn shows a sign of life and looks for silent connections, however much there is to do."""
SPIN = 0.0001
BRISK = 2
"""After so many answers in a row that the application had at hand, a connection is answered by the poller's thread."""
_REFUSED = b"HTTP/1.1 %b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Worker(ThreadWorker):
    """Named in gunicorn's `worker_class`; its application has `settings`.

    What it serves may have `at_hand`, which takes an environ and gives the application of an answer that takes no time,
    or None.
    """

    alive: bool
    wsgi: Callable[..., Any]
    at_hand: Callable[..., Any] | None
    _share = FairShare()

    def init_process(self) -> None:
        self._waiting: deque[TConn] = deque()
        self._answered = False
        self._handling: set[int] = set()
        self._patience = int(self.app.settings.patience)
        self._slowest = int(self.app.settings.slowest)
        # a SCRIPT_NAME moves the application; gunicorn's own way knows how
        self._lean = bool(self.app.settings.lean) and not os.environ.get("SCRIPT_NAME")
        super().init_process()

    # connections -------------------------------------------------------------------------------------------------
    def accept(self, listener: socket.socket) -> None:
        if not self._share.leaves_it(self.age, self.nr_conns):
            super().accept(listener)

    def enqueue_req(self, conn: TConn) -> None:
        self._waiting.append(conn)
        super().enqueue_req(conn)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Once and, while that answers something at once, again for a moment, before gunicorn looks around."""
        until = time.monotonic() + HOUSEKEEPING
        self._share.tell(self.age, self.nr_conns)
        super().wait_for_and_dispatch_events(timeout)
        while self._answered and (now := time.monotonic()) < until:
            self._answered = False
            spin = now + SPIN
            while not self._answered and time.monotonic() < spin:
                super().wait_for_and_dispatch_events(0)
        self._answered = False

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        if not self._answers_at_once(conn):
            super().on_client_socket_readable(conn, client)
            return
        self._answered = True
        self.keepalived_conns.remove(conn)  # behind all who have been silent for longer
        conn.set_timeout()
        self.keepalived_conns.append(conn)

    def _answers_at_once(self, conn: TConn) -> bool:
        """Answer what comes on a connection in the poller's thread, if it is at hand. False where another thread has to
        go on: with the request, whose bytes are put back, or with what a slow reader is still owed."""
        if conn.brisk < BRISK or self._ends_connections():
            return False
        try:
            data = conn.sock.recv(LONGEST)
        except OSError:
            return False  # whoever goes on finds out what is the matter
        to = Eager(conn.sock)
        if not self._at_once(conn, data, to):
            conn.brisk = 0
            conn.parser.unreader.unread(data)
            return False
        conn.owed = to.owed
        return not conn.owed

    def _at_once(self, conn: TConn, data: bytes, to: Eager) -> bool:
        """Whether the request that is all of `data` was answered. If not, nothing was sent."""
        request = read_plain(data, self.cfg, conn.parser.unreader, conn.client) if is_alone(data) else None
        if request is None or self.at_hand is None:
            return False
        answer = PlainAnswer(request, to, self.cfg)
        try:
            environ = self._environ(conn, request, answer)
            application = self.at_hand(environ)
            if application is None:
                return False
            self._serve(conn, request, answer, environ, application)
        except OSError as error:
            self.log.debug("The connection is gone: %s", error)
        except Exception:
            self.log.exception("Error answering at once")
            if not answer.headers_sent:
                return False  # another thread answers, and says what is wrong
            conn.sock.shutdown(socket.SHUT_RDWR)  # what was begun stays short: it is seen to be broken
        return True

    def handle(self, conn: TConn) -> Any:
        """Answer what comes on a connection, in a thread; True where it may rest in the poller until more comes."""
        self._handling.add(threading.get_ident())
        try:
            return self._handle(conn)
        finally:
            self._handling.discard(threading.get_ident())

    def _handle(self, conn: TConn) -> Any:
        self._waiting.popleft()  # whichever it was: what counts is how many there are
        if self.cfg.is_ssl:
            return super().handle(conn)
        if not conn.initialized:
            if not conn.data_ready and not conn.wait_for_data(DEFAULT_WORKER_DATA_TIMEOUT):
                return _DEFER
            self._begin(conn)
        if conn.is_http2:
            return super().handle(conn)
        if conn.owed:
            if not self._pays(conn):
                _hang_up(conn)
                return False
            if not self._lingers(conn):
                return True
        while (head := self._head(conn)) is not None:
            if self._answer(conn, head) is not True:
                break
            if not self._lingers(conn):
                return True
        _hang_up(conn)
        return False

    def _pays(self, conn: TConn) -> bool:
        """Send what is left of an answer; False where its reader takes nothing, or has gone."""
        conn.sock.setblocking(True)
        owed, conn.owed = conn.owed, b""
        try:
            conn.sock.sendall(owed)
        except OSError as error:
            self.log.debug("The connection is gone: %s", error)
            return False
        return True

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
        conn.brisk, conn.owed = 0, b""
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
        if not self.alive or self._waiting or conn.brisk >= BRISK:
            return False
        poller = select.poll()
        poller.register(conn.sock, select.POLLIN)
        spin = time.monotonic() + SPIN
        while len(self._handling) == 1 and time.monotonic() < spin:
            if poller.poll(0):
                return True
        return bool(poller.poll(LINGER))

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.at_hand = getattr(self.wsgi, "at_hand", None)
        self.wsgi = _saying_when_it_ends(self.wsgi)

    # requests ----------------------------------------------------------------------------------------------------
    def _answer_plain(self, conn: TConn, request: PlainRequest) -> bool:
        """As gunicorn's `handle` and `handle_request`; True where the connection can be used again."""
        conn.parser.mesg = request
        answer = PlainAnswer(request, conn.sock, self.cfg)
        try:
            environ = self._environ(conn, request, answer)
            self._serve(conn, request, answer, environ, self.wsgi)
            conn.brisk = conn.brisk + 1 if AT_HAND in environ else 0
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

    def _environ(self, conn: TConn, request: PlainRequest, answer: PlainAnswer) -> dict[str, Any]:
        if not hasattr(conn, "beginning"):
            conn.beginning = template(self.cfg, conn.sock, conn.client, conn.server)
        return environ_of(request, conn.beginning, answer)

    def _serve(
        self,
        conn: TConn,
        request: PlainRequest,
        answer: PlainAnswer,
        environ: dict[str, Any],
        application: Callable[..., Any],
    ) -> None:
        try:
            self.cfg.pre_request(self, request)
            began = datetime.now()  # noqa: DTZ005 - gunicorn's access log takes the difference of two of them
            if self._begins_no_other(conn):
                answer.force_close()
            incoming = Incoming(request.body, conn.parser.unreader, self._slowest, None) if request.length else None
            pieces = application(environ, answer.start_response)
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
        return self._ends_connections()

    def _ends_connections(self) -> bool:
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
