"""Reads of a body: its letters by what they need, and the desk of one of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy import case as when

from workspace.accounts.models import Person
from workspace.bodies.queries import officials
from workspace.cases.history import events_of
from workspace.cases.models import AnswerDraft, AnswerFile, Case, CaseNote, Delivery, RegisterEntry
from workspace.cases.procedure import Phase, Procedure, names, procedure
from workspace.cases.queries import OpenedFile, case
from workspace.cases.states import CaseState, Timing, fold, may, phase, timing
from workspace.cases.steps import closes_in
from workspace.cases.things import locate_case
from workspace.cases.timeline import letters_among
from workspace.cases.views import AnswerFileView, Desk, Human, Note
from workspace.cloud.blobs import open_blob
from workspace.cloud.spaces import body_space
from workspace.cloud.texts import open_text
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.actors import Role
from workspace.kernel.errors import NotFound
from workspace.kernel.facts import FactKind
from workspace.sharing.authorize import Right, authorize, held_now
from workspace.sharing.models import Grant
from workspace.sharing.rule import ROLES, Action, Level

PAGE = 50
SOON_DAYS = 3


class Tab(StrEnum):
    """What a letter needs. One letter may stand under several, as people look for it."""

    NEW = "new"
    MINE = "mine"
    SOON = "soon"
    OVERDUE = "overdue"
    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to. `text` is looked for in title, number and applicant; `handler` is a person's id, or
    `nobody`."""

    tab: Tab = Tab.OPEN
    text: str = ""
    kind: str = ""
    handler: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class InboxLine:
    """A letter in the list."""

    id: str
    title: str
    kind: str
    applicant: str
    state: CaseState
    timing: Timing
    rules: Procedure
    handler: str
    files: int
    additions: int
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How many letters stand under each tab; of the closed ones, all that ever were."""

    new: int = 0
    mine: int = 0
    soon: int = 0
    today: int = 0
    overdue: int = 0
    waiting: int = 0
    open: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of the list, soonest due first; of closed letters the newest first."""

    lines: tuple[InboxLine, ...]
    total: int
    page: int
    pages: int
    counts: Counts
    handlers: tuple[Human, ...]


def inbox(work: Work, body_id: str, wanted: Filter | None = None) -> InboxPage:
    """The letters delivered to a body in which the actor works. Raises NotFound for everybody else."""
    wanted = wanted or Filter()
    _require_post(work, body_id)
    present = _lines(work, _delivered(work, body_id).where(~_over()))
    closed = work.session.scalar(select(func.count()).select_from(_delivered(work, body_id).where(_over()).subquery()))
    counts = _counted(work, present, closed or 0)
    if wanted.tab is Tab.CLOSED:
        present = _lines(work, _delivered(work, body_id).where(_over()))
    fitting = [one for one in present if _fits(work, one, wanted)]
    fitting.sort(key=lambda one: one.id, reverse=True)
    if wanted.tab is not Tab.CLOSED:
        fitting.sort(key=lambda one: one.timing.due_on)
    pages = max(1, -(-len(fitting) // PAGE))
    page = min(max(1, wanted.page), pages)
    return InboxPage(
        lines=tuple(fitting[(page - 1) * PAGE : page * PAGE]),
        total=len(fitting),
        page=page,
        pages=pages,
        counts=counts,
        handlers=tuple(_handlers(work, body_id)),
    )


def register_of(work: Work, body_id: str) -> dict[str, str]:
    """The registered cases that the body handles, the oldest first: number to id. A number that was given in several
    years stands with its year from the second time on. Raises NotFound for who does not work there."""
    _require_post(work, body_id)
    rows = work.session.execute(
        select(RegisterEntry.case_id, RegisterEntry.number, RegisterEntry.year)
        .where(RegisterEntry.body_id == body_id, RegisterEntry.case_id.in_(_delivered(work, body_id)))
        .order_by(RegisterEntry.year, RegisterEntry.case_id)
    )
    found: dict[str, str] = {}
    for case_id, number, year in rows:
        found[number if number not in found else f"{number} ({year})"] = case_id
    return found


def counts(work: Work, body_id: str) -> Counts:
    """The numbers over the list. Raises NotFound for who does not work there."""
    _require_post(work, body_id)
    closed = work.session.scalar(select(func.count()).select_from(_delivered(work, body_id).where(_over()).subquery()))
    return _counted(work, _lines(work, _delivered(work, body_id).where(~_over())), closed or 0)


def desk(work: Work, case_id: str) -> Desk:
    """A case as an official works on it; the look is written down. Raises NotFound for everybody but officials."""
    row, thing = locate_case(work, case_id)
    authorize(work, Action.NOTE, thing)
    assert row.body_id is not None
    view = case(work, case_id)
    space_id = body_space(work, row.body_id).id
    draft = work.session.get(AnswerDraft, row.id)
    files = work.session.scalars(select(AnswerFile).where(AnswerFile.case_id == row.id).order_by(AnswerFile.id))
    roles = work.actor.roles_in(row.body_id)
    rules, state = view.rules, view.state

    def can(action: Action, kind: FactKind) -> bool:
        return bool(ROLES[action] & roles) and may(rules, state, kind)

    waits = closes_in(rules, state, work.now, work.settings.timezone)
    return Desk(
        case=view,
        outcome=draft.outcome if draft else "",
        text=open_text(work, draft.text_id, space_id) if draft and draft.text_id else "",
        drafted_by=_name(work, draft.changed_by) if draft else "",
        drafted_at=draft.changed_at if draft else None,
        answer_files=tuple(AnswerFileView(one.id, one.name, one.size, one.media_type) for one in files),
        notes=tuple(_notes(work, row, space_id)),
        handlers=tuple(one for one in _handlers(work, row.body_id) if one.id != row.applicant_id),
        may_register=can(Action.REGISTER, FactKind.REGISTERED),
        may_assign=can(Action.ASSIGN, FactKind.ASSIGNED),
        may_ask=can(Action.ASK, FactKind.QUESTION_ASKED),
        may_answer=can(Action.ANSWER, FactKind.ANSWERED),
        may_close=can(Action.CLOSE, FactKind.CLOSED) and waits == 0,
        closes_in=waits,
    )


def open_answer_file(work: Work, case_id: str, file_id: str) -> OpenedFile:
    """A document beside the draft of an answer, for officials of the body only."""
    row, thing = locate_case(work, case_id)
    authorize(work, Action.NOTE, thing)
    file = work.session.get(AnswerFile, file_id)
    if file is None or file.case_id != row.id or row.body_id is None:
        raise NotFound()
    reader = open_blob(work, file.blob_id, body_space(work, row.body_id).id)
    return OpenedFile(file.name, file.media_type, file.sha256.hex(), file.made_at, reader)


def rights_to_note(work: Work, case_id: str) -> list[Right]:
    """What lets the actor into the body's own papers on a case, for who has to ask again while bytes travel."""
    _, thing = locate_case(work, case_id)
    return [Right(thing, authorize(work, Action.NOTE, thing))]


def _require_post(work: Work, body_id: str) -> None:
    if not work.actor.roles_in(body_id):
        raise NotFound()


def _delivered(work: Work, body_id: str) -> Select[str]:
    """The ids of the cases that the body was given to handle: the rule of access, for one body, in SQL."""
    return (
        select(Case.id)
        .join(Grant, Grant.thing_id == Case.id)
        .where(
            Grant.subject_kind == "body",
            Grant.subject_id == body_id,
            Grant.level == Level.HANDLE.word,
            held_now(work),
        )
    )


def _over() -> ColumnElement[bool]:
    ending = {fact for name in names() for fact in procedure(name).ending_facts()}
    return exists(select(FactRow.id).where(FactRow.case_id == Case.id, FactRow.kind.in_(ending)))


def _lines(work: Work, ids: Select[str]) -> list[InboxLine]:
    """Five queries, whatever the number of letters."""
    rows = work.session.execute(
        select(Case, Person.name).join(Person, Person.id == Case.applicant_id).where(Case.id.in_(ids))
    ).all()
    events = events_of(work, ids)
    from_citizen = Delivery.direction.in_(["appeal", "addition", "reply"])
    mine = select(Delivery.id).where(Delivery.case_id.in_(ids), from_citizen)
    sums = (
        select(
            Delivery.case_id, func.sum(Delivery.files), func.sum(when((Delivery.direction == "addition", 1), else_=0))
        )
        .where(Delivery.id.in_(mine))
        .group_by(Delivery.case_id)
    )
    lettered = set(work.session.scalars(select(Delivery.case_id).where(Delivery.id.in_(letters_among(mine)))))
    tallies = {
        case_id: (int(files) - (case_id in lettered), int(additions))
        for case_id, files, additions in work.session.execute(sums)
    }
    folded = {row.id: fold(procedure(row.procedure), events.get(row.id, ())) for row, _ in rows}
    handlers = {state.handler_id for state in folded.values() if state.handler_id}
    known = dict(work.session.execute(select(Person.id, Person.name).where(Person.id.in_(handlers))).all())
    return [
        line
        for row, applicant in rows
        for line in _line(work, row, applicant, folded[row.id], known, tallies.get(row.id, (0, 0)))
    ]


def _line(
    work: Work, row: Case, applicant: str, state: CaseState, known: dict[str, str], tally: tuple[int, int]
) -> Iterator[InboxLine]:
    rules = procedure(row.procedure)
    clock = timing(rules, state, work.now, work.settings.timezone)
    if clock is not None and state.delivered_at is not None:
        yield InboxLine(
            id=row.id,
            title=row.title,
            kind=row.kind,
            applicant=applicant,
            state=state,
            timing=clock,
            rules=rules,
            handler=known.get(state.handler_id or "", ""),
            files=tally[0],
            additions=tally[1],
            delivered_at=state.delivered_at,
        )


def _counted(work: Work, lines: list[InboxLine], closed: int) -> Counts:
    def many(tab: Tab) -> int:
        return sum(_under(work, one, tab) for one in lines)

    running = [one for one in lines if _runs(one)]
    return Counts(
        new=many(Tab.NEW),
        mine=many(Tab.MINE),
        soon=many(Tab.SOON),
        today=sum(one.timing.left == 0 for one in running),
        overdue=many(Tab.OVERDUE),
        waiting=many(Tab.WAITING),
        open=len(lines),
        closed=closed,
    )


def _under(work: Work, line: InboxLine, tab: Tab) -> bool:
    match tab:
        case Tab.NEW:
            return line.state.registered_at is None
        case Tab.MINE:
            return line.state.handler_id == work.actor.person_id
        case Tab.SOON:
            return _runs(line) and 0 <= line.timing.left <= SOON_DAYS
        case Tab.OVERDUE:
            return line.timing.overdue
        case Tab.WAITING:
            return phase(line.rules, line.state) is Phase.CITIZEN
    return True


def _runs(line: InboxLine) -> bool:
    return line.timing.stopped_on is None


def _fits(work: Work, line: InboxLine, wanted: Filter) -> bool:
    if not _under(work, line, wanted.tab) or (wanted.kind and line.kind != wanted.kind):
        return False
    if wanted.handler and wanted.handler != (line.state.handler_id or "nobody"):
        return False
    # the database's own lower() does not know Cyrillic on SQLite
    needle = wanted.text.strip().casefold()
    return needle in f"{line.title}\n{line.state.number}\n{line.applicant}".casefold()


def _handlers(work: Work, body_id: str) -> list[Human]:
    found: dict[str, Human] = {}
    for one in officials(work, body_id):
        if one.role in (Role.HANDLER, Role.HEAD):
            found.setdefault(one.person_id, Human(one.person_id, one.name, one.role, one.office, one.phone))
    return list(found.values())


def _notes(work: Work, row: Case, space_id: str) -> Iterator[Note]:
    rows = work.session.execute(
        select(CaseNote, Person.name)
        .join(Person, Person.id == CaseNote.author_id)
        .where(CaseNote.case_id == row.id)
        .order_by(CaseNote.id.desc())
    )
    for one, name in rows:
        yield Note(one.id, name, open_text(work, one.text_id, space_id), one.made_at)


def _name(work: Work, person_id: str) -> str:
    return work.session.scalar(select(Person.name).where(Person.id == person_id)) or ""
