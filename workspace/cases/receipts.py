"""Receipts of deliveries: as data, as paper, and checked against what is stored."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from workspace.cases.handover import Handed, manifest_of
from workspace.cases.models import Case, DeliveredFile, Delivery
from workspace.cases.things import locate_case
from workspace.cloud.blobs import open_blob
from workspace.cloud.spaces import body_space
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.canonical import canonical
from workspace.kernel.errors import Damaged, NotFound
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action, Level, Verdict
from workspace.trust.paper import compose_pdf
from workspace.trust.receipt import receipt_holds, receipt_time


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A delivery as its receipt tells of it. `sealed`: the log holds its fact; `mine`: the actor is the applicant."""

    delivery_id: str
    case_id: str
    receipt: dict[str, Any]
    signature: bytes
    sealed: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Check:
    """What became of checking a receipt. `damaged`: files whose bytes are no longer those handed over."""

    signature: bool
    known: bool
    manifest: bool
    damaged: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Everything is as the receipt says."""
        return self.signature and self.known and self.manifest and not self.damaged


def receipt(work: Work, delivery_id: str) -> ReceiptView:
    """The receipt of a delivery, for the applicant and for officials of the body. Raises NotFound for others."""
    delivery, _, verdict = _find(work, delivery_id)
    sealed = _sealed(work, delivery)
    return ReceiptView(delivery.id, delivery.case_id, delivery.receipt, delivery.signature, sealed, verdict.owner)


def handed_over_at(given: dict[str, Any]) -> datetime:
    """When a receipt says that it was handed over (UTC)."""
    return receipt_time(given)


def receipt_json(work: Work, delivery_id: str) -> dict[str, Any]:
    """The receipt with its signature (hex), as a file to keep."""
    found = receipt(work, delivery_id)
    return {"receipt": found.receipt, "signature": found.signature.hex()}


def receipt_pdf(work: Work, delivery_id: str, language: str) -> bytes:
    """The receipt on paper (PDF/A-3), with the signed data inside."""
    found = receipt(work, delivery_id)
    return compose_pdf(found.receipt, found.signature, language, work.settings.timezone)


def verify_receipt(work: Work, given: dict[str, Any], signature: bytes, *, deep: bool = False) -> Check:
    """Check a receipt that somebody brings: the signature, the manifest, the stored set; `deep` reads every byte.

    Raises NotFound for a receipt of a delivery that the actor may not see.
    """
    holds = receipt_holds(given, signature, work.ports.signer.public_key())
    delivery, case, verdict = _find(work, str(given.get("delivery", "")))
    rows = list(
        work.session.scalars(
            select(DeliveredFile).where(DeliveredFile.delivery_id == delivery.id).order_by(DeliveredFile.ordinal)
        )
    )
    stored = manifest_of(
        [
            Handed(row.name, row.blob_id, row.size, row.sha256, row.media_type, row.item_id, row.version_id)
            for row in rows
        ]
    )
    manifest = (
        stored == given.get("files")
        and sha256(canonical(stored)).hexdigest() == given.get("manifest_sha256") == delivery.manifest_sha256.hex()
    )
    damaged: list[str] = []
    if deep:
        space_id = case.space_id if verdict.owner else body_space(work, delivery.body_id).id
        damaged = [row.name for row in rows if not _whole(work, row, space_id)]
    return Check(holds, given == delivery.receipt and signature == delivery.signature, manifest, tuple(damaged))


def _find(work: Work, delivery_id: str) -> tuple[Delivery, Case, Verdict]:
    delivery = work.session.get(Delivery, delivery_id)
    if delivery is None:
        raise NotFound()
    case, thing = locate_case(work, delivery.case_id)
    verdict = authorize(work, Action.SEE, thing)
    if verdict.level not in (Level.OWN, Level.HANDLE):
        raise NotFound()
    return delivery, case, verdict


def _sealed(work: Work, delivery: Delivery) -> bool:
    leaf = work.session.scalar(select(FactRow.leaf).where(FactRow.id == delivery.fact_id))
    return leaf is not None


def _whole(work: Work, row: DeliveredFile, space_id: str) -> bool:
    digest = sha256()
    try:
        for piece in open_blob(work, row.blob_id, space_id).stream():
            digest.update(piece)
    except (Damaged, NotFound):
        return False
    return digest.digest() == row.sha256
