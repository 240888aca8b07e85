"""The WSGI application ahead of Flask: addresses of programs are answered here, everything else behind."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import Authorization
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wsgi import ClosingIterator

from workspace.accounts.models import Person
from workspace.cloud.hot import Hot
from workspace.cloud.own import own_root
from workspace.dav.changes import delete, mkcol
from workspace.dav.chunking import drop_folder, list_chunks, open_folder, put_chunk, put_together
from workspace.dav.get import get
from workspace.dav.lanes import Lanes
from workspace.dav.locking import end_lock, take_lock
from workspace.dav.messages import CHALLENGE, XML, Answer, Mount, Refused, Request
from workspace.dav.mounts import CHUNKS, mount_of
from workspace.dav.multistatus import error_body
from workspace.dav.ocs import FIRST, ocs
from workspace.dav.options import options
from workspace.dav.paths import Names
from workspace.dav.propfind import propfind
from workspace.dav.proppatch import proppatch
from workspace.dav.put import put
from workspace.dav.transfer import copy_to, move_to
from workspace.dav.tree import NoCloudYet
from workspace.db.runtime import Runtime
from workspace.http.callers import Callers
from workspace.http.errors import as_refusal, keep_refusal, refusal_headers, status_of
from workspace.http.headers import for_programs
from workspace.http.metrics import count, count_refusal
from workspace.http.programs import who_asks
from workspace.http.running import RunningAnswers
from workspace.kernel.actors import ANONYMOUS, Actor, Door
from workspace.kernel.errors import DomainError, NotFound, SignInRequired

log = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Method = Callable[[Runtime, Actor, Request], Answer]
METHODS: dict[str, Method] = {
    "OPTIONS": options,
    "GET": get,
    "HEAD": get,
    "PUT": put,
    "DELETE": delete,
    "MKCOL": mkcol,
    "COPY": copy_to,
    "MOVE": move_to,
    "PROPFIND": propfind,
    "PROPPATCH": proppatch,
    "LOCK": take_lock,
    "UNLOCK": end_lock,
}
CHUNK_METHODS: dict[str, Method] = {
    "OPTIONS": options,
    "MKCOL": open_folder,
    "PUT": put_chunk,
    "PROPFIND": list_chunks,
    "DELETE": drop_folder,
    "MOVE": put_together,
}
TREES = frozenset({"dav", "remote.php"})
"""The first pieces of addresses that lead into trees of files; those of `ocs.FIRST` lead to values."""
NOBODY = ANONYMOUS.through(Door.DAV)


class ProgramsDoor:
    """Answers below `TREES` and `ocs.FIRST`; passes the rest on."""

    def __init__(self, behind: Callable[..., Iterable[bytes]], runtime: Runtime, answers: RunningAnswers) -> None:
        self._behind = behind
        self._runtime = runtime
        self._answers = answers
        self._headers = for_programs(runtime.settings.secure)
        hot = Hot(runtime)
        self._callers = Callers(hot)
        self._lanes = Lanes(runtime, hot, answers)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        first = environ["PATH_INFO"].partition("/")[2].partition("/")[0]
        if first not in TREES and first not in FIRST:
            return self._behind(environ, start_response)
        began = perf_counter()
        return self._send(self.answer(environ, first), began, environ, start_response)

    def at_hand(self, environ: dict[str, Any]) -> Application | None:
        """The application of an answer that takes no more than memory and one question; None for every other, and then
        nothing has happened. Never raises."""
        began = perf_counter()
        given = environ.get("HTTP_AUTHORIZATION")
        try:
            caller = self._callers.known(given) if given is not None else None
            answer = self._lanes.at_hand(environ, caller) if caller is not None else None
        except (DomainError, Refused):
            return None  # asked again the careful way, which refuses it as it should be
        return partial(self._send, answer, began) if answer is not None else None

    def _send(
        self, answer: Answer, began: float, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        counted = partial(count, environ["PATH_INFO"], answer.status, perf_counter() - began)
        given = {name for name, _ in answer.headers}
        headers = answer.headers + [one for one in self._headers if one[0] not in given]
        body = answer.body
        if isinstance(body, bytes):
            if "Content-Length" not in given and answer.status not in (204, 304):
                headers.append(("Content-Length", str(len(body))))
            body = (body,) if body else ()
        start_response(f"{answer.status} {HTTP_STATUS_CODES.get(answer.status, 'Unknown')}", headers)
        # counted when it has left: nobody waits for that
        return ClosingIterator(() if environ["REQUEST_METHOD"] == "HEAD" else body, counted)

    def answer(self, environ: dict[str, Any], first: str) -> Answer:
        """What the request is answered with, refusals included. Never raises."""
        actor = NOBODY
        try:
            if first in FIRST:
                return ocs(self._runtime, self._request(environ, Mount(f"/{first}"), ((), False)))
            given = environ.get("HTTP_AUTHORIZATION")
            caller = self._callers.known(given) if given is not None else None
            if caller is not None:
                actor = caller.actor
                quick = self._lanes.answer(environ, caller)
                if quick is not None:
                    return quick
            else:
                actor = self._who(given)
            raw_path = _raw_path(environ)
            mount = mount_of(raw_path)
            if mount is None or not self._leads_in(mount, actor):
                raise NotFound()
            return self._act(environ, mount, raw_path, actor)
        except Refused as refused:
            headers = [("Allow", refused.allow)] if refused.allow else []
            return _told(refused.status, str(refused), refused.condition, headers)
        except DomainError as error:
            return self._refusal(error, actor)
        except OperationalError as error:
            return self._refusal(as_refusal(error), actor)
        except Exception:
            # the message of an unforeseen exception may hold content: the log gets the trace, the program a sentence
            log.exception("unforeseen error at %s", environ["REQUEST_METHOD"])
            return _told(500, "Something went wrong here, not with you. It has been written down.")

    def _who(self, given: str | None) -> Actor:
        if given is None:
            raise SignInRequired()
        actor, _ = who_asks(self._runtime, Authorization.from_header(given), Door.DAV)
        self._callers.remember(given, actor)
        return actor

    def _leads_in(self, mount: Mount, actor: Actor) -> bool:
        """Whether the person that an address names is the one who asks: by id, or by the name they sign in with."""
        if mount.whose in ("", actor.person_id):
            return True
        with self._runtime.reading(actor) as work:
            person = work.session.get(Person, actor.person_id)
            return person is not None and person.email == mount.whose.lower()

    def _request(self, environ: dict[str, Any], mount: Mount, path: tuple[Names, bool]) -> Request:
        return Request(environ, mount, path, self._runtime.settings.base_url, self._answers)

    def _act(self, environ: dict[str, Any], mount: Mount, raw_path: str, actor: Actor) -> Answer:
        found = mount.names(raw_path)
        if found is None:
            raise NotFound()
        request = self._request(environ, mount, found)
        methods = CHUNK_METHODS if mount.top == CHUNKS else METHODS
        method = methods.get(request.method)
        if method is None:
            raise Refused(405, "This door does not know this method.", allow=", ".join(methods))
        try:
            return method(self._runtime, actor, request)
        except NoCloudYet:
            with self._runtime.writing(actor) as work:
                own_root(work)
                work.commit()
            return method(self._runtime, actor, request)

    def _refusal(self, error: DomainError, actor: Actor) -> Answer:
        status = status_of(error)
        count_refusal(error.code)
        if status >= 500:
            log.error("%s at the door of programs", error.code)
        keep_refusal(self._runtime, actor, error)
        headers = list(refusal_headers(error).items())
        if status == 401:
            headers.append(CHALLENGE)
        return _told(status, str(error), "", headers)


def _told(status: int, message: str, condition: str = "", headers: list[tuple[str, str]] | None = None) -> Answer:
    return Answer(status, [("Content-Type", XML), *(headers or [])], error_body(message, condition))


def _raw_path(environ: dict[str, Any]) -> str:
    """The path as it was sent, so that an encoded slash can be told from a real one. Raises Refused for a fragment: who
    sends one means something else than what lies at the path before it."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not raw:
        return quote(environ["PATH_INFO"].encode("latin-1"))
    if "#" in raw:
        raise Refused(400, "An address ends before its fragment.")
    return str(raw).partition("?")[0] if raw.startswith("/") else urlsplit(raw).path
