"""What waits for somebody on their first page: at most five things, the most urgent first."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select

from workspace.bodies.queries import BodyName, own_bodies
from workspace.cases.inbox import Counts, counts
from workspace.cases.models import Case, Delivery
from workspace.cases.queries import my_cases
from workspace.cases.views import CaseLine, Need, NeedKind, Next
from workspace.cloud.texts import open_text
from workspace.db.work import Work

MOST = 5
KINDS = {
    Next.COMPLAIN: NeedKind.SILENCE,
    Next.REPLY: NeedKind.QUESTION,
    Next.JUDGE: NeedKind.ANSWER,
    Next.DELIVER: NeedKind.DRAFT,
}
URGENCY = (
    NeedKind.OFFICE_OVERDUE,
    NeedKind.SILENCE,
    NeedKind.QUESTION,
    NeedKind.OFFICE_TODAY,
    NeedKind.ANSWER,
    NeedKind.OFFICE_NEW,
    NeedKind.DRAFT,
)


def needs(work: Work) -> list[Need]:
    """What the actor can do now, as citizen and as official; of equal things the newest first."""
    waiting = [one for one in my_cases(work) if one.step in KINDS]
    found = [_of_citizen(one) for one in waiting]
    for body in own_bodies(work):
        found += _of_office(work, body, counts(work, body.id))
    found.sort(key=lambda one: one.at, reverse=True)
    found.sort(key=lambda one: URGENCY.index(one.kind))
    return _with_words(work, found[:MOST])


def _of_citizen(line: CaseLine) -> Need:
    return Need(
        kind=KINDS[line.step],
        body=line.body,
        at=line.changed_at,
        case_id=line.id,
        title=line.title,
        number=line.state.number,
        outcome=line.state.outcome,
        due_on=line.timing.due_on if line.timing else None,
    )


def _of_office(work: Work, body: BodyName, numbers: Counts) -> Iterator[Need]:
    for kind, count in (
        (NeedKind.OFFICE_OVERDUE, numbers.overdue),
        (NeedKind.OFFICE_TODAY, numbers.today),
        (NeedKind.OFFICE_NEW, numbers.new),
    ):
        if count:
            yield Need(kind=kind, body=body.name, at=work.now, body_slug=body.slug, count=count)


def _with_words(work: Work, found: list[Need]) -> list[Need]:
    """The same with the words of questions: read only for what is shown."""
    ids = [one.case_id for one in found if one.kind is NeedKind.QUESTION]
    if not ids:
        return found
    rows = work.session.execute(
        select(Delivery.case_id, Delivery.letter_id, Case.space_id)
        .join(Case, Case.id == Delivery.case_id)
        .where(Delivery.case_id.in_(ids), Delivery.direction == "question", Case.applicant_id == work.actor.person_id)
        .order_by(Delivery.id)
    )
    newest = {case_id: (letter_id, space_id) for case_id, letter_id, space_id in rows}
    words = {case_id: open_text(work, letter, space) for case_id, (letter, space) in newest.items() if letter}
    return [replace(one, text=words.get(one.case_id, "")) for one in found]
