"""Administration of people: who has an account, inviting, closing, room, who administers. Never what they keep."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from workspace.accounts import service
from workspace.accounts.instance import instance
from workspace.accounts.invitations import open_invitations, withdraw_invitation
from workspace.accounts.queries import people, person_line
from workspace.accounts.service import Invited
from workspace.bodies.queries import appointments_of, directory
from workspace.cloud.administration import change_quota, rooms_of
from workspace.db.work import Work
from workspace.http.request import current_work, refusable
from workspace.kernel.errors import NameTaken, NotAcceptable, WrongState
from workspace.mail.outbox import post
from workspace.web.admin import enter
from workspace.web.formats import day, file_size, plain_name
from workspace.web.i18n import LANGUAGES
from workspace.web.words import role_words

admin_people = Blueprint("admin_people", __name__, url_prefix="/admin/people")
admin_people.before_request(enter)

GB = 1_000_000_000
STEPS = ("disable", "enable", "administrator", "citizen")


class InviteForm(FlaskForm):
    """Whom to write to, and in which language."""

    email = StringField(
        _l("E-mail address"),
        validators=[InputRequired(_l("Write the address of the person to invite")), Length(max=254)],
    )
    language = SelectField(
        _l("Language of the letter"), choices=[(code, own) for code, (_short, own, _said) in LANGUAGES.items()]
    )


class QuotaForm(FlaskForm):
    """How much room."""

    quota = StringField(_l("Room in GB"), validators=[InputRequired(_l("Write a number, for example 25"))])


@admin_people.get("/")
def index() -> str:
    """Everybody with an account, the newest first."""
    return _index(InviteForm(formdata=None, language=_language()))


@admin_people.post("/invite")
def invite() -> Any:
    """Write to somebody that they may join."""
    work, form = current_work(), InviteForm()
    if form.validate_on_submit():
        try:
            with refusable():
                invited = service.invite(work, form.email.data or "")
        except NameTaken:
            form.email.errors = [_("Somebody here has this address already")]
        except NotAcceptable:
            form.email.errors = [_("Write an address such as olena@example.org")]
        else:
            _write_to(work, invited, form.language.data)
            text = _(
                "Invited: %(email)s. The letter is on its way; its link works for a week, once.", email=invited.email
            )
            flash(text, "ok")
            return redirect(url_for(".index"))
    return _index(form)


@admin_people.post("/invitations/<invitation_id>/withdraw")
def withdraw(invitation_id: str) -> BaseResponse:
    """Make an invitation worthless."""
    email = withdraw_invitation(current_work(), invitation_id)
    flash(_("The invitation of %(email)s is withdrawn. Its link opens nothing now.", email=email), "ok")
    return redirect(url_for(".index"))


@admin_people.get("/<person_id>")
def person(person_id: str) -> str:
    """One account."""
    return _person(person_id)


@admin_people.post("/<person_id>/quota")
def quota(person_id: str) -> Any:
    """Give a person more room, or less."""
    form = QuotaForm()
    if form.validate_on_submit():
        try:
            with refusable():
                size = _bytes_of(form.quota.data or "")
                room = change_quota(current_work(), person_id, size)
        except (NotAcceptable, InvalidOperation):
            form.quota.errors = [_("Write a number of gigabytes from 0 to 1,000,000, for example 25")]
        else:
            flash(_("The room is now %(quota)s, of which %(used)s are used.", **_sizes(room.quota, room.used)), "ok")
            return redirect(url_for(".person", person_id=person_id))
    return _person(person_id, form)


@admin_people.get("/<person_id>/<any(disable, administrator, citizen):step>")
def ask(person_id: str, step: str) -> Any:
    """The question before a step that takes something away or gives much."""
    line = person_line(current_work(), person_id)
    return render_template("admin/person_step.html", line=line, step=step)


@admin_people.post("/<person_id>/<any(disable, enable, administrator, citizen):step>")
def act(person_id: str, step: str) -> BaseResponse:
    """Close or open an account, give or take the administration."""
    work = current_work()
    name = plain_name(person_line(work, person_id).name)
    try:
        with refusable():
            if step in ("disable", "enable"):
                {"disable": service.disable, "enable": service.enable}[step](work, person_id)
            else:
                service.set_administrator(work, person_id, step == "administrator")
    except WrongState:
        flash(
            _("Not for yourself, and not for the last administrator: somebody must be able to open this room."), "error"
        )
    else:
        flash(_done(step, name), "ok")
    return redirect(url_for(".person", person_id=person_id))


def _done(step: str, name: str) -> str:
    sentences = {
        "disable": _("The account of %(name)s is closed. All their sessions and app passwords have ended.", name=name),
        "enable": _("The account of %(name)s is open again.", name=name),
        "administrator": _("%(name)s is an administrator now.", name=name),
        "citizen": _("%(name)s is no longer an administrator.", name=name),
    }
    return sentences[step]


def _index(form: InviteForm) -> str:
    work = current_work()
    text, cursor = request.args.get("q", "").strip()[:100], request.args.get("cursor")
    page = people(work, text, cursor)
    return render_template(
        "admin/people.html",
        page=page,
        text=text,
        rooms=rooms_of(work, [one.id for one in page.people]),
        invitations=open_invitations(work),
        form=form,
    )


def _person(person_id: str, form: QuotaForm | None = None) -> str:
    work = current_work()
    line = person_line(work, person_id)
    room = rooms_of(work, [person_id]).get(person_id)
    present = room.quota if room else work.settings.quota
    bodies = {one.id: one for one in directory(work, closed=True)}
    posts = [(bodies[one.body_id], one.role) for one in appointments_of(work, person_id) if one.body_id in bodies]
    return render_template(
        "admin/person.html",
        line=line,
        cloud=room,
        posts=sorted(posts, key=lambda post: (post[0].name, post[1])),
        roles=role_words(),
        form=form or QuotaForm(formdata=None, quota=_in_gb(present)),
        me=line.id == work.actor.person_id,
    )


def _write_to(work: Work, invited: Invited, language: str) -> None:
    """The letter of invitation, in the language chosen for it. The link stands in it and nowhere else."""
    here = instance(work)
    link = work.settings.base_url + url_for("invitation.accept", token=invited.token)
    with force_locale(language):
        subject = _("You are invited to %(name)s", name=here.name)
        lines = [
            _("Hello,"),
            _(
                "%(host)s invites you to open an account at %(name)s: a safe place for your files, and a way to write "
                "to government bodies and see who opened what.",
                host=here.host or here.name,
                name=here.name,
            ),
            _("To join, open this address and choose a password:"),
            link,
            _("The link works once and for a week, until %(day)s.", day=day(work.now + service.INVITATION_LIFE)),
            _("If you did not expect this letter, you need not do anything."),
        ]
        post(work, recipient=invited.email, subject=subject, body="\n\n".join(lines) + "\n", language=language)


def _language() -> str:
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else "en"


def _bytes_of(text: str) -> int:
    """Gigabytes as people write them, with a comma or a point. Raises InvalidOperation, NotAcceptable."""
    amount = Decimal(text.replace(" ", "").replace("\u00a0", "").replace(",", "."))
    if not amount.is_finite() or not 0 <= amount <= 1_000_000:
        raise NotAcceptable(field="quota")
    return int(amount * GB)


def _in_gb(size: int) -> str:
    return f"{Decimal(size) / GB:.2f}".rstrip("0").rstrip(".")


def _sizes(quota: int, used: int) -> dict[str, str]:
    return {"quota": file_size(quota), "used": file_size(used)}
