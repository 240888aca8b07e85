"""Pressing "Deliver", whole: read what the letter says, compose and store it, hand the case over."""

from workspace.cases.handover import HandedOver
from workspace.cases.letters import draft_letter, seal_letter
from workspace.cases.queries import delivered_already
from workspace.cases.service import deliver
from workspace.cloud.blobs import forget
from workspace.cloud.models import Blob
from workspace.db.runtime import Runtime
from workspace.kernel.actors import Actor


def deliver_with_letter(runtime: Runtime, actor: Actor, case_id: str, language: str) -> HandedOver:
    """Deliver a case with its letter as a PDF beside the words. No Work may be open in this thread.

    Pressed twice, it gives the first delivery again. Raises what `service.deliver` raises; then nothing was delivered.
    """
    with runtime.reading(actor) as work:
        known = delivered_already(work, case_id)
        if known is not None:
            return known
        draft = draft_letter(work, case_id, language)
    letter = seal_letter(runtime.ports, runtime.settings, draft)
    kept = False
    try:
        with runtime.writing(actor) as work:
            delivery = deliver(work, case_id, letter)
            # a second press in the same instant gets the delivery of the first: its own letter is superfluous
            kept = work.session.get(Blob, letter.sealed.blob_id) is not None
            work.commit()
            return delivery
    finally:
        if not kept:
            forget(runtime.ports, letter.sealed)
