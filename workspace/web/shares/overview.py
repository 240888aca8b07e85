"""Everything that is shared, in both directions: by what ends soon, by whom, by what; many ended at once, and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from workspace.cloud.queries import item_names
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.http.request import current_work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.things import Located
from workspace.sharing import queries, service
from workspace.sharing.ledger import downloads_used
from workspace.sharing.rule import GrantValue
from workspace.web.shares.blueprint import shares
from workspace.web.shares.words import condition_words, level_words
from workspace.web.subjects import grant_names, subject_names

MOST = 500
UNDO = "ended_together"


@dataclass(frozen=True, slots=True)
class Given:
    """One open door of mine."""

    grant: GrantValue
    what: str
    who: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Doors under one heading; without a heading where they are not grouped."""

    heading: str
    doors: tuple[Given, ...]


@shares.get("/shared")
def index() -> str:
    """What I share, and what others share with me."""
    work = current_work()
    given, received = _given(work), queries.shared_with_me(work)
    by = request.args.get("by") if request.args.get("by") in ("who", "what") else "end"
    givers = subject_names(work, [Principal(SubjectKind.PERSON, one.granted_by) for one in received])
    return render_template(
        "shares/index.html",
        given=given,
        groups=_groups(given, str(by)),
        by=by,
        received=received,
        names=item_names(work, [one.thing_id for one in received]),
        givers={principal.id: name for principal, name in givers.items()},
        level_of={level.word: word for level, word in level_words().items()},
        levels=level_words(),
        tab=request.args.get("tab", "by-me"),
        undo=UNDO in session,
    )


@shares.post("/shared/end")
def end_many() -> BaseResponse:
    """End many accesses at once. They can be opened again as they were, until something else is ended."""
    ended = service.for_each(current_work(), request.form.getlist("grant")[:MOST], _find, service.revoke)
    session.pop(UNDO, None)
    if ended:
        session[UNDO] = current_work().now.isoformat()
        flash(ngettext("Ended: %(num)s access.", "Ended: %(num)s accesses.", len(ended)), "ok")
    else:
        flash(_("Nothing was chosen."), "note")
    return redirect(url_for(".index", by=request.form.get("by")), code=303)


@shares.post("/shared/again")
def again_many() -> BaseResponse:
    """Open again what was ended together just now."""
    work, ended_at = current_work(), session.pop(UNDO, None)
    ended = queries.ended_together(work, datetime.fromisoformat(ended_at)) if ended_at else []
    given = service.for_each(work, ended, _find, service.give_again)
    flash(ngettext("Open again: %(num)s access.", "Open again: %(num)s accesses.", len(given)), "ok")
    return redirect(url_for(".index"), code=303)


def _find(work: Work, item_id: str) -> Located:
    return locate_item(work, item_id, trashed=True)[1]


def _given(work: Work) -> list[Given]:
    grants = queries.shared_by_me(work)
    names, people = item_names(work, [one.thing_id for one in grants]), grant_names(work, grants)
    used = downloads_used(work, [one.id for one in grants if one.downloads is not None])
    levels = level_words()
    return [
        Given(
            one,
            names.get(one.thing_id) or _("My files"),
            people[one.subject],
            (str(levels[one.level]), *condition_words(one, work.now, used.get(one.id, 0), end=False)),
        )
        for one in grants
        if one.level in levels
    ]


def _groups(given: list[Given], by: str) -> list[Group]:
    """The doors as they were asked for; `given` comes with the soonest ending first."""
    if by == "end":
        return [Group("", tuple(given))]
    found: dict[Any, list[Given]] = {}
    for one in given:
        found.setdefault(one.grant.subject if by == "who" else one.grant.thing_id, []).append(one)
    groups = [Group(doors[0].who if by == "who" else doors[0].what, tuple(doors)) for doors in found.values()]
    return sorted(groups, key=lambda group: group.heading.casefold())
