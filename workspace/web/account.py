"""Settings: who I am, how I sign in, which programs and devices are let in."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import auth_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, Length

from workspace.accounts import app_passwords, service
from workspace.accounts import sessions as session_rows
from workspace.accounts.app_password_rows import LABEL_LIMIT
from workspace.accounts.models import Person
from workspace.accounts.people import NAME_LIMIT
from workspace.accounts.permission import require_self
from workspace.http import sessions
from workspace.http.request import current_work, refusable
from workspace.kernel.errors import NotAcceptable, WrongState
from workspace.web.devices import device_name
from workspace.web.security.config import FRESH
from workspace.web.security.letters import notice

settings = Blueprint("settings", __name__, url_prefix="/settings")


class NameForm(FlaskForm):
    """One's own name."""

    name = StringField(_l("Your name"), [DataRequired(_l("Write your name.")), Length(max=NAME_LIMIT)])


class LanguageForm(FlaskForm):
    """The language of pages and letters."""

    language = RadioField(_l("Language of pages and letters"), choices=[("uk", "Українська"), ("en", "English")])


class LettersForm(FlaskForm):
    """Which letters one wants."""

    weekly = RadioField(
        _l("A letter once a week about who opened your files"),
        choices=[("yes", _l("Yes, when somebody has")), ("no", _l("No"))],
    )


class LabelForm(FlaskForm):
    """What an app password is for."""

    label = StringField(
        _l("Which program or device is it for?"),
        [DataRequired(_l("Write which program it is for.")), Length(max=LABEL_LIMIT)],
    )


def _me() -> Person:
    work = current_work()
    return work.session.get_one(Person, require_self(work))


@settings.get("")
def index() -> str:
    """Everything at a glance, each with its way to change it."""
    work = current_work()
    person = _me()
    return render_template(
        "settings/index.html",
        me=person,
        passkeys=len(person.webauthn),
        codes_left=len(person.mf_recovery_codes or []),
        app_passwords=len(app_passwords.app_passwords(work)),
        sessions=len(session_rows.see_sessions(work)),
    )


@settings.route("/name", methods=["GET", "POST"])
def name() -> Any:
    """Change one's own name."""
    person = _me()
    form = NameForm(name=person.name)
    if form.validate_on_submit():
        try:
            with refusable():
                service.change_name(current_work(), form.name.data or "")
        except NotAcceptable:
            form.name.errors = [_("Write your name on one line.")]
        else:
            flash(_("Your name is changed."), "success")
            return redirect(url_for(".index"))
    return render_template("settings/name.html", form=form)


@settings.route("/language", methods=["GET", "POST"])
def language() -> Any:
    """Change the language of pages and letters."""
    person = _me()
    form = LanguageForm(language=person.language or current_work().settings.language)
    if form.validate_on_submit():
        service.change_language(current_work(), form.language.data)
        # the choice in the header would hide this one
        return redirect(url_for(".index", lang=form.language.data))
    return render_template("settings/language.html", form=form)


@settings.route("/letters", methods=["GET", "POST"])
def letters() -> Any:
    """Say which letters one wants."""
    person = _me()
    form = LettersForm(weekly="yes" if person.weekly_letter else "no")
    if form.validate_on_submit():
        service.want_weekly_letter(current_work(), form.weekly.data == "yes")
        flash(_("Your choice is kept."), "success")
        return redirect(url_for(".index"))
    return render_template("settings/letters.html", form=form)


@settings.route("/app-passwords", methods=["GET", "POST"])
@auth_required("session", **FRESH)
def programs() -> Any:
    """App passwords: make one (shown this once), see them, end them."""
    work = current_work()
    form, made = LabelForm(), None
    if form.validate_on_submit():
        try:
            with refusable():
                made = app_passwords.make_app_password(work, form.label.data or "")
                notice(_me(), "app_password")
                work.session.flush()
        except WrongState:
            form.label.errors = [_("You have fifty app passwords. End one first.")]
    return render_template(
        "settings/app_passwords.html",
        form=form,
        made=made,
        label=form.label.data,
        lines=app_passwords.app_passwords(work),
        me=_me(),
    )


@settings.post("/app-passwords/<app_password_id>/end")
def end_program(app_password_id: str) -> Response:
    """End an app password."""
    app_passwords.revoke_app_password(current_work(), app_password_id)
    flash(_("The app password is ended. The program that used it gets in no more."), "success")
    return redirect(url_for(".programs"))


@settings.get("/sessions")
def devices() -> str:
    """Where one is signed in."""
    lines = [(one, *device_name(one.agent)) for one in session_rows.see_sessions(current_work())]
    return render_template("settings/sessions.html", lines=lines, here=sessions.present())


@settings.post("/sessions/<session_id>/end")
def end_device(session_id: str) -> Response:
    """End one session."""
    session_rows.end_session(current_work(), session_id)
    flash(_("That device is signed out."), "success")
    return redirect(url_for(".devices"))


@settings.post("/sessions/end-others")
def end_other_devices() -> Response:
    """End all sessions but this one."""
    session_rows.end_others(current_work(), sessions.present())
    flash(_("All your other devices are signed out."), "success")
    return redirect(url_for(".devices"))
