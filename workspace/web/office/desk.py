"""One letter on an official's desk: read it, register, assign, ask, note, close."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from workspace.cases import inbox as letters
from workspace.cases import office as verbs
from workspace.cases.queries import OpenedFile
from workspace.http.request import carries_bytes, current_actor, current_work, refusable, runtime, writes
from workspace.http.streaming import send_blob
from workspace.kernel.errors import DomainError, NameTaken, NotAcceptable, NotFound, WrongState
from workspace.web.cases.words import sentence
from workspace.web.office.blueprint import here, number_menu, office
from workspace.web.words import role_words

REFUSALS = (NotAcceptable, NameTaken, WrongState)


@office.get("/cases/<case_id>")
@writes
def case(slug: str, case_id: str) -> str:
    """The desk. Opening it is written down where the citizen sees it."""
    return desk_page(case_id)


@office.post("/cases/<case_id>/register")
def register(slug: str, case_id: str) -> Any:
    """Give the letter its number."""

    def act() -> str:
        number = verbs.register(current_work(), case_id, request.form.get("number", ""))
        return _("Registered as No. %(number)s.", number=number)

    return _step(case_id, act)


@office.post("/cases/<case_id>/assign")
def assign(slug: str, case_id: str) -> Any:
    """Say who handles it."""

    def act() -> str:
        verbs.assign(current_work(), case_id, request.form.get("handler", ""))
        return _("Assigned. The citizen sees the name.")

    return _step(case_id, act)


@office.post("/cases/<case_id>/ask")
def ask(slug: str, case_id: str) -> Any:
    """Ask the citizen."""

    def act() -> str:
        verbs.ask(current_work(), case_id, request.form.get("question", ""))
        return _("The question is delivered. The clock runs on.")

    return _step(case_id, act, {"text": "question"})


@office.post("/cases/<case_id>/note")
def note(slug: str, case_id: str) -> Any:
    """An internal note."""

    def act() -> str:
        verbs.note(current_work(), case_id, request.form.get("note", ""))
        return _("Noted. The citizen does not see it.")

    return _step(case_id, act)


@office.post("/cases/<case_id>/close")
def close(slug: str, case_id: str) -> Any:
    """The case is over."""

    def act() -> str:
        verbs.close(current_work(), case_id)
        return _("The case is closed.")

    return _step(case_id, act)


@office.get("/cases/<case_id>/answer/files/<file_id>")
@carries_bytes
def answer_file(slug: str, case_id: str, file_id: str) -> Any:
    """A document beside the draft of the answer."""
    with runtime().reading(current_actor()) as work:
        opened: OpenedFile = letters.open_answer_file(work, case_id, file_id)
    return send_blob(
        opened.reader,
        again=lambda work: letters.rights_to_note(work, case_id),
        name=opened.name,
        media_type=opened.media_type,
        etag=opened.sha256,
        modified=opened.at,
    )


def desk_page(case_id: str, errors: list[tuple[str, str]] | None = None, **more: Any) -> str:
    """The desk, with what has to be put right. In a Work that writes: the look is kept."""
    work = current_work()
    desk = letters.desk(work, case_id)
    if desk.case.body_id != here().id:
        raise NotFound()
    number_menu(work)
    return render_template(
        "office/case.html", desk=desk, view=desk.case, errors=errors or [], roles=role_words(), today=work.now, **more
    )


def _step(case_id: str, act: Callable[[], str], fields: dict[str, str] | None = None) -> Any:
    try:
        with refusable():
            said = act()
    except REFUSALS as error:
        field, words = sentence(error)
        return desk_page(case_id, [((fields or {}).get(field, field), words)]), _status(error)
    flash(said, "ok")
    return back(case_id)


def back(case_id: str) -> BaseResponse:
    """To the desk again."""
    return redirect(url_for(".case", slug=here().slug, case_id=case_id), code=303)


def _status(error: DomainError) -> int:
    return 422 if isinstance(error, NotAcceptable) else 409
