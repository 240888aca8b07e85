"""Deliveries: their receipts as data and on paper, and the bytes of what was delivered."""

from typing import Any, Literal

from flask import Response

from workspace.api.operations import Answer, Operations
from workspace.api.values import Id, Shape
from workspace.cases import receipts
from workspace.cases.queries import open_delivered, rights_to_delivered
from workspace.cases.service import save_document as save
from workspace.http.request import carries_bytes, current_actor, current_work, runtime
from workspace.http.streaming import disposition, send_blob
from workspace.kernel.errors import OverQuota

operations = Operations("deliveries")


class PaperQuery(Shape):
    """In which language."""

    language: Literal["en", "uk"] = "uk"


class SignedReceipt(Shape):
    """A receipt with its signature (Ed25519, hex) over its canonical JSON (RFC 8785)."""

    receipt: dict[str, Any]
    signature: str


class Saved(Shape):
    """The new item."""

    item: Id


@operations("GET", "/deliveries/{delivery_id}/receipt", "The signed receipt", response=SignedReceipt, conditional=True)
def show_receipt(delivery_id: str) -> SignedReceipt:
    return SignedReceipt(**receipts.receipt_json(current_work(), delivery_id))


@operations(
    "GET",
    "/deliveries/{delivery_id}/receipt.pdf",
    "The receipt on paper (PDF/A-3), the signed data inside",
    query=PaperQuery,
    gives_bytes="application/pdf",
)
def print_receipt(delivery_id: str, query: PaperQuery) -> Response:
    paper = receipts.receipt_pdf(current_work(), delivery_id, query.language)
    answer = Response(paper, content_type="application/pdf")
    answer.headers["Content-Disposition"] = disposition("receipt.pdf")
    return answer


@operations(
    "GET",
    "/documents/{document_id}/content",
    "The bytes of a delivered file",
    gives_bytes="*/*",
    ranged=True,
)
@carries_bytes
def open_document(document_id: str) -> Response:
    """For the applicant and for officials of the body; a look by officials is written down first."""
    with runtime().writing(current_actor()) as work:
        opened = open_delivered(work, document_id)
        at = work.now
        work.commit()
    return send_blob(
        opened.reader,
        again=lambda work: rights_to_delivered(work, document_id),
        name=opened.name,
        media_type=opened.media_type,
        etag=opened.sha256[:32],
        modified=at,
    )


@operations(
    "POST",
    "/documents/{document_id}/save",
    "Keep a delivered file with one's own",
    response=Saved,
    status=201,
    errors=(OverQuota,),
)
def save_document(document_id: str) -> Answer:
    """By reference, in the folder of its case; for the applicant."""
    item_id = save(current_work(), document_id)
    return Answer(Saved(item=item_id), headers={"Location": f"/api/v1/items/{item_id}"})
