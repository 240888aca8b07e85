"""The one request rite: one request, one Work, one commit, before the answer leaves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, request
from werkzeug.local import LocalProxy

from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import ANONYMOUS, Actor
from workspace.kernel.errors import DomainError

View = TypeVar("View", bound=Callable[..., Any])
READS = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND"})
_WRITES = "workspace_writes"
_CARRIES_BYTES = "workspace_carries_bytes"


def writes(view: View) -> View:
    """Mark a view that is reached by GET and yet changes something (a confirmation link, say)."""
    setattr(view, _WRITES, True)
    return view


def carries_bytes(view: View) -> View:
    """Mark a view that moves file content: no Work spans it; it begins short ones around the transfer."""
    setattr(view, _CARRIES_BYTES, True)
    return view


def runtime() -> Runtime:
    """The instance that this process serves."""
    return cast(Runtime, current_app.extensions["workspace"])


def current_actor() -> Actor:
    """Who asks; `http.identity` sets it before the view runs."""
    return cast(Actor, g.get("actor", ANONYMOUS))


def current_work() -> Work:
    """The Work of this request, begun at its first use with the actor known by then."""
    if "work" not in g:
        if _marked(_CARRIES_BYTES):
            raise RuntimeError("a view that carries bytes begins its own Works")
        begin = runtime().writing if _request_writes() else runtime().reading
        g.work = begin(current_actor())
    return cast(Work, g.work)


work: Work = cast(Work, LocalProxy(current_work))


def _marked(mark: str) -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, mark, False))


def spans_bytes() -> bool:
    """Whether the view of this request moves file content, so that nobody may read its body before it does."""
    return _marked(_CARRIES_BYTES)


def _request_writes() -> bool:
    return request.method not in READS or _marked(_WRITES)


@contextmanager
def refusable() -> Iterator[None]:
    """For a view that catches a refusal and answers with a page: whatever the verb had begun is taken back first.

    try:
        with refusable():
            service.rename(work, item_id, name)
    except NameTaken: ...
    """
    savepoint = current_work().session.begin_nested()
    try:
        yield
    except DomainError:
        savepoint.rollback()
        raise
    else:
        savepoint.commit()


class WorkspaceFlask(Flask):
    """Flask whose dispatch ends with the one commit; whatever raises before that leaves no trace.

    `at_hand`: see `http.worker.Worker`.
    """

    at_hand: Callable[..., Any] | None = None

    def dispatch_request(self) -> Any:
        try:
            answer = self.make_response(super().dispatch_request())
            if "work" in g and answer.status_code < 400:
                g.work.commit()
            return answer
        finally:
            end_work()


def end_work(_error: BaseException | None = None) -> None:
    """Roll back what was not committed and forget the Work, so that a later question begins a new one."""
    work = g.pop("work", None)
    if work is not None:
        work.rollback()


def install(app: Flask, instance: Runtime) -> None:
    """Give the app its instance and make sure that no Work outlives its request."""
    app.extensions["workspace"] = instance
    app.teardown_request(end_work)


def is_program() -> bool:
    """Whether a program asks (API, DAV): it gets problem details, not a page."""
    return (
        request.path.startswith(("/api/", "/dav/", "/uploads/")) or request.accept_mimetypes.best == "application/json"
    )


__all__ = [
    "Response",
    "WorkspaceFlask",
    "carries_bytes",
    "current_actor",
    "current_work",
    "install",
    "is_program",
    "refusable",
    "runtime",
    "spans_bytes",
    "work",
    "writes",
]
