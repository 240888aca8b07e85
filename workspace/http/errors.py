"""The one table from domain errors to answers. Verbs raise by name; doors never invent a status."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from workspace.db.runtime import Runtime
from workspace.http.metrics import count_refusal
from workspace.http.request import current_actor, end_work, is_program, runtime
from workspace.kernel import errors
from workspace.kernel.actors import Actor, Door, Principal
from workspace.kernel.things import Located
from workspace.sharing.ledger import record_refusal

log = logging.getLogger(__name__)

# rooms in which nothing depends on who asks: what is not there is not there for anybody
FOR_ANYBODY = frozenset({"bodies", "health", "invitation", "look", "transparency"})
STATUS: dict[type[errors.DomainError], int] = {
    errors.NotFound: 404,
    errors.SignInRequired: 401,
    errors.Forbidden: 403,
    errors.AccessEnded: 410,
    errors.PasswordRequired: 401,
    errors.WrongSecret: 401,
    errors.TooManyTries: 429,
    errors.NotAcceptable: 422,
    errors.NameNotAllowed: 422,
    errors.NameTaken: 409,
    errors.WrongState: 409,
    errors.Locked: 423,
    errors.PreconditionFailed: 412,
    errors.RangeNotSatisfiable: 416,
    errors.LengthMismatch: 400,
    errors.TooSlow: 408,
    errors.ChecksumMismatch: 400,
    errors.OverQuota: 507,
    errors.TooLarge: 413,
    errors.StorageFull: 507,
    errors.StorageUnavailable: 503,
    errors.NotReached: 502,
    errors.Damaged: 500,
    errors.KeyDestroyed: 410,
}

# what the owner reads in the ledger, by the word that its line keeps
KEPT_OUT: dict[type[errors.DomainError], str] = {
    errors.AccessEnded: "ended",
    errors.Forbidden: "level",
    errors.WrongSecret: "password",
}

PAUSES: dict[type[errors.DomainError], str] = {
    errors.TooManyTries: "900",
    errors.StorageUnavailable: "30",
    errors.StillInProgress: "1",
}


def status_of(error: errors.DomainError) -> int:
    """The HTTP status (RFC 9110, RFC 4918) of a domain error; the nearest named ancestor decides."""
    for ancestor in type(error).__mro__:
        if ancestor in STATUS:
            return STATUS[ancestor]
    return 500


def problem(status: int, code: str, detail: str, /, **more: Any) -> Response:
    """An answer for programs: problem details (RFC 9457). `code` is stable; `detail` is a sentence in English.

    A value in `more` whose name the standard has taken (the `status` of a case, say) is called `present_…`.
    """
    members: dict[str, Any] = {
        "type": f"urn:workspace:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    taken = {*members, "instance"}
    answer = jsonify(members | {f"present_{name}" if name in taken else name: value for name, value in more.items()})
    answer.status_code = status
    answer.content_type = "application/problem+json"
    if status == 401:
        # a browser asks for a password when it sees Basic; the resumable door is its own page's as well
        kind = "Bearer" if request.path.startswith("/uploads/") else "Basic"
        answer.headers["WWW-Authenticate"] = f'{kind} realm="Citizen Workspace", charset="UTF-8"'
    return answer


def install(app: Flask) -> None:
    """Register the table on the app."""
    app.register_error_handler(errors.DomainError, _domain)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def _domain(error: errors.DomainError) -> Any:
    error = _alike(error)
    status = status_of(error)
    count_refusal(error.code)
    if status >= 500:
        log.error("%s at %s", error.code, request.endpoint)
    keep_refusal(runtime(), current_actor(), error)
    if is_program():
        details = {key: value for key, value in error.details.items() if isinstance(value, (str, int, bool))}
        return _with_headers(problem(status, error.code, str(error), **details), error)
    if isinstance(error, errors.SignInRequired) and request.method in ("GET", "HEAD"):
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    return _with_headers(page(status, error.code, error), error)


def _alike(error: errors.DomainError) -> errors.DomainError:
    """Nobody in particular is asked to sign in for what is there; hence also for what is not, or they could tell."""
    nobody = current_actor().anonymous and current_actor().door is Door.WEB
    if nobody and isinstance(error, errors.NotFound) and request.blueprint not in FOR_ANYBODY:
        return error if request.endpoint == "shares.link" else errors.SignInRequired()
    return error


def keep_refusal(instance: Runtime, actor: Actor, error: errors.DomainError) -> None:
    """The owner's ledger says who was kept out of what is theirs, and by what; the answer does not depend on it."""
    thing, link = error.details.get("thing"), error.details.get("link")
    reason = next((word for kind, word in KEPT_OUT.items() if isinstance(error, kind)), None)
    if reason is None or not isinstance(thing, Located) or thing.space_id is None:
        return
    try:
        with instance.writing(actor) as work:
            record_refusal(work, thing, reason, link.id if isinstance(link, Principal) else None)
            work.commit()
    except OperationalError:
        log.warning("a refusal could not be written down")


def _with_headers(answer: Response, error: errors.DomainError) -> Response:
    answer.headers.update(refusal_headers(error))
    return answer


def refusal_headers(error: errors.DomainError) -> dict[str, str]:
    """What an answer to this error says beside its status: where a range could lie, when to try again."""
    if isinstance(error, errors.RangeNotSatisfiable):
        return {"Content-Range": f"bytes */{error.details.get('size', '*')}"}
    return next(({"Retry-After": seconds} for kind, seconds in PAUSES.items() if isinstance(error, kind)), {})


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    if status == 404 and current_actor().anonymous and is_program() and request.path.startswith("/api/"):
        # what does not exist and what may not be known look alike to nobody in particular
        return problem(401, "sign_in_required", "Sign in to go on.")
    code = (error.name or "error").lower().replace(" ", "_")
    answer = problem(status, code, error.description or "") if is_program() else page(status, code)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _database(error: OperationalError) -> Any:
    return _domain(as_refusal(error))


def as_refusal(error: OperationalError) -> errors.DomainError:
    """A database that is away or full: say so, lose nothing."""
    log.error("database: %s", type(error.orig).__name__)
    return errors.StorageFull() if "full" in str(error.orig) else errors.StorageUnavailable()


def _unexpected(error: Exception) -> Any:
    # the message of an unforeseen exception may hold content: the log gets the trace, the person a number to quote
    log.exception("unforeseen error at %s, request %s", request.endpoint, g.get("request_id", "-"))
    if is_program():
        return problem(500, "internal", "Something went wrong here, not with you. It has been written down.")
    return page(500, "internal")


def page(status: int, code: str, error: errors.DomainError | None = None) -> Response:
    """An error as a page: the template of its status, in the person's language, with a way on."""
    end_work()
    known = {400, 401, 403, 404, 405, 409, 410, 412, 413, 416, 422, 423, 429, 500, 503, 507}
    name = status if status in known else (500 if status >= 500 else 400)
    body = render_template("errors/error.html", status=name, code=code, error=error, request_id=g.get("request_id", ""))
    return Response(body, status, content_type="text/html; charset=utf-8")
