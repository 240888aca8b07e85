"""Reads of cases: the citizen's list, one case whole, a delivered file, what waits for somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from workspace.accounts.models import Person
from workspace.bodies.models import Body, Official
from workspace.bodies.queries import body_names
from workspace.cases.folders import files_in
from workspace.cases.handover import HandedOver, handed_over
from workspace.cases.history import events_of
from workspace.cases.models import Case, DeliveredFile, Delivery
from workspace.cases.procedure import Phase, procedure
from workspace.cases.states import CaseState, Event, fold, outlook, phase, timing
from workspace.cases.steps import citizen_step, office_step
from workspace.cases.things import locate_case, story_of
from workspace.cases.timeline import documents_of, entries, papers_of, people_of
from workspace.cases.views import CaseLine, CaseView, Document, FolderFile, Next, Paper, Reader
from workspace.cloud.blobs import BlobReader, open_blob
from workspace.cloud.spaces import body_space
from workspace.db.work import Work
from workspace.kernel.actors import SubjectKind
from workspace.kernel.errors import NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.things import Located, ThingKind
from workspace.sharing.authorize import Right, authorize, require_signed_in
from workspace.sharing.ledger import record_access
from workspace.sharing.queries import who_can_see
from workspace.sharing.rule import Action, Level, Verdict


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A delivered file whose opening is written down. Its reader goes on after the Work."""

    name: str
    media_type: str
    sha256: str
    at: datetime
    reader: BlobReader


def my_cases(work: Work) -> list[CaseLine]:
    """The actor's cases, the last moved first, without drafts that were thrown away. Three queries for any number."""
    person_id = require_signed_in(work.actor)
    rows = list(work.session.scalars(select(Case).where(Case.applicant_id == person_id).order_by(Case.id.desc())))
    events = events_of(work, select(Case.id).where(Case.applicant_id == person_id))
    names = body_names(work, (row.body_id for row in rows if row.body_id))
    lines = [_line(work, row, events.get(row.id, ()), names) for row in rows]
    kept = [one for one in lines if one.state.withdrawn_at is None or one.state.delivered_at is not None]
    return sorted(kept, key=lambda one: one.changed_at, reverse=True)


def case(work: Work, case_id: str) -> CaseView:
    """A case as the actor may see it: all of it for the applicant; for officials what was delivered; for somebody with
    whom its folder is shared the draft's words and how far it has come.

    A look by anyone but the applicant is written down: then the Work has to be a writing one.
    """
    row, thing = locate_case(work, case_id)
    verdict = authorize(work, Action.SEE, thing)
    reader = _reader(verdict)
    state_events = events_of(work, [row.id]).get(row.id, [])
    rules = procedure(row.procedure)
    state = fold(rules, state_events)
    if reader is not Reader.APPLICANT:
        look(work, thing, verdict, state.delivery_id)
    space_id = _space(work, row, reader)
    ids = [row.applicant_id, state.handler_id, *(one.person_id for one in state_events)]
    people = people_of(work, row, ids)
    papers = papers_of(work, row, people, space_id)
    clock = timing(rules, state, work.now, work.settings.timezone)
    story = _story(work, row, state, reader, papers)
    step = (
        office_step(work.actor, rules, state, row, work.now, work.settings.timezone)
        if reader is Reader.OFFICE
        else citizen_step(rules, state, clock, has_story=bool(story), has_body=row.body_id is not None)
    )
    body = work.session.get(Body, row.body_id) if row.body_id else None
    documents = documents_of(work, row) if reader is not Reader.GUEST else []
    present = () if reader is Reader.OFFICE else _folder_files(work, row, documents)
    handler = people.of(state.handler_id) if state.handler_id else None
    registrars = {one.person_id for one in state_events if one.kind == FactKind.REGISTERED.value}
    return CaseView(
        id=row.id,
        title=row.title,
        kind=row.kind,
        story=story,
        folder_id=row.folder_id if len(thing.lineage) > 1 and reader is not Reader.OFFICE else None,
        body_id=row.body_id,
        body=body.name if body else "",
        body_slug=body.slug if body else "",
        body_officials=_officials(work, body),
        body_closed=body is not None and body.closed_at is not None,
        reader=reader,
        state=state,
        timing=clock,
        outlook=outlook(rules, work.now, work.settings.timezone),
        rules=rules,
        step=step if reader is not Reader.GUEST else Next.NOTHING,
        timeline=tuple(entries(work, row, rules, state, state_events, papers, people, space_id)),
        documents=tuple(documents),
        papers=tuple(papers),
        files=present,
        applicant=people.of(row.applicant_id),
        handler=handler,
        people=tuple(people.of(one) for one in registrars if one != state.handler_id),
        shared_with=_shared_with(work, thing) if reader is Reader.APPLICANT else (),
        made_at=row.made_at,
    )


def case_titles(work: Work, case_ids: Iterable[str]) -> dict[str, str]:
    """The titles of those of these cases that are the actor's own."""
    person_id = require_signed_in(work.actor)
    mine = select(Case.id, Case.title).where(Case.id.in_(set(case_ids)), Case.applicant_id == person_id)
    return {row.id: row.title for row in work.session.execute(mine)}


def reader_of(work: Work, case_id: str) -> tuple[Reader, str]:
    """As whom the actor sees a case, and the slug of its body. Nothing is shown yet, so nothing is written down."""
    row, thing = locate_case(work, case_id)
    reader = _reader(authorize(work, Action.SEE, thing))
    return reader, work.session.scalar(select(Body.slug).where(Body.id == row.body_id)) or ""


def delivered_already(work: Work, case_id: str) -> HandedOver | None:
    """The first delivery of the actor's own case, if it was made."""
    row, thing = locate_case(work, case_id)
    authorize(work, Action.DELIVER, thing)
    known = work.session.scalar(select(Delivery).where(Delivery.case_id == row.id, Delivery.direction == "appeal"))
    return handed_over(known) if known is not None else None


def open_delivered(work: Work, file_id: str, kind: FactKind = FactKind.DOWNLOADED) -> OpenedFile:
    """The bytes of a delivered file, for the applicant and for officials of the body; theirs is written down first.

    Raises NotFound for everybody else, those with whom the folder is shared included. An owner's own look is summed in
    a writing Work and not at all in a reading one.
    """
    file = work.session.get(DeliveredFile, file_id)
    if file is None:
        raise NotFound()
    delivery = work.session.get_one(Delivery, file.delivery_id)
    row, thing = locate_case(work, delivery.case_id)
    verdict = authorize(work, Action.OPEN, thing)
    reader = _reader(verdict)
    space_id = _space(work, row, reader)
    if space_id is None:
        raise NotFound()
    # the look is told of the file itself, so that it stands on the file's own page, too
    told = thing
    if file.item_id is not None:
        told = Located(ThingKind.ITEM, file.item_id, thing.owner, (file.item_id,), thing.space_id)
    if work.writes or not verdict.owner:
        record_access(work, kind, told, verdict, version_id=file.version_id or file.id, case_id=row.id)
    opened = open_blob(work, file.blob_id, space_id)
    return OpenedFile(file.name, file.media_type, file.sha256.hex(), delivery.made_at, opened)


def rights_to_delivered(work: Work, file_id: str) -> list[Right]:
    """What lets the actor read a delivered file, for who has to ask again while its bytes travel. Raises NotFound."""
    case_id = _case_of_file(work, file_id)
    _, thing = locate_case(work, case_id or "")
    verdict = authorize(work, Action.OPEN, thing)
    _reader(verdict)
    return [Right(thing, verdict)]


def reader_of_file(work: Work, file_id: str) -> Reader:
    """As whom the actor may open a delivered file. Raises NotFound."""
    return reader_of(work, _case_of_file(work, file_id) or "")[0]


def look(work: Work, thing: Located, verdict: Verdict, delivery_id: str | None) -> None:
    """Write down that somebody reads the case. Raises RuntimeError in a Work that cannot keep it."""
    authorize(work, Action.SEE, thing)
    if not work.writes:
        raise RuntimeError("reading somebody else's case is written down; begin a writing Work")
    record_access(work, FactKind.OPENED, thing, verdict, version_id=delivery_id, case_id=thing.id)


def _case_of_file(work: Work, file_id: str) -> str | None:
    return work.session.scalar(
        select(Delivery.case_id)
        .join(DeliveredFile, DeliveredFile.delivery_id == Delivery.id)
        .where(DeliveredFile.id == file_id)
    )


def _line(work: Work, row: Case, events: list[Event] | tuple[()], names: dict[str, str]) -> CaseLine:
    rules = procedure(row.procedure)
    state = fold(rules, events)
    clock = timing(rules, state, work.now, work.settings.timezone)
    has_story, has_body = row.story_id is not None, row.body_id is not None
    return CaseLine(
        id=row.id,
        title=row.title,
        kind=row.kind,
        body=names.get(row.body_id or "", ""),
        body_id=row.body_id,
        state=state,
        timing=clock,
        rules=rules,
        changed_at=row.changed_at,
        step=citizen_step(rules, state, clock, has_story=has_story, has_body=has_body),
        ready=phase(rules, state) is Phase.DRAFT and has_story and has_body,
    )


def _reader(verdict: Verdict) -> Reader:
    if verdict.owner:
        return Reader.APPLICANT
    return Reader.OFFICE if verdict.level is Level.HANDLE else Reader.GUEST


def _space(work: Work, row: Case, reader: Reader) -> str | None:
    """Through whose key the delivered words and files are read; guests read none of them."""
    if reader is Reader.APPLICANT:
        return row.space_id
    return body_space(work, row.body_id).id if reader is Reader.OFFICE and row.body_id else None


def _story(work: Work, row: Case, state: CaseState, reader: Reader, papers: list[Paper]) -> str:
    if reader is Reader.OFFICE:
        return next((one.text for one in papers if one.id == state.delivery_id), "")
    return story_of(work, row)


def _folder_files(work: Work, row: Case, documents: list[Document]) -> tuple[FolderFile, ...]:
    known = {(one.item_id, one.sha256) for one in documents}
    return tuple(
        FolderFile(
            item_id=one.item_id or "",
            version_id=one.version_id or "",
            name=one.name,
            size=one.size,
            sha256=one.sha256.hex(),
            media_type=one.media_type,
            delivered=(one.item_id, one.sha256.hex()) in known,
        )
        for one in files_in(work, row.folder_id)
    )


def _officials(work: Work, body: Body | None) -> int:
    if body is None:
        return 0
    wanted = select(func.count()).select_from(Official).where(Official.body_id == body.id)
    return work.session.scalar(wanted.where(Official.dismissed_at.is_(None))) or 0


def _shared_with(work: Work, thing: Located) -> tuple[str, ...]:
    """Names of persons and bodies that see the draft because its folder is shared with them."""
    subjects = [one.grant.subject for one in who_can_see(work, thing) if one.grant.level is not Level.HANDLE]
    people = [one.id for one in subjects if one.kind is SubjectKind.PERSON]
    names = list(work.session.scalars(select(Person.name).where(Person.id.in_(people)))) if people else []
    bodies = body_names(work, [one.id for one in subjects if one.kind is SubjectKind.BODY])
    return (*sorted(names), *sorted(bodies.values()))
