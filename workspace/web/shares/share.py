"""Pages of one item: who can see it, let somebody in, change on what terms, end it, give it again."""

from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from workspace.accounts.awaited import addressee
from workspace.bodies.queries import all_offices, directory
from workspace.cases.traces import KeptCopy, kept_copies
from workspace.cloud.models import Item
from workspace.cloud.queries import item_names, path
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.http.request import current_work, refusable
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import NotAcceptable, NotFound, WrongState
from workspace.kernel.things import Located
from workspace.sharing import links, queries, service
from workspace.sharing.authorize import as_value
from workspace.sharing.ledger import downloads_used
from workspace.sharing.queries import AccessLine
from workspace.web.formats import day as format_day
from workspace.web.formats import plain_name
from workspace.web.places import trail, way_back
from workspace.web.shares.blueprint import shares
from workspace.web.shares.forms import LinkPasswordForm, ShareForm, TermsForm, level_choices
from workspace.web.shares.words import LEVELS, condition_words, level_words
from workspace.web.subjects import grant_names


@dataclass(frozen=True, slots=True)
class Door:
    """One line of "who can see this"."""

    line: AccessLine
    name: str
    terms: str
    kept: tuple[KeptCopy, ...]


@shares.route("/files/<item_id>/share", methods=["GET", "POST"])
def share(item_id: str) -> Any:
    """Who can see this, and the form to let somebody in."""
    work, g.nav = current_work(), "files.index"
    item, thing = locate_item(work, item_id)
    form = ShareForm()
    bodies = _bodies(work)
    form.body.choices = list(bodies.items())
    if request.method == "GET" and request.args.get("body"):
        form.body.data = request.args["body"]
    sent = request.form.get("do") != "preview" and form.validate_on_submit()
    if sent and (given := _give(work, thing, form, bodies)):
        return given
    ended = queries.ended_grants(work, thing)
    return render_template(
        "shares/share.html",
        item=item,
        doors=_doors(work, thing),
        form=form,
        level_choices=level_choices(),
        sentence=_sentence(item, form),
        crumbs=trail(path(work, item_id)),
        people=grant_names(work, ended),
        level_words=level_words(),
        ended=ended,
        new_link=session.pop("new_link", None),
        inside=item_names(work, [thing.id, *thing.lineage]),
    )


@shares.route("/files/<item_id>/share/<grant_id>", methods=["GET", "POST"])
def change(item_id: str, grant_id: str) -> Any:
    """Extend, narrow or widen one access; a link gets another password here, too."""
    work, g.nav = current_work(), "files.index"
    item, thing = locate_item(work, item_id)
    door = _door(work, thing, grant_id)
    form, secret = TermsForm(), LinkPasswordForm()
    if request.method == "GET":
        form.fill(door.line.grant, work.settings.timezone)
    elif request.form.get("do") == "password" and secret.validate():
        if _set_password(work, thing, grant_id, secret):
            return redirect(url_for(".share", item_id=item_id), code=303)
    elif request.form.get("do") != "password" and form.validate() and _change(work, thing, grant_id, form):
        flash(_("Changed for %(who)s.", who=door.name), "ok")
        return redirect(url_for(".share", item_id=item_id), code=303)
    return render_template(
        "shares/change.html",
        item=item,
        door=door,
        form=form,
        secret=secret,
        level_choices=level_choices(),
        crumbs=trail(path(work, item_id)),
    )


@shares.route("/files/<item_id>/share/<grant_id>/end", methods=["GET", "POST"])
def end(item_id: str, grant_id: str) -> Any:
    """End an access at once; the page before it tells what they keep."""
    work, g.nav = current_work(), "files.index"
    item, thing = locate_item(work, item_id)
    if request.method == "GET":
        door = _door(work, thing, grant_id)
        return render_template(
            "shares/end.html",
            item=item,
            door=door,
            crumbs=trail(path(work, item_id)),
            back=way_back(url_for(".share", item_id=item_id)),
        )
    ended = as_value(service.revoke(work, thing, grant_id))
    who = grant_names(work, [ended])[ended.subject]
    flash(_("Ended. %(who)s gets in no more.", who=who), "ok")
    if kept := _kept(work, thing, ended.subject):
        flash(
            ngettext(
                "What you delivered stays with them: %(num)s file.",
                "What you delivered stays with them: %(num)s files.",
                len(kept),
            ),
            "note",
        )
    return redirect(way_back(url_for(".share", item_id=item_id)))


@shares.post("/files/<item_id>/share/<grant_id>/again")
def again(item_id: str, grant_id: str) -> BaseResponse:
    """Open again what was ended by hand."""
    work = current_work()
    _item, thing = locate_item(work, item_id)
    try:
        with refusable():
            given = as_value(service.give_again(work, thing, grant_id))
    except WrongState:
        flash(_("This cannot be opened again as it was. Share it anew."), "error")
    else:
        flash(_("Open again for %(who)s.", who=grant_names(work, [given])[given.subject]), "ok")
    return redirect(way_back(url_for(".share", item_id=item_id)))


def _doors(work: Work, thing: Located) -> list[Door]:
    lines = queries.who_can_see(work, thing)
    names = grant_names(work, [one.grant for one in lines])
    used = downloads_used(work, [one.grant.id for one in lines if one.grant.downloads is not None])
    return [
        Door(
            one,
            names[one.grant.subject],
            _terms(work, one, used.get(one.grant.id, 0)),
            tuple(_kept(work, thing, one.grant.subject)),
        )
        for one in lines
    ]


def _door(work: Work, thing: Located, grant_id: str) -> Door:
    for one in _doors(work, thing):
        if one.line.grant.id == grant_id and one.line.grant.thing_id == thing.id:
            return one
    raise NotFound()


def _terms(work: Work, line: AccessLine, used: int) -> str:
    level = level_words().get(line.grant.level, _("A delivered case"))
    words = condition_words(line.grant, work.now, used, password=line.link_has_password)
    return ", ".join([str(level), *words])


def _kept(work: Work, thing: Located, subject: Principal) -> list[KeptCopy]:
    """What of this a body keeps, because it was delivered to it."""
    body_id = subject.id if subject.kind is SubjectKind.BODY else None
    if subject.kind is SubjectKind.OFFICE:
        body_id = next((one.body_id for one in all_offices(work) if one.id == subject.id), None)
    return kept_copies(work, thing, body_id) if body_id else []


def _bodies(work: Work) -> dict[str, str]:
    """What can be chosen: bodies, each with its offices below it."""
    offices: dict[str, list[tuple[str, str]]] = {}
    for one in all_offices(work):
        offices.setdefault(one.body_id, []).append((f"office:{one.id}", one.name))
    choices: dict[str, str] = {}
    for body in directory(work):
        choices[body.id] = body.name
        choices |= {value: f"{body.name}: {name}" for value, name in offices.get(body.id, [])}
    return choices


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


def _give(work: Work, thing: Located, form: ShareForm, bodies: dict[str, str]) -> BaseResponse | None:
    """Give what the form asks for; None where a field has to be put right."""
    try:
        with refusable():
            if form.who.data == "link":
                _make_link(work, thing, form)
            elif (found := _subject(work, form, bodies)) is None:
                return None
            else:
                subject, address = found
                terms = form.terms(work) | {"sign_in": False}
                given = service.grant(work, thing, subject, terms.pop("level"), addressed_to=address, **terms)
                flash(_("Shared with %(who)s.", who=grant_names(work, [as_value(given)])[subject]), "ok")
    except NotAcceptable as error:
        form.explain(str(error.details.get("field")))
        return None
    return redirect(url_for(".share", item_id=thing.id))


def _make_link(work: Work, thing: Located, form: ShareForm) -> None:
    terms = form.terms(work)
    _given, token = links.make_link(
        work,
        thing,
        terms.pop("level"),
        password=form.password.data or None,
        label=form.label.data or "",
        **terms,
    )
    # shown once, on the next page; the database keeps only its hash
    session["new_link"] = work.settings.base_url + url_for(".link", token=token)


def _subject(work: Work, form: ShareForm, bodies: dict[str, str]) -> tuple[Principal, str | None] | None:
    """Whom the form means, and by which address."""
    if form.who.data == "body":
        chosen = form.body.data or ""
        if chosen not in bodies:
            form.body.errors = [_("Choose a body")]
            return None
        office = chosen.removeprefix("office:")
        kind = SubjectKind.BODY if office == chosen else SubjectKind.OFFICE
        return Principal(kind, office), None
    address = (form.email.data or "").strip()
    return Principal(SubjectKind.PERSON, addressee(work, address)), address


def _change(work: Work, thing: Located, grant_id: str, form: TermsForm) -> bool:
    try:
        with refusable():
            service.change_grant(work, thing, grant_id, **form.terms(work))
    except NotAcceptable as error:
        form.explain(str(error.details.get("field")))
        return False
    return True


def _set_password(work: Work, thing: Located, grant_id: str, form: LinkPasswordForm) -> bool:
    try:
        with refusable():
            links.set_link_password(work, thing, grant_id, form.password.data or None)
    except NotAcceptable:
        form.password.errors = [_("A password needs at least 8 characters")]
        return False
    flash(_("The link has another password now."), "ok")
    return True
