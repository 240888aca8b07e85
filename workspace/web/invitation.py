"""Joining: the page after signing up, and the page behind an invitation's link."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from workspace.accounts import service
from workspace.accounts.guesses import Secret, try_once
from workspace.accounts.passwords import Reason
from workspace.accounts.people import NAME_LIMIT
from workspace.http.request import current_work, refusable, runtime
from workspace.kernel.errors import AccessEnded, NotAcceptable, NotFound
from workspace.web.security.messages import reason_words

invitation = Blueprint("invitation", __name__)


class JoinForm(FlaskForm):
    """The address is known from the invitation."""

    name = StringField(_l("Your name"), [DataRequired(_l("Write your name."))])
    password = PasswordField(_l("Choose a password"), [DataRequired(_l("Write your password."))])


@invitation.get("/sign-up/check-your-mail")
def check_mail() -> str:
    """What to do after signing up; the same for everybody."""
    return render_template("security/check_mail.html")


@invitation.route("/invitation/<token>", methods=["GET", "POST"])
def accept(token: str) -> Any:
    """Open a workspace by an invitation."""
    form = JoinForm()
    if form.is_submitted():
        try_once(runtime(), Secret.INVITATION, token[:16])
    work = current_work()
    try:
        with refusable():
            email = service.invitation_of(work, token).email
            if form.validate_on_submit():
                locale = get_locale()
                service.accept_invitation(
                    work,
                    token,
                    name=form.name.data or "",
                    password=form.password.data or "",
                    language=locale.language if locale else None,
                )
                flash(_("Your workspace is open. Sign in with %(email)s and your password.", email=email), "success")
                return redirect(url_for("security.login"))
    except (NotFound, AccessEnded):
        return render_template("security/invitation_ended.html"), 404
    except NotAcceptable as error:
        if error.details["field"] == "password":
            form.password.errors = [reason_words(Reason(error.details["reason"]))]
        else:
            form.name.errors = [_("Write a name on one line, of at most %(count)s characters.", count=NAME_LIMIT)]
    return render_template("security/invitation.html", form=form, email=email)
