"""Answers on their way: each is asked about again while it runs, and cut when the right it was given under has ended.

New requests are decided anew anyway. An answer that is still being read is watched by one thread of the process, once
a second: it reads the epochs of who asked and of the spaces that they look into, and only where one of them has moved,
or a boundary of a grant has passed, it decides anew, who they are first and then what they may, by the one rule. What
has ended is cut at the socket, so that it does not matter how slowly the other side reads.
"""

import errno
import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from flask import Flask, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from workspace.cloud.spaces import space_epochs
from workspace.db.epochs import epochs_of
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.http.identity import Proof, actor_by, present_proof
from workspace.kernel.actors import ANONYMOUS, Principal
from workspace.kernel.errors import AccessEnded, DomainError, Forbidden, NotFound, SignInRequired
from workspace.sharing.authorize import Right

log = logging.getLogger(__name__)

Again = Callable[[Work], list[Right]]
"""Asks anew for what an answer carries; raises what `authorize` raises. It runs outside the request."""

EVERY = 1.0
UNASKED = 4.0
"""So long, in seconds, an answer goes on where nothing can be asked because the database is away; then it is cut."""
AT_ONCE = 16 << 10
"""What is no longer than this, in bytes, fits the socket's buffer: it has left before anybody could end anything."""
IDLE_ROUNDS = 10
_NAME = "workspace_running"
_RESET = struct.pack("ii", 1, 0)
Piece = TypeVar("Piece")


@dataclass(eq=False, slots=True)
class Running:
    """One answer on its way, and what it stands on."""

    proof: Proof
    again: Again
    connection: socket.socket | None
    asked_at: float = field(default_factory=time.monotonic)
    seen: dict[str, int] | None = None
    principals: frozenset[Principal] = frozenset()
    spaces: frozenset[str] = frozenset()
    until: datetime | None = None
    cut: bool = False

    def stands(self, epochs: dict[str, int], now: datetime) -> bool:
        """Whether what was decided last may be reused: no epoch has moved, no boundary has passed."""
        return self.seen == self._of(epochs) and (self.until is None or now < self.until)

    def decided(self, rights: list[Right], principals: frozenset[Principal], epochs: dict[str, int]) -> None:
        """Keep what a new decision stands on. `epochs` were read before it."""
        before = self._of(epochs)
        self.principals = principals
        self.spaces = frozenset(one.thing.space_id for one in rights if one.thing.space_id)
        self.until = min((one.verdict.until for one in rights if one.verdict.until), default=None)
        # what it newly stands on has not been read yet: it is asked once more in the next round
        self.seen = before if before == self._of(epochs) else None

    def _of(self, epochs: dict[str, int]) -> dict[str, int]:
        names = [*map(str, self.principals), *self.spaces]
        return {name: epochs[name] for name in names if name in epochs}


class RunningAnswers:
    """All answers on their way in this process. The thread that watches them lives only while there are some."""

    def __init__(self, instance: Runtime) -> None:
        self._instance = instance
        self._lock = threading.Lock()
        self._running: set[Running] = set()
        self._thread: threading.Thread | None = None

    def begin(self, one: Running) -> None:
        with self._lock:
            self._running.add(one)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="running answers", daemon=True)
                self._thread.start()

    def end(self, one: Running) -> None:
        with self._lock:
            self._running.discard(one)

    def round(self) -> None:
        """Ask about every answer that has run for a second: once for the epochs of all, again only for what moved."""
        with self._lock:
            due = [one for one in self._running if time.monotonic() - one.asked_at >= EVERY and not one.cut]
        if not due:
            return
        try:
            with self._instance.reading(ANONYMOUS) as work:
                now = work.now
                people = {principal for one in due for principal in one.principals}
                epochs = epochs_of(work, people) | space_epochs(work, (space for one in due for space in one.spaces))
        except SQLAlchemyError:
            for one in due:
                self._not_asked(one)
            return
        for one in due:
            if one.stands(epochs, now):
                one.asked_at = time.monotonic()
            else:
                self._ask(one, epochs)

    def _ask(self, one: Running, epochs: dict[str, int]) -> None:
        try:
            with self._instance.reading(ANONYMOUS) as work:
                actor = actor_by(work, one.proof)
            with self._instance.reading(actor) as work:
                one.decided(one.again(work), actor.principals, epochs)
            one.asked_at = time.monotonic()
        except DomainError as refusal:
            log.info("an answer was cut: %s", refusal.code)
            self._cut(one)
        except SQLAlchemyError:
            self._not_asked(one)
        except Exception:
            log.exception("an answer was cut: asking for its right failed")
            self._cut(one)

    def _not_asked(self, one: Running) -> None:
        if time.monotonic() - one.asked_at > UNASKED:
            log.warning("an answer was cut: its right could not be asked for")
            self._cut(one)

    def _cut(self, one: Running) -> None:
        with self._lock:
            one.cut = True
            if one not in self._running or one.connection is None:
                return
            try:
                # with a reset, so that what waits in the kernel's buffer is not delivered either
                one.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                one.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other side was faster

    def _watch(self) -> None:
        idle = 0
        while True:
            time.sleep(EVERY / 2)
            with self._lock:
                idle = 0 if self._running else idle + 1
                if idle > IDLE_ROUNDS:
                    self._thread = None
                    return
            try:
                self.round()
            except Exception:
                log.exception("running answers could not be asked about")


def install(app: Flask) -> RunningAnswers:
    """Give the app its watch over running answers. The app holds its instance already."""
    answers = RunningAnswers(app.extensions["workspace"])
    app.extensions[_NAME] = answers
    return answers


def watched(pieces: Iterable[Piece], again: Again) -> Iterator[Piece]:
    """`watch` for the present request of Flask."""
    return watch(current_app.extensions[_NAME], request.environ, present_proof(), pieces, again)


def watch(
    answers: RunningAnswers, environ: Mapping[str, Any], proof: Proof, pieces: Iterable[Piece], again: Again
) -> Iterator[Piece]:
    """The pieces of an answer, for as long as whoever asked for them (WSGI `environ`) may have them.

    Ends with BrokenPipeError where the right has ended: the server closes the connection, and no length is true then.
    """
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return _pieces(Running(proof, again, connection), pieces, answers)


def _pieces(one: Running, pieces: Iterable[Piece], answers: RunningAnswers) -> Iterator[Piece]:
    answers.begin(one)
    try:
        for piece in pieces:
            if one.cut:
                raise BrokenPipeError(errno.EPIPE, "the right to this answer has ended")
            yield piece
    except (AccessEnded, Forbidden, NotFound, SignInRequired) as refusal:
        # whoever makes the pieces has asked, too
        raise BrokenPipeError(errno.EPIPE, "the right to this answer has ended") from refusal
    finally:
        answers.end(one)
