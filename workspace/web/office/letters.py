"""A body's letters: the list by what they need, and what is done to many at once."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from workspace.cases import inbox as letters
from workspace.cases import office as verbs
from workspace.cases.inbox import Filter, Tab
from workspace.cases.procedure import GENERIC, procedure
from workspace.cloud.queries import item_names
from workspace.http.request import current_work, refusable
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import DomainError
from workspace.sharing.authorize import as_value
from workspace.sharing.queries import shared_with_me
from workspace.sharing.rule import ROLES, Action
from workspace.web.cases.words import sentence
from workspace.web.office.blueprint import here, number_menu, office
from workspace.web.places import way_back
from workspace.web.shares import level_words
from workspace.web.subjects import subject_names


@office.get("/")
def inbox(slug: str) -> str:
    """All open letters, or those under one of the tabs."""
    tab = request.args.get("tab", "")
    return _list(Tab(tab) if tab in list(Tab) else Tab.OPEN)


@office.get("/mine")
def mine(slug: str) -> str:
    """The letters that the actor handles."""
    return _list(Tab.MINE)


@office.post("/letters")
def many(slug: str) -> BaseResponse:
    """Register or assign all letters that are ticked."""
    work, wanted = current_work(), request.form.getlist("letter")
    back = redirect(way_back(url_for(".inbox", slug=slug)), code=303)
    if not wanted:
        flash(_("Tick at least one letter first."), "error")
        return back
    try:
        with refusable():
            if request.form.get("do") == "assign":
                done = verbs.assign_many(work, wanted, request.form.get("handler", ""))
                said = ngettext("%(num)s letter assigned.", "%(num)s letters assigned.", done)
            else:
                done = verbs.register_many(work, wanted)
                said = ngettext("%(num)s letter registered.", "%(num)s letters registered.", done)
        flash(said, "ok")
    except DomainError as error:
        flash(sentence(error)[1], "error")
    return back


@office.get("/shared")
def shared(slug: str) -> str:
    """What citizens share with the body: an open door, no letter."""
    work, body = current_work(), here()
    ours = {body.id} | {post.office_id for post in work.actor.appointments if post.body_id == body.id}
    rows = [one for one in shared_with_me(work) if one.subject_kind in ("body", "office") and one.subject_id in ours]
    grants = [as_value(one) for one in rows]
    givers = {one.id: Principal(SubjectKind.PERSON, one.granted_by) for one in rows}
    number_menu(work)
    return render_template(
        "office/shared.html",
        grants=grants,
        names=item_names(work, [one.thing_id for one in grants]),
        givers=givers,
        people=subject_names(work, givers.values()),
        levels=level_words(),
    )


@office.get("/public")
def public(slug: str) -> BaseResponse:
    """The page of the body that everybody sees."""
    return redirect(url_for("bodies.body", slug=slug))


def _list(tab: Tab) -> str:
    work, body = current_work(), here()
    page = request.args.get("page", "1")
    wanted = Filter(
        tab=tab,
        text=request.args.get("q", "").strip()[:100],
        kind=request.args.get("kind", ""),
        handler=request.args.get("handler", ""),
        page=int(page) if page.isdecimal() and len(page) < 6 else 1,
    )
    found = letters.inbox(work, body.id, wanted)
    number_menu(work, found.counts)
    roles = work.actor.roles_in(body.id)
    g.nav = "office.mine" if tab is Tab.MINE else "office.inbox"
    return render_template(
        "office/inbox.html",
        found=found,
        wanted=wanted,
        kinds=procedure(GENERIC).kinds,
        may_register=bool(ROLES[Action.REGISTER] & roles),
        now=work.now,
        page_url=_page_url,
    )


def _page_url(**changed: Any) -> str:
    """This list with something else asked for."""
    asked: dict[str, Any] = {key: value for key, value in request.args.items() if value and key != "lang"}
    values = {key: value for key, value in (asked | changed).items() if value not in ("", None)}
    return url_for("office.inbox" if "tab" in changed else f"{request.endpoint}", slug=here().slug, **values)
