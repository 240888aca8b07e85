"""The citizen's cases: the list, one case whole, what the citizen says to an answer, the days as they are counted."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from workspace.cases import queries, service
from workspace.cases.deadlines import days as counted_days
from workspace.cases.procedure import Phase
from workspace.cases.states import phase
from workspace.cases.views import CaseLine, Reader
from workspace.http.request import current_work, refusable, writes
from workspace.kernel.errors import DomainError, NotAcceptable, WrongState
from workspace.web.cases.blueprint import cases
from workspace.web.cases.words import sentence
from workspace.web.words import role_words


@cases.get("/")
def index() -> str:
    """All cases of the citizen: those that need something first."""
    lines = queries.my_cases(current_work())
    groups: dict[str, list[CaseLine]] = {"yours": [], "theirs": [], "over": []}
    for one in lines:
        groups[_group(one)].append(one)
    return render_template("cases/index.html", groups=groups, total=len(lines))


@cases.get("/<case_id>")
def case(case_id: str) -> Any:
    """A case. Its draft is a list of steps; once delivered, it is a record."""
    reader, slug = queries.reader_of(current_work(), case_id)
    if reader is Reader.OFFICE:
        return redirect(url_for("office.case", slug=slug, case_id=case_id))
    if reader is Reader.GUEST:
        return redirect(url_for(".guest", case_id=case_id))
    return case_page(case_id)


@cases.get("/<case_id>/shared")
@writes
def guest(case_id: str) -> Any:
    """A case as somebody sees it with whom its folder is shared; the look is written down."""
    view = queries.case(current_work(), case_id)
    if view.reader is not Reader.GUEST:
        return redirect(url_for(".case", case_id=case_id))
    return render_template("cases/guest.html", view=view)


@cases.get("/<case_id>/days")
@writes
def days(case_id: str) -> str:
    """Every day of the deadline, counted or skipped, and why: a page to print."""
    work = current_work()
    view = queries.case(work, case_id)
    counted = list(counted_days(view.rules.calendar, view.rules.answer, view.timing.began_on)) if view.timing else []
    return render_template("cases/days.html", view=view, days=counted, zone=work.settings.timezone)


@cases.post("/<case_id>/accept")
def accept(case_id: str) -> BaseResponse:
    """The answer settles the matter."""
    service.accept(current_work(), case_id)
    flash(_("You have accepted the answer. The case is finished."), "ok")
    return redirect(url_for(".case", case_id=case_id), code=303)


@cases.route("/<case_id>/contest", methods=["GET", "POST"])
def contest(case_id: str) -> Any:
    """The answer does not settle it: say why, and the body has to look again."""
    reason, errors = request.form.get("reason", ""), []
    if request.method == "POST":
        try:
            with refusable():
                service.contest(current_work(), case_id, reason)
            flash(_("You have contested the answer. The body has to look again, and the days count anew."), "ok")
            return redirect(url_for(".case", case_id=case_id), code=303)
        except (NotAcceptable, WrongState) as error:
            errors = [sentence(error)]
    view = queries.case(current_work(), case_id)
    return render_template("cases/contest.html", view=view, reason=reason, errors=errors), 422 if errors else 200


@cases.route("/<case_id>/withdraw", methods=["GET", "POST"])
def withdraw(case_id: str) -> Any:
    """Take a case back: a draft goes away, a delivered one need not be answered any more."""
    work = current_work()
    if request.method == "POST":
        try:
            with refusable():
                service.withdraw(work, case_id, request.form.get("reason", ""))
            flash(_("The case is withdrawn."), "ok")
        except (NotAcceptable, WrongState) as error:
            return refused(case_id, error)
        draft = queries.case(work, case_id).state.delivered_at is None
        return redirect(url_for(".index") if draft else url_for(".case", case_id=case_id), code=303)
    return render_template("cases/withdraw.html", view=queries.case(work, case_id))


def case_page(case_id: str, errors: list[tuple[str, str]] | None = None) -> str:
    """The page of the applicant's own case, with what has to be put right."""
    work = current_work()
    view = queries.case(work, case_id)
    name = "cases/draft.html" if phase(view.rules, view.state) is Phase.DRAFT else "cases/case.html"
    return render_template(name, view=view, errors=errors or [], roles=role_words(), today=work.now)


def refused(case_id: str, error: DomainError) -> Any:
    """The case as it stands, and why the step was not possible."""
    return case_page(case_id, [sentence(error)]), 409


def _group(one: CaseLine) -> str:
    here = phase(one.rules, one.state)
    if here is Phase.OVER:
        return "over"
    overdue = one.timing is not None and one.timing.overdue
    return "yours" if here in (Phase.CITIZEN, Phase.DRAFT) or overdue else "theirs"
