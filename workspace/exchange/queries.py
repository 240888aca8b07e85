"""Reads of exchange: comments, and the access ledger: who opened, listed, previewed or downloaded what."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from workspace.accounts.models import Person
from workspace.bodies.models import Body, Official
from workspace.cloud.models import Item, Space
from workspace.cloud.spaces import personal_space
from workspace.cloud.texts import open_text
from workspace.cloud.things import locate_item
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.exchange.models import Comment
from workspace.kernel.actors import SubjectKind
from workspace.kernel.errors import NotFound
from workspace.kernel.facts import ACCESS_KINDS, FactKind
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize, require_signed_in
from workspace.sharing.models import Access, Grant, Link, OwnReads
from workspace.sharing.rule import Action
from workspace.trust.documents import entry_document


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment as a page shows it; `text` is None once it was withdrawn."""

    id: str
    author: str
    body: str | None
    text: str | None
    made_at: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger. `leaf` is its number in the transparency log, None while it is being sealed."""

    fact_id: str
    at: datetime
    last_at: datetime
    times: int
    kind: FactKind
    door: str
    person: str
    body: str | None
    role: str | None
    link: str | None
    thing_kind: str
    thing_id: str
    name: str | None
    purpose: str
    case_id: str | None
    leaf: int | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of the ledger, newest first; `cursor` leads to the next one."""

    lines: tuple[LedgerLine, ...]
    cursor: str | None
    bodies: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What to show: since when, by which body, through which door, words in the name of file or person."""

    since: datetime | None = None
    body_id: str | None = None
    door: str | None = None
    text: str = ""
    item_id: str | None = None


Proven = tuple[list[dict[str, Any]], str | None]
"""Documents that prove themselves, and the cursor of the next page."""


@dataclass(frozen=True, slots=True)
class OwnDay:
    """How often the owner opened own files on a day through a door."""

    day: date
    door: str
    times: int


@dataclass(frozen=True, slots=True)
class Openings:
    """How often others opened what is somebody's."""

    person_id: str
    count: int


def comments(work: Work, item_id: str) -> list[CommentView]:
    """All comments on an item, oldest first."""
    item, thing = locate_item(work, item_id)
    authorize(work, Action.SEE, thing)
    rows = work.session.execute(
        select(Comment, Person.name, Body.name)
        .join(Person, Person.id == Comment.author_id)
        .outerjoin(Body, Body.id == Comment.body_id)
        .where(Comment.item_id == item_id)
        .order_by(Comment.id)
    )
    return [
        CommentView(
            id=row.id,
            author=name,
            body=body,
            text=open_text(work, row.text_id, item.space_id) if row.text_id else None,
            made_at=row.made_at,
            mine=row.author_id == work.actor.person_id,
        )
        for row, name, body in rows
    ]


def ledger(work: Work, wanted: LedgerFilter, cursor: str | None = None, limit: int = 50) -> LedgerPage:
    """Who looked at the actor's own things, newest first: everybody but the actor.

    Lines on a case carry its id; `cases`, a floor above, knows its title.
    """
    person_id = require_signed_in(work.actor)
    if wanted.item_id is not None:
        _, thing = locate_item(work, wanted.item_id, trashed=True)
        authorize(work, Action.SEE_LEDGER, thing)
    rows = work.session.execute(_lines(work, person_id, wanted, cursor).limit(limit + 1)).all()
    lines = tuple(_line(*row) for row in rows[:limit])
    return LedgerPage(lines, rows[limit - 1][0].id if len(rows) > limit else None, _bodies(work, person_id))


def ledger_line(work: Work, fact_id: str) -> LedgerLine | None:
    """One line of the actor's own ledger, for its proof."""
    person_id = require_signed_in(work.actor)
    row = work.session.execute(_lines(work, person_id, LedgerFilter(), None).where(FactRow.id == fact_id)).one_or_none()
    return _line(*row) if row is not None else None


def ledger_entry(work: Work, fact_id: str) -> dict[str, Any]:
    """One line of the actor's own ledger as a document that proves itself: the whole fact, its salt, its way to the
    signed head. Raises NotFound, also while the line is being sealed."""
    person_id = require_signed_in(work.actor)
    row = work.session.execute(_lines(work, person_id, LedgerFilter(), None).where(FactRow.id == fact_id)).one_or_none()
    if row is None:
        raise NotFound()
    return entry_document(work, row[0])


def ledger_entries(work: Work, wanted: LedgerFilter, size: int, cursor: str | None = None, limit: int = 200) -> Proven:
    """Those lines of a page of the ledger that stand in the log's head of `size`, each as a document that proves
    itself, and the cursor of the next page. Lines that are being sealed are left out."""
    page = ledger(work, wanted, cursor, limit)
    sealed = [one.fact_id for one in page.lines if one.leaf is not None and one.leaf < size]
    facts = work.session.scalars(select(FactRow).where(FactRow.id.in_(sealed)).order_by(FactRow.id.desc()))
    return [entry_document(work, one, size) for one in facts], page.cursor


def openings_to_tell(work: Work, since: datetime, after: str, limit: int) -> list[Openings]:
    """For the worker: people in the order of their ids whose things others opened since they were last told, and since
    `since` at the earliest; only those who want to be told."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    told = func.coalesce(Person.weekly_letter_at, since)
    rows = work.session.execute(
        select(Person.id, func.count(FactRow.id))
        .join(Space, (Space.owner_id == Person.id) & (Space.owner_kind == SubjectKind.PERSON.value))
        .join(FactRow, FactRow.space_id == Space.id)
        .where(FactRow.kind.in_([kind.value for kind in ACCESS_KINDS - {FactKind.REFUSED}]))
        .where(FactRow.at >= since, FactRow.at > told, FactRow.at <= work.now)
        .where(or_(FactRow.person_id.is_(None), FactRow.person_id != Person.id))
        .where(Person.weekly_letter, Person.disabled_at.is_(None), Person.confirmed_at.is_not(None), Person.id > after)
        .group_by(Person.id)
        .order_by(Person.id)
        .limit(limit)
    )
    return [Openings(person_id, count) for person_id, count in rows]


def own_reads(work: Work, limit: int = 14) -> list[OwnDay]:
    """The owner's own openings, summed by day and door, newest first."""
    space = personal_space(work, require_signed_in(work.actor))
    rows = work.session.execute(
        select(OwnReads.day, OwnReads.door, func.sum(OwnReads.times))
        .where(OwnReads.space_id == space.id)
        .group_by(OwnReads.day, OwnReads.door)
        .order_by(OwnReads.day.desc(), OwnReads.door)
        .limit(limit)
    )
    return [OwnDay(date.fromisoformat(day), door, int(times)) for day, door, times in rows]


def _lines(work: Work, person_id: str, wanted: LedgerFilter, cursor: str | None) -> Select[Any]:
    """Facts about looking, in the actor's own cloud and in the cases that they brought (these name the space, too)."""
    space = personal_space(work, person_id)
    role = (
        select(func.min(Official.role))
        .where(Official.person_id == FactRow.person_id, Official.body_id == FactRow.body_id)
        .scalar_subquery()
    )
    query = (
        select(FactRow, Access, Person.name, Body.name, role, Link.label, Item.name, Grant.purpose)
        .outerjoin(Access, Access.fact_id == FactRow.id)
        .outerjoin(Person, Person.id == FactRow.person_id)
        .outerjoin(Body, Body.id == FactRow.body_id)
        .outerjoin(Link, Link.id == FactRow.link_id)
        .outerjoin(Item, Item.id == FactRow.thing_id)
        .outerjoin(Grant, Grant.id == FactRow.grant_id)
        .where(FactRow.space_id == space.id, FactRow.kind.in_([kind.value for kind in ACCESS_KINDS]))
        .where(or_(FactRow.person_id.is_(None), FactRow.person_id != person_id))
        .order_by(FactRow.id.desc())
    )
    return query.where(*_conditions(wanted, cursor))


def _conditions(wanted: LedgerFilter, cursor: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if cursor:
        conditions.append(FactRow.id < cursor)
    if wanted.since is not None:
        conditions.append(FactRow.at >= wanted.since)
    if wanted.body_id:
        conditions.append(FactRow.body_id == wanted.body_id)
    if wanted.door:
        conditions.append(FactRow.door == wanted.door)
    if wanted.item_id:
        conditions.append(FactRow.thing_id == wanted.item_id)
    if wanted.text:
        folded = wanted.text.casefold()
        conditions.append(
            or_(
                Item.sort_name.contains(folded, autoescape=True),
                Person.name.contains(wanted.text, autoescape=True),
            )
        )
    return conditions


def _line(
    fact: FactRow,
    access: Access | None,
    person: str | None,
    body: str | None,
    role: str | None,
    link: str | None,
    item: str | None,
    purpose: str | None,
) -> LedgerLine:
    return LedgerLine(
        fact_id=fact.id,
        at=fact.at,
        last_at=access.last_at if access else fact.at,
        times=access.times if access else 1,
        kind=FactKind(fact.kind),
        door=fact.door,
        person=person or "",
        body=body,
        role=role,
        link=link if fact.link_id else None,
        thing_kind=fact.thing_kind,
        thing_id=fact.thing_id,
        name=item,
        purpose=str(fact.details.get("purpose") or purpose or ""),
        case_id=fact.case_id,
        leaf=fact.leaf,
        details=fact.details,
    )


def _bodies(work: Work, person_id: str) -> tuple[tuple[str, str], ...]:
    """The bodies that have ever looked, for the filter."""
    space = personal_space(work, person_id)
    rows = work.session.execute(
        select(Body.id, Body.name)
        .where(Body.id.in_(select(FactRow.body_id).where(FactRow.space_id == space.id).distinct()))
        .order_by(Body.name)
    )
    return tuple((body_id, name) for body_id, name in rows)
