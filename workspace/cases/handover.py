"""Handing over: a frozen set of files and a letter go from one party's space into the other's, with a signed receipt.

No byte is copied: the data key of each blob is wrapped once more for the receiving space, so the cost depends on the
number of files, never on their size. What was handed over stays whole whatever either party does with its own.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select

from workspace.cases.deadlines import local_day
from workspace.cases.history import tell
from workspace.cases.models import Case, DeliveredFile, Delivery
from workspace.cloud.blobs import share_key
from workspace.cloud.spaces import open_body_space
from workspace.cloud.texts import seal_text
from workspace.db.work import Work
from workspace.kernel.canonical import canonical
from workspace.kernel.errors import NotAcceptable
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import Located
from workspace.trust.receipt import signed_receipt

TEXT_LIMIT = 100_000
FILES_LIMIT = 10_000


class Direction(StrEnum):
    """What is handed over. Questions and answers go to the citizen, the others to the body."""

    APPEAL = "appeal"
    ADDITION = "addition"
    QUESTION = "question"
    REPLY = "reply"
    ANSWER = "answer"

    @property
    def to_citizen(self) -> bool:
        return self in (Direction.QUESTION, Direction.ANSWER)


@dataclass(frozen=True, slots=True)
class Handed:
    """One file of a set: an exact version, under the name it is handed over with."""

    name: str
    blob_id: str
    size: int
    sha256: bytes
    media_type: str
    item_id: str | None = None
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came of handing over: the delivery's id and the number of its receipt."""

    id: str
    case_id: str
    number: str
    direction: Direction
    files: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Party:
    """A side as the receipt names it: a person, a body, or an official of a body."""

    name: str
    body: str = ""

    def as_value(self) -> dict[str, str]:
        return {"name": self.name, "body": self.body} if self.body else {"name": self.name}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who hands over to whom, and by which day an answer is due."""

    sender: Party
    recipient: Party
    due: date | None = None


def hand_over(
    work: Work,
    case: Case,
    thing: Located,
    direction: Direction,
    parties: Parties,
    files: Sequence[Handed],
    text: str,
    **details: Any,
) -> HandedOver:
    """Freeze the set, let the other side read it, sign the receipt and write the fact. The caller has asked for leave.

    `details` go into the fact. Raises NotAcceptable for a text or a set that is too large, KeyDestroyed where the other
    side's cloud is gone.
    """
    assert case.body_id is not None
    if len(text) > TEXT_LIMIT:
        raise NotAcceptable(field="text", reason="too_long", limit=TEXT_LIMIT)
    if len(files) > FILES_LIMIT:
        raise NotAcceptable(field="files", reason="too_many", limit=FILES_LIMIT)
    office_space = open_body_space(work, case.body_id).id
    spaces = (office_space, case.space_id) if direction.to_citizen else (case.space_id, office_space)
    share_key(work, [one.blob_id for one in files], *spaces)
    letter_id = seal_text(work, text, *spaces) if text else None
    manifest = manifest_of(files)
    delivery = _row(work, case, direction, spaces, files, letter_id)
    delivery.manifest_sha256 = sha256(canonical(manifest)).digest()
    values = _receipt(work, case, delivery, parties, manifest, text)
    delivery.receipt, delivery.signature = signed_receipt(work.ports.signer, values)
    fact = tell(
        work,
        case,
        thing,
        _FACTS[direction],
        body_id=case.body_id if direction.to_citizen else None,
        delivery=delivery.id,
        direction=direction.value,
        receipt=delivery.number,
        files=delivery.files,
        size=delivery.size,
        manifest=delivery.manifest_sha256.hex(),
        to=case.space_id if direction.to_citizen else case.body_id,
        **details,
    )
    delivery.fact_id = fact.id
    work.session.add(delivery)
    work.session.flush()
    _write_files(work, delivery, files)
    return handed_over(delivery)


def handed_over(row: Delivery) -> HandedOver:
    """A delivery's row as a value that outlives its Work."""
    return HandedOver(row.id, row.case_id, row.number, Direction(row.direction), row.files, row.made_at)


def _row(
    work: Work,
    case: Case,
    direction: Direction,
    spaces: tuple[str, str],
    files: Sequence[Handed],
    letter_id: str | None,
) -> Delivery:
    return Delivery(
        id=new_id(),
        case_id=case.id,
        direction=direction.value,
        number=_number(work),
        from_space_id=spaces[0],
        to_space_id=spaces[1],
        sender_id=work.actor.person_id or "",
        body_id=case.body_id,
        title=case.title,
        letter_id=letter_id,
        files=len(files),
        size=sum(one.size for one in files),
        made_at=work.now,
    )


def manifest_of(files: Sequence[Handed]) -> list[dict[str, Any]]:
    """The manifest as data: what is hashed, signed in the receipt, and compared when a receipt is checked."""
    return [
        {
            "ordinal": ordinal,
            "name": one.name,
            "size": one.size,
            "sha256": one.sha256.hex(),
            "media_type": one.media_type,
        }
        for ordinal, one in enumerate(files, 1)
    ]


_FACTS = {
    Direction.APPEAL: FactKind.DELIVERED,
    Direction.ADDITION: FactKind.DELIVERED,
    Direction.QUESTION: FactKind.QUESTION_ASKED,
    Direction.REPLY: FactKind.REPLIED,
    Direction.ANSWER: FactKind.ANSWERED,
}


def _number(work: Work) -> str:
    """A number people can read out: day and six random digits, so that it tells nothing about how many there are."""
    day = local_day(work.now, work.settings.timezone)
    while True:
        number = f"CW-{day.isoformat()}-{secrets.randbelow(1_000_000):06d}"
        if work.session.scalar(select(Delivery.id).where(Delivery.number == number)) is None:
            return number


def _receipt(
    work: Work, case: Case, delivery: Delivery, parties: Parties, manifest: list[dict[str, Any]], text: str
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "number": delivery.number,
        "time": work.now.isoformat(timespec="milliseconds"),
        "instance": {"address": work.settings.base_url},
        "case": case.id,
        "delivery": delivery.id,
        "direction": delivery.direction,
        "title": delivery.title,
        "from": parties.sender.as_value(),
        "to": parties.recipient.as_value(),
        "files": manifest,
        "manifest_sha256": delivery.manifest_sha256.hex(),
    }
    if text:
        values["letter_sha256"] = sha256(text.encode("utf-8", "replace")).hexdigest()
    if parties.due is not None:
        values["due"] = parties.due.isoformat()
    return values


def _write_files(work: Work, delivery: Delivery, files: Sequence[Handed]) -> None:
    rows = [
        {
            "id": new_id(),
            "delivery_id": delivery.id,
            "ordinal": ordinal,
            "name": one.name,
            "blob_id": one.blob_id,
            "size": one.size,
            "sha256": one.sha256,
            "media_type": one.media_type,
            "item_id": one.item_id,
            "version_id": one.version_id,
        }
        for ordinal, one in enumerate(files, 1)
    ]
    if rows:
        work.session.execute(insert(DeliveredFile), rows)
