"""Settings: deleting one's account. What goes, what stays with bodies, two weeks to think again."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import auth_required
from werkzeug.wrappers import Response

from workspace.accounts.models import Person
from workspace.accounts.permission import require_self
from workspace.cases.erasure import kept_by
from workspace.cloud import leaving as verbs
from workspace.http.request import current_work, refusable
from workspace.kernel.errors import WrongState
from workspace.web.formats import day
from workspace.web.security.config import FRESH
from workspace.web.security.letters import notice

leaving = Blueprint("leaving", __name__, url_prefix="/settings/delete-account")


@leaving.route("", methods=["GET", "POST"])
@auth_required("session", **FRESH)
def index() -> Any:
    """What deleting the account means; a tick and a press ask for it. Who has asked already can take it back here."""
    work, error = current_work(), ""
    if request.method == "POST":
        if request.form.get("sure"):
            return _ask()
        error = _("Tick that you have read what goes and what stays.")
    return render_template(
        "settings/delete_account.html",
        state=verbs.leaving(work),
        kept=kept_by(work),
        days=verbs.THINKING.days,
        error=error,
    )


@leaving.post("/undo")
def undo() -> Response:
    """Stay."""
    work = current_work()
    asked = verbs.leaving(work).at is not None
    verbs.stay(work)
    if asked:
        notice(_me(), "stays")
    flash(_("Your account stays. Nothing was deleted."), "success")
    return redirect(url_for("settings.index"))


def _ask() -> Response:
    work = current_work()
    try:
        with refusable():
            at = verbs.ask_to_leave(work)
    except WrongState:
        return redirect(url_for(".index"))  # the page says what stands in the way
    notice(_me(), "leaves", at=at)
    flash(_("Your account will be deleted on %(day)s. Until then you can take it back.", day=day(at)), "success")
    return redirect(url_for(".index"))


def _me() -> Person:
    work = current_work()
    return work.session.get_one(Person, require_self(work))
