"""Pages of sharing: give access, see who has it, end it; links; what others share with me."""

from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from workspace.accounts import guesses
from workspace.accounts.guesses import Secret
from workspace.accounts.queries import person_by_email
from workspace.bodies.queries import directory
from workspace.cloud.models import Item
from workspace.cloud.queries import item_names, path
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.http import sessions
from workspace.http.request import carries_bytes, current_actor, current_work, refusable, runtime
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import NotAcceptable, PasswordRequired, WrongSecret
from workspace.kernel.things import Located
from workspace.sharing import queries, service
from workspace.sharing.models import Grant
from workspace.sharing.rule import Level
from workspace.web.fields import DayField, PageForm
from workspace.web.formats import day as format_day
from workspace.web.formats import plain_name
from workspace.web.places import trail, way_back
from workspace.web.subjects import subject_names

shares = Blueprint("shares", __name__)

LEVELS = (
    (
        Level.VIEW,
        _l("View and download"),
        _l("They can keep a copy. You cannot call a copy back."),
        _l("view and download"),
    ),
    (
        Level.COMMENT,
        _l("View, download and comment"),
        _l("Their comments come to you."),
        _l("view, download and comment on"),
    ),
    (
        Level.CONTRIBUTE,
        _l("Add files as well"),
        _l("They put new files in. They cannot change or remove yours."),
        _l("view and add files to"),
    ),
    (
        Level.EDIT,
        _l("Change everything"),
        _l("They rename, replace and remove. Old versions stay with you."),
        _l("view and change everything in"),
    ),
)


class ShareForm(PageForm):
    """Who may do what, until when, what for."""

    who = RadioField(
        _l("Who should get in?"),
        choices=[
            ("body", _l("A public body")),
            ("person", _l("A person with an account here")),
            ("link", _l("Whoever has a secret link")),
        ],
        default="body",
    )
    # looked at only where a body is meant: an instance without any has nothing to choose from
    body = SelectField(_l("Which body?"), choices=[], validate_choice=False)
    email = StringField(_l("Their e-mail address"), validators=[Optional(), Length(max=254)])
    label = StringField(
        _l("A name for this link"),
        description=_l("For you alone, so that you know it again."),
        validators=[Optional(), Length(max=120)],
    )
    password = StringField(
        _l("A password for this link"),
        description=_l("At least 8 characters. Tell it by another way than the link."),
        validators=[Optional(), Length(max=200)],
    )
    level = RadioField(
        _l("What may they do?"),
        choices=[(level.word, label) for level, label, _text, _said in LEVELS],
        default=Level.VIEW.word,
    )
    until = DayField(
        _l("Until which day?"),
        description=_l("After this day the door closes by itself. For example, 30 6 2026. Leave it empty for no end."),
    )
    purpose = StringField(
        _l("What for?"),
        description=_l("One plain sentence. They see it each time they open a file."),
        validators=[Optional(), Length(max=500)],
    )


class PasswordForm(PageForm):
    """The password of a link."""

    password = StringField(_l("Password"), validators=[InputRequired(_l("Write the password of this link"))])


@shares.get("/shared")
def index() -> str:
    """What I share, soonest ending first, and what others share with me."""
    work = current_work()
    given, received = queries.shared_by_me(work), queries.shared_with_me(work)
    names = item_names(work, [one.thing_id for one in given] + [one.thing_id for one in received])
    people = subject_names(work, [one.subject for one in given])
    givers = subject_names(work, [Principal(SubjectKind.PERSON, one.granted_by) for one in received])
    return render_template(
        "shares/index.html",
        given=given,
        received=received,
        names=names,
        people=people,
        givers={principal.id: name for principal, name in givers.items()},
        level_of={level.word: word for level, word in level_words().items()},
        levels=level_words(),
        tab=request.args.get("tab", "by-me"),
    )


@shares.route("/files/<item_id>/share", methods=["GET", "POST"])
def share(item_id: str) -> Any:
    """Who can see this, and the form to let somebody in."""
    work, g.nav = current_work(), "files.index"
    item, thing = locate_item(work, item_id)
    lines, ended = queries.who_can_see(work, thing), queries.ended_grants(work, thing)
    form = ShareForm()
    form.body.choices = [(body.id, body.name) for body in directory(work)]
    if request.method == "GET" and request.args.get("body"):
        form.body.data = request.args["body"]
    if request.form.get("do") != "preview" and form.validate_on_submit() and (given := _give(work, thing, form)):
        return given
    return render_template(
        "shares/share.html",
        item=item,
        lines=lines,
        form=form,
        level_choices=_level_choices(),
        sentence=_sentence(item, form),
        crumbs=trail(path(work, item_id)),
        people=subject_names(work, [one.subject for one in [*(line.grant for line in lines), *ended]]),
        level_words=level_words(),
        ended=ended,
        new_link=session.pop("new_link", None),
        inside=item_names(work, [line.grant.thing_id for line in lines]),
    )


@shares.post("/files/<item_id>/share/<grant_id>/end")
def end(item_id: str, grant_id: str) -> BaseResponse:
    """End an access at once."""
    work = current_work()
    _item, thing = locate_item(work, item_id)
    ended = service.revoke(work, thing, grant_id)
    who = subject_names(work, [Principal(SubjectKind(ended.subject_kind), ended.subject_id)])
    flash(_("Ended. %(who)s gets in no more.", who=next(iter(who.values()), _("The link"))), "ok")
    return redirect(way_back(url_for(".share", item_id=item_id)))


@shares.route("/l/<token>", methods=["GET", "POST"])
@carries_bytes
def link(token: str) -> Any:
    """A secret link: exchange its token for this browser's session, then go to an address without it."""
    form = PasswordForm()
    password = form.password.data if form.validate_on_submit() else None
    counted = sha256(token.encode()).hexdigest()
    if password is not None:
        guesses.try_once(runtime(), Secret.LINK, counted)
    try:
        with runtime().writing(current_actor()) as work:
            entered = service.enter_link(work, token, password)
            target = work.session.query(Grant).filter_by(subject_kind="link", subject_id=entered.id).one()
            if password is not None:
                guesses.clear(work, Secret.LINK, counted)
            work.commit()
    except PasswordRequired:
        return render_template("shares/password.html", form=form)
    except WrongSecret:
        form.password.errors = [_("That is not the password of this link. Ask whoever sent it to you.")]
        return render_template("shares/password.html", form=form), 401
    sessions.remember_link(entered.id)
    return redirect(url_for("files.item", item_id=target.thing_id), code=303)


def _level_choices() -> list[dict[str, Any]]:
    return [
        {"value": level.word, "label": label, "text": text, "data": {"text": said}}
        for level, label, text, said in LEVELS
    ]


def _sentence(item: Item, form: ShareForm) -> Markup:
    """What the form would do, in one sentence whose parts the page keeps in step with the answers."""
    said = {level.word: said for level, _label, _text, said in LEVELS}
    until = format_day(form.until.data) if form.until.data else _("you end it")
    # the sentence is the catalogue's own; what people wrote is escaped by the formatting
    return Markup(_("They may %(level)s “%(name)s” until %(until)s.")) % {  # noqa: S704
        "level": Markup('<b data-out="level">{}</b>').format(said.get(form.level.data, "")),
        "name": plain_name(item.name),
        "until": Markup('<b data-out="until">{}</b>').format(until),
    }


def level_words() -> dict[Level, str]:
    """The levels in words."""
    return {level: label for level, label, _text, _said in LEVELS}


def _give(work: Work, thing: Located, form: ShareForm) -> BaseResponse | None:
    """Give what the form asks for; None where a field has to be put right."""
    try:
        with refusable():
            if form.who.data == "link":
                _make_link(work, thing, form)
            elif (subject := _subject(work, form)) is None:
                return None
            else:
                service.grant(
                    work,
                    thing,
                    subject,
                    Level[form.level.data.upper()],
                    valid_until=_end_of(form.until.data, work),
                    purpose=form.purpose.data or "",
                )
                flash(_("Shared with %(who)s.", who=subject_names(work, [subject])[subject]), "ok")
    except NotAcceptable as error:
        _explain(form, str(error.details.get("field")))
        return None
    return redirect(url_for(".share", item_id=thing.id))


def _make_link(work: Work, thing: Located, form: ShareForm) -> None:
    _given, token = service.make_link(
        work,
        thing,
        Level[form.level.data.upper()],
        valid_until=_end_of(form.until.data, work),
        password=form.password.data or None,
        label=form.label.data or "",
        purpose=form.purpose.data or "",
    )
    # shown once, on the next page; the database keeps only its hash
    session["new_link"] = work.settings.base_url + url_for(".link", token=token)


def _subject(work: Work, form: ShareForm) -> Principal | None:
    if form.who.data == "body":
        if form.body.data not in {body.id for body in directory(work)}:
            form.body.errors = [_("Choose a body")]
            return None
        return Principal(SubjectKind.BODY, form.body.data)
    person = person_by_email(work, form.email.data or "")
    if person is None:
        form.email.errors = [_("Nobody here has this address. Check it, or share by a link.")]
        return None
    return Principal(SubjectKind.PERSON, person.id)


def _explain(form: ShareForm, field: str) -> None:
    sentences = {
        "until": (form.until, _("Choose a day that is still to come")),
        "subject": (form.email, _("This is your own address: you see it already")),
        "password": (form.password, _("A password needs at least 8 characters")),
        "purpose": (form.purpose, _("Say it in 500 characters or fewer")),
        "level": (form.level, _("Choose what they may do")),
    }
    where, sentence = sentences[field]
    where.errors = [sentence]


def _end_of(day: date | None, work: Work) -> datetime | None:
    """The last instant of a day, where the instance stands."""
    if day is None:
        return None
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(work.settings.timezone)).astimezone(UTC)
