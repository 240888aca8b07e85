"""Writing the answer: drafts and documents that only the body sees, a last look, and delivering it for good."""

from functools import partial
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from workspace.cases import inbox as letters
from workspace.cases import office as verbs
from workspace.cloud.blobs import SealedBlob
from workspace.cloud.media import media_type_of
from workspace.db.work import Work
from workspace.http.bodies import sealed_files
from workspace.http.request import carries_bytes, current_actor, current_work, refusable, runtime, writes
from workspace.kernel.errors import DomainError, KeyDestroyed, NotAcceptable, NotFound, WrongState
from workspace.web.cases.incoming import base_name, kept
from workspace.web.cases.words import sentence
from workspace.web.office.blueprint import here, number_menu, office
from workspace.web.office.desk import back, desk_page


@office.post("/cases/<case_id>/answer")
@carries_bytes
def answer(slug: str, case_id: str) -> Any:
    """Keep the draft and what was attached; then stay, or go to the last look."""
    outcome, text = request.form.get("outcome", ""), request.form.get("text", "")
    try:
        came = sealed_files("files")
        with runtime().writing(current_actor()) as work:
            verbs.save_answer_draft(work, case_id, outcome, text)
            work.commit()
        for filename, sealed in came:
            kept(sealed, partial(_attach, case_id, base_name(filename), sealed))
    except DomainError as error:
        return _refused(case_id, error, outcome, text)
    if request.form.get("do") == "check":
        return redirect(url_for(".check", slug=slug, case_id=case_id), code=303)
    flash(_("Saved. The citizen sees nothing of it yet."), "ok")
    return redirect(url_for(".case", slug=slug, case_id=case_id, _anchor="answer"), code=303)


@office.post("/cases/<case_id>/answer/files/<file_id>/remove")
def remove_file(slug: str, case_id: str, file_id: str) -> BaseResponse:
    """A document away from the draft."""
    verbs.remove_answer_file(current_work(), case_id, file_id)
    return back(case_id)


@office.get("/cases/<case_id>/answer")
@writes
def check(slug: str, case_id: str) -> Any:
    """The last look: exactly what the citizen gets."""
    return _check_page(case_id)


@office.post("/cases/<case_id>/answer/deliver")
def deliver(slug: str, case_id: str) -> Any:
    """Deliver the answer for good."""
    work = current_work()
    if request.form.get("sure") != "1":
        return _check_page(case_id, tick_error=_("Tick the box to say that you have read the answer")), 422
    try:
        with refusable():
            handed = verbs.answer(work, case_id)
    except WrongState:
        flash(_("This letter has been answered already."), "info")
        return back(case_id)
    except (NotAcceptable, KeyDestroyed) as error:
        return desk_page(case_id, [sentence(error)]), 422
    return redirect(url_for("cases.receipt", delivery_id=handed.id), code=303)


def _attach(case_id: str, name: str, sealed: SealedBlob, work: Work) -> str:
    return verbs.attach_answer_file(work, case_id, name, sealed, media_type_of(name, None)).id


def _check_page(case_id: str, tick_error: str = "") -> Any:
    work = current_work()
    desk = letters.desk(work, case_id)
    if desk.case.body_id != here().id:
        raise NotFound()
    missing = []
    if not desk.outcome:
        missing.append(("outcome", sentence(NotAcceptable(field="outcome", reason="missing"))[1]))
    if not desk.text:
        missing.append(("text", sentence(NotAcceptable(field="text", reason="missing"))[1]))
    if missing or not desk.may_answer:
        return desk_page(case_id, missing), 422 if missing else 200
    number_menu(work)
    errors = [("sure", tick_error)] if tick_error else []
    return render_template("office/check.html", desk=desk, view=desk.case, errors=errors, tick_error=tick_error)


def _refused(case_id: str, error: DomainError, outcome: str, text: str) -> Any:
    if isinstance(error, NotFound):
        raise error
    g.work = runtime().writing(current_actor())
    return desk_page(case_id, [sentence(error)], typed={"outcome": outcome, "text": text}), 422
