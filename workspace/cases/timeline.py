"""What happened in a case, with names, days and words. Reads what its callers have asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from workspace.accounts.forgetting import NOBODY
from workspace.accounts.models import Person
from workspace.bodies.models import Office, Official
from workspace.cases.deadlines import day_number, local_day
from workspace.cases.handover import Direction
from workspace.cases.models import Case, DeliveredFile, Delivery
from workspace.cases.procedure import Procedure
from workspace.cases.states import CaseState, Event
from workspace.cases.views import Document, Entry, Human, Paper
from workspace.cloud.texts import open_text
from workspace.db.work import Work
from workspace.kernel.actors import Role
from workspace.kernel.facts import FactKind

HIDDEN = frozenset({FactKind.NOTED, FactKind.CASE_CHANGED, FactKind.DOCUMENT_ADDED, FactKind.DOCUMENT_REMOVED})
ROLES = {Role.HANDLER: 0, Role.HEAD: 1, Role.REGISTRAR: 2}


@dataclass(frozen=True, slots=True)
class People:
    """Names and posts of everybody in a case, read in two queries."""

    names: dict[str, str]
    posts: dict[str, list[Human]]
    applicant_id: str

    def of(self, person_id: str | None, role: Role | None = None) -> Human:
        """A person; officials with their post, that of `role` where they have several."""
        known = self.posts.get(person_id or "", [])
        if not known or person_id == self.applicant_id:
            return Human(person_id or "", self.names.get(person_id or "", ""))
        return next((one for one in known if one.role is role), known[0])


def people_of(work: Work, case: Case, ids: Iterable[str | None]) -> People:
    """Who these people are in this case; dismissed officials keep the post they had."""
    wanted = {one for one in ids if one} | {case.applicant_id}
    names = dict(work.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).all())
    if names.get(case.applicant_id) == NOBODY:  # erased since: the body knows them by what it was handed
        receipt = work.session.scalar(_first_receipt(case))
        names[case.applicant_id] = receipt["from"]["name"] if receipt else NOBODY
    rows = work.session.execute(
        select(Official, Office.name)
        .outerjoin(Office, Office.id == Official.office_id)
        .where(Official.body_id == case.body_id, Official.person_id.in_(wanted))
    )
    posts: dict[str, list[Human]] = {}
    order = sorted(rows, key=lambda row: (row[0].dismissed_at is not None, ROLES[Role(row[0].role)]))
    for row, office in order:
        post = Human(row.person_id, names.get(row.person_id, ""), Role(row.role), office or "", row.phone)
        posts.setdefault(row.person_id, []).append(post)
    return People(names, posts, case.applicant_id)


def _first_receipt(case: Case) -> Select[dict[str, Any]]:
    mine = (Delivery.case_id == case.id, Delivery.from_space_id == case.space_id)
    return select(Delivery.receipt).where(*mine).order_by(Delivery.id).limit(1)


def papers_of(work: Work, case: Case, people: People, space_id: str | None) -> list[Paper]:
    """The deliveries of a case, oldest first; their words through the key of one space, or none at all."""
    rows = work.session.scalars(select(Delivery).where(Delivery.case_id == case.id).order_by(Delivery.id)).all()
    lettered = set(work.session.scalars(letters_among(row.id for row in rows)))
    return [
        Paper(
            id=row.id,
            number=row.number,
            direction=Direction(row.direction),
            at=row.made_at,
            sender=people.of(row.sender_id),
            text=open_text(work, row.letter_id, space_id) if row.letter_id and space_id else "",
            files=row.files,
            attachments=row.files - (row.id in lettered),
            size=row.size,
            manifest_sha256=row.manifest_sha256.hex(),
        )
        for row in rows
    ]


def letters_among(deliveries: Iterable[str] | Select[str]) -> Select[str]:
    """Those of these deliveries that begin with the letter as a PDF: the one file that was never in a cloud."""
    wanted = deliveries if isinstance(deliveries, Select) else list(deliveries)
    return (
        select(Delivery.id)
        .join(DeliveredFile, DeliveredFile.delivery_id == Delivery.id)
        .where(
            Delivery.id.in_(wanted),
            Delivery.direction == Direction.APPEAL.value,
            DeliveredFile.ordinal == 1,
            DeliveredFile.item_id.is_(None),
        )
    )


def documents_of(work: Work, case: Case) -> list[Document]:
    """All delivered files of a case, newest delivery first, each in the order of its manifest."""
    rows = work.session.execute(
        select(DeliveredFile, Delivery)
        .join(Delivery, Delivery.id == DeliveredFile.delivery_id)
        .where(Delivery.case_id == case.id)
        .order_by(Delivery.id.desc(), DeliveredFile.ordinal)
    )
    return [
        Document(
            id=file.id,
            delivery_id=delivery.id,
            direction=Direction(delivery.direction),
            name=file.name,
            size=file.size,
            sha256=file.sha256.hex(),
            media_type=file.media_type,
            at=delivery.made_at,
            letter=file.item_id is None and delivery.direction == Direction.APPEAL.value,
            item_id=file.item_id,
        )
        for file, delivery in rows
    ]


def entries(
    work: Work,
    case: Case,
    rules: Procedure,
    state: CaseState,
    events: Sequence[Event],
    papers: Sequence[Paper],
    people: People,
    space_id: str | None,
) -> list[Entry]:
    """The timeline, newest first. What a citizen takes no interest in (notes, drafts) is left out for everybody."""
    by_id = {one.id: one for one in papers}
    zone = work.settings.timezone
    lines = []
    running = False
    for event in events:
        kind = FactKind(event.kind)
        running = running or kind is FactKind.DELIVERED
        if kind in HIDDEN:
            continue
        text_id = event.details.get("text")
        day = None
        if running and state.delivered_at is not None:
            began = local_day(state.delivered_at, zone)
            day = day_number(rules.calendar, rules.answer, began, local_day(event.at, zone))
        lines.append(
            Entry(
                id=event.id,
                kind=kind,
                at=event.at,
                day=day,
                who=people.of(event.person_id, _role(kind)),
                mine=event.person_id == work.actor.person_id,
                paper=by_id.get(event.delivery_id or ""),
                text=open_text(work, text_id, space_id) if text_id and space_id else "",
                number=str(event.details.get("number", "")),
                outcome=str(event.details.get("outcome", "")),
                handler=people.of(event.details["handler"]) if "handler" in event.details else None,
            )
        )
    return lines[::-1]


def _role(kind: FactKind) -> Role | None:
    return Role.REGISTRAR if kind is FactKind.REGISTERED else None
