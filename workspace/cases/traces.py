"""Where files of somebody's own cloud appear in their cases: delivered to a body, received from one, in a draft."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from workspace.bodies.queries import body_names
from workspace.cases.models import Case, DeliveredFile, Delivery, RegisterEntry
from workspace.cloud.models import Version
from workspace.db.work import Work
from workspace.sharing.authorize import require_signed_in


@dataclass(frozen=True, slots=True)
class Trace:
    """One handing over of a file's bytes. `received`: the body gave it, else the citizen did."""

    case_id: str
    title: str
    number: str
    body: str
    received: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseUse:
    """A case that a file belongs to."""

    case_id: str
    title: str


def traces(work: Work, item_ids: Sequence[str]) -> dict[str, list[Trace]]:
    """For each of these items the handings over of its bytes in the actor's own cases, oldest first.

    A copy made by reference holds the very bytes, so the original and the copy in a case's folder are both known.
    """
    person_id = require_signed_in(work.actor)
    rows = work.session.execute(
        select(
            Version.item_id,
            Case.id,
            Case.title,
            RegisterEntry.number,
            Delivery.body_id,
            Delivery.direction,
            Delivery.made_at,
            Delivery.id.label("delivery_id"),
        )
        .join(DeliveredFile, DeliveredFile.blob_id == Version.blob_id)
        .join(Delivery, Delivery.id == DeliveredFile.delivery_id)
        .join(Case, Case.id == Delivery.case_id)
        .outerjoin(RegisterEntry, RegisterEntry.case_id == Case.id)
        .where(Version.item_id.in_(list(item_ids)), Case.applicant_id == person_id)
        .order_by(Delivery.made_at, Delivery.id)
        .distinct()
    ).all()
    names = body_names(work, {row.body_id for row in rows})
    found: dict[str, list[Trace]] = {}
    for row in rows:
        received = row.direction in ("question", "answer")
        trace = Trace(row.id, row.title, row.number or "", names.get(row.body_id, ""), received, row.made_at)
        found.setdefault(row.item_id, []).append(trace)
    return found


def used_in(work: Work, lineage: Iterable[str]) -> list[CaseUse]:
    """The actor's own cases in whose folders a thing lies, by the thing's lineage."""
    person_id = require_signed_in(work.actor)
    rows = work.session.execute(
        select(Case.id, Case.title).where(Case.applicant_id == person_id, Case.folder_id.in_(list(lineage)))
    )
    return [CaseUse(row.id, row.title) for row in rows]
