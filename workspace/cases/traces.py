"""Where files of somebody's own cloud appear in their cases: delivered to a body, received from one, in a draft."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from workspace.bodies.queries import body_names
from workspace.cases.models import Case, DeliveredFile, Delivery, RegisterEntry
from workspace.cloud.models import Version
from workspace.cloud.things import subtree
from workspace.db.work import Work
from workspace.kernel.things import Located
from workspace.sharing.authorize import authorize, require_signed_in
from workspace.sharing.rule import Action


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
class KeptCopy:
    """A file that was handed over to a body in a case, by the name that it had then."""

    case_id: str
    title: str
    name: str
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


def kept_copies(work: Work, thing: Located, body_id: str) -> list[KeptCopy]:
    """What a body keeps of an item and all below it, because the owner has delivered it; oldest first. It stays
    whatever access is ended."""
    authorize(work, Action.SHARE, thing)
    below = subtree(thing.id, trashed=True)
    rows = work.session.execute(
        select(Case.id, Case.title, DeliveredFile.name, Delivery.made_at)
        .join(Delivery, Delivery.case_id == Case.id)
        .join(DeliveredFile, DeliveredFile.delivery_id == Delivery.id)
        .join(Version, Version.blob_id == DeliveredFile.blob_id)
        .join(below, below.c.id == Version.item_id)
        .where(
            Delivery.body_id == body_id,
            Delivery.direction.not_in(("question", "answer")),
            Case.applicant_id == require_signed_in(work.actor),
        )
        .order_by(Delivery.made_at, DeliveredFile.name)
        .distinct()
    )
    return [KeptCopy(*row) for row in rows]


def used_in(work: Work, lineage: Iterable[str]) -> list[CaseUse]:
    """The actor's own cases in whose folders a thing lies, by the thing's lineage."""
    person_id = require_signed_in(work.actor)
    rows = work.session.execute(
        select(Case.id, Case.title).where(Case.applicant_id == person_id, Case.folder_id.in_(list(lineage)))
    )
    return [CaseUse(row.id, row.title) for row in rows]
