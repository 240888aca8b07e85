"""The page on which people let a program in that asks for it (Nextcloud's login flow, version 2)."""

from typing import Any

from flask import Blueprint, render_template
from flask_security import auth_required
from flask_wtf import FlaskForm
from wtforms import SubmitField

from workspace.accounts import program_logins
from workspace.accounts.models import Person
from workspace.accounts.permission import require_self
from workspace.http.request import current_work, refusable
from workspace.kernel.errors import NotFound, WrongState
from workspace.web.security.config import FRESH
from workspace.web.security.letters import notice

program_login = Blueprint("program_login", __name__)


class ConfirmForm(FlaskForm):
    """Yes or no."""

    yes = SubmitField()
    no = SubmitField()


@program_login.route("/let-in/<page>", methods=["GET", "POST"])
@auth_required("session", **FRESH)
def confirm(page: str) -> Any:
    """Which program asks, what it will be able to do, and the two buttons."""
    work = current_work()
    me = work.session.get_one(Person, require_self(work))
    form = ConfirmForm()
    try:
        program, step, full = program_logins.program_of_login(work, page), "ask", False
        if form.validate_on_submit() and form.yes.data:
            with refusable():
                program_logins.grant_program_login(work, page)
                notice(me, "app_password")
            step = "done"
        elif form.is_submitted() and form.no.data:
            program_logins.refuse_program_login(work, page)
            step = "refused"
    except NotFound:
        return render_template("settings/let_in_ended.html"), 404
    except WrongState:
        full = True
    return render_template("settings/let_in.html", form=form, program=program, me=me, step=step, full=full)
