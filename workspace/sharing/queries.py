"""Reads of sharing: who can see a thing, what is shared with me and by me. Computed by the very rule that decides."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from workspace.db.work import Work
from workspace.kernel.things import Located
from workspace.sharing.authorize import as_value, authorize, grants_held, require_signed_in
from workspace.sharing.models import Grant, Link
from workspace.sharing.rule import Action, GrantValue


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One line of "who can see this": a grant that holds or will hold, and whether it comes from a folder above."""

    grant: GrantValue
    inherited: bool
    link_label: str = ""
    link_has_password: bool = False
    begins_later: bool = False


def who_can_see(work: Work, thing: Located) -> list[AccessLine]:
    """Everybody but the owner who can see the thing now or will, strongest first. For the owner only."""
    authorize(work, Action.SHARE, thing)
    rows = work.session.scalars(select(Grant).where(Grant.thing_id.in_(thing.lineage)))
    values = [as_value(row) for row in rows]
    present = [one for one in values if not one.ended_at(work.now)]
    links = _links(work, [one.subject.id for one in present if one.subject.kind == "link"])
    lines = [
        AccessLine(
            grant=one,
            inherited=one.thing_id != thing.id,
            link_label=links[one.subject.id].label if one.subject.id in links else "",
            link_has_password=one.subject.id in links and links[one.subject.id].password_hash is not None,
            begins_later=not one.holds_at(work.now),
        )
        for one in present
    ]
    return sorted(lines, key=lambda line: (-line.grant.level, line.grant.id))


def ended_grants(work: Work, thing: Located) -> list[GrantValue]:
    """Grants on this very thing that are over, newest first. For the owner only."""
    authorize(work, Action.SHARE, thing)
    rows = work.session.scalars(select(Grant).where(Grant.thing_id == thing.id).order_by(Grant.id.desc()))
    return [value for value in map(as_value, rows) if value.ended_at(work.now)]


def shared_with_me(work: Work) -> list[Grant]:
    """Grants on items that the actor's principals hold now, newest first; not their own things."""
    require_signed_in(work.actor)
    return list(work.session.scalars(grants_held(work).where(Grant.thing_kind == "item").order_by(Grant.id.desc())))


def shared_by_me(work: Work) -> list[GrantValue]:
    """Grants that the actor has given and that hold or will hold, soonest ending first."""
    person_id = require_signed_in(work.actor)
    rows = work.session.scalars(
        select(Grant).where(
            Grant.granted_by == person_id,
            Grant.thing_kind == "item",
            Grant.revoked_at.is_(None),
            or_(Grant.valid_until.is_(None), Grant.valid_until > work.now),
        )
    )
    values = [as_value(row) for row in rows]
    endless = [one for one in values if one.valid_until is None]
    ending = [one for one in values if one.valid_until is not None]
    return sorted(ending, key=lambda one: (one.valid_until, one.id)) + sorted(endless, key=lambda one: one.id)


def ended_together(work: Work, at: datetime) -> list[str]:
    """The ids of the grants that the actor gave and ended at one instant: together, that is."""
    person_id = require_signed_in(work.actor)
    return list(work.session.scalars(select(Grant.id).where(Grant.revoked_by == person_id, Grant.revoked_at == at)))


def shared_ids(work: Work, item_ids: list[str]) -> dict[str, list[GrantValue]]:
    """Which of these items carry grants of their own that hold now: one query for a page of a folder."""
    require_signed_in(work.actor)
    found: dict[str, list[GrantValue]] = {}
    for row in work.session.scalars(select(Grant).where(Grant.thing_id.in_(item_ids), Grant.revoked_at.is_(None))):
        value = as_value(row)
        if value.holds_at(work.now):
            found.setdefault(value.thing_id, []).append(value)
    return found


def _links(work: Work, ids: list[str]) -> dict[str, Link]:
    if not ids:
        return {}
    return {row.id: row for row in work.session.scalars(select(Link).where(Link.id.in_(ids)))}
