"""The worker's side of webhooks: who is told of a fact, what exactly is sent, and what an answer means."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from workspace.bodies.models import Body
from workspace.cases.history import state_of
from workspace.cases.models import Case, Webhook, WebhookAttempt, WebhookMessage
from workspace.cases.webhooks import SEND_JOB, Event, queue_message, written
from workspace.cloud.spaces import body_space
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.ids import new_id
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action
from workspace.storage.wrapping import unwrap

HOUR = 3600
PAUSES = tuple(
    timedelta(seconds=one) for one in (5, 60, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
)
FAILING = timedelta(days=5)
KEPT = timedelta(days=30)
GONE = 410
TOLD = ("delivery", "direction", "handler", "outcome")
"""What of a fact's details is passed on: ids and words of ours, nothing that anybody wrote."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to be sent."""

    message_id: str
    url: str
    headers: dict[str, str]
    body: bytes


def anybody_told(work: Work) -> bool:
    """Whether there is any webhook at all: without, no fact asks for anything."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    return work.session.scalar(select(Webhook.id).where(Webhook.disabled_at.is_(None)).limit(1)) is not None


def announce(work: Work, fact_id: str) -> int:
    """Put a message on its way to each webhook that wants to know of this fact; returns to how many.

    A second time it does nothing: webhook and fact make a message unique.
    """
    authorize(work, Action.MAINTAIN, INSTANCE)
    fact = work.session.get(FactRow, fact_id)
    case = work.session.get(Case, fact.case_id) if fact is not None and fact.case_id else None
    if fact is None or case is None or case.body_id is None or fact.kind not in list(Event):
        return 0
    told = set(work.session.scalars(select(WebhookMessage.webhook_id).where(WebhookMessage.fact_id == fact.id)))
    rows = work.session.scalars(
        select(Webhook).where(Webhook.body_id == case.body_id, Webhook.disabled_at.is_(None)).order_by(Webhook.id)
    )
    wanted = [one for one in rows if fact.kind in one.events["told"] and one.id not in told]
    for row in wanted:
        queue_message(work, row, fact.id, _payload(work, fact, case))
    return len(wanted)


def outgoing(work: Work, message_id: str) -> Outgoing | None:
    """A message with its signature; None where it is settled, or its webhook disabled or gone."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    message = work.session.get(WebhookMessage, message_id)
    if message is None or message.settled_at is not None:
        return None
    row = work.session.get_one(Webhook, message.webhook_id)
    if row.disabled_at is not None:
        return None
    space_id = body_space(work, row.body_id).id
    secret = unwrap(row.wrapped, work.ports.keyring.key(space_id), row.id, space_id)
    body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()
    moment = str(int(work.now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{signature(secret, message.id, moment, body)}",
    }
    return Outgoing(message.id, row.url, headers, body)


def signature(secret: bytes, message_id: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 over `id.timestamp.body`, in base64 (Standard Webhooks 1.0.0, "Signature scheme")."""
    signed = f"{message_id}.{moment}.".encode() + body
    return base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def settle(work: Work, message_id: str, status: int | None, problem: str) -> None:
    """Write down how a sending went, and plan the next one: later each time, until it arrives or is given up."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    message = work.session.get(WebhookMessage, message_id)
    if message is None:
        return
    row = work.session.get_one(Webhook, message.webhook_id)
    work.session.add(WebhookAttempt(id=new_id(), message_id=message.id, at=work.now, status=status, problem=problem))
    message.attempts += 1
    if status is not None and 200 <= status < 300:
        message.arrived, message.settled_at = True, work.now
        row.failing_since = None
        return
    row.failing_since = row.failing_since or work.now
    if status == GONE or work.now - row.failing_since > FAILING:
        row.disabled_at = row.disabled_at or work.now
    if message.attempts > len(PAUSES):
        message.settled_at = work.now
    elif row.disabled_at is None:
        work.later(SEND_JOB, {"message": message.id}, due_at=work.now + PAUSES[message.attempts - 1])


def forget_messages(work: Work, limit: int = 500) -> int:
    """Delete messages, with their attempts, that are older than thirty days; returns how many."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    old = select(WebhookMessage.id).where(WebhookMessage.made_at < work.now - KEPT).limit(limit)
    ids = list(work.session.scalars(old))
    work.session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(ids)))
    work.session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(ids)))
    return len(ids)


def _payload(work: Work, fact: FactRow, case: Case) -> dict[str, Any]:
    """Ids, times and the number in the register. No title, no name, no word that anybody wrote."""
    body = work.session.get_one(Body, case.body_id)
    data = {
        "case": case.id,
        "number": state_of(work, case).number or None,
        "body": body.slug,
        "fact": fact.id,
        "at": written(fact.at),
    }
    data |= {name: fact.details[name] for name in TOLD if name in fact.details}
    return {"type": fact.kind, "timestamp": written(fact.at), "data": data}
