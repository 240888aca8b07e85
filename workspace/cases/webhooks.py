"""Webhooks: a body's document system is told what happens in its cases, as soon as it stands in the log.

Heads of the body and administrators say which address is told of what. A message follows Standard Webhooks 1.0.0
(https://www.standardwebhooks.com): its body names the event, ids, times and the number in the register; content is
fetched through the API, by somebody who may. `webhook-signature` is HMAC-SHA256 over id, time and body.

A message is sent until it is answered with 2xx, at growing distances for three days; a webhook to which nothing has got
through for five days is disabled, and so is one that answers 410. Messages may come twice, and in another order: their
id stays the same.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select

from workspace.accounts.permission import require_administrator
from workspace.bodies.things import as_thing, find_body
from workspace.cases.models import Webhook, WebhookAttempt, WebhookMessage
from workspace.cloud.spaces import open_body_space
from workspace.db.work import Work
from workspace.kernel.actors import Role
from workspace.kernel.errors import Forbidden, NotAcceptable, NotFound, SignInRequired, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.outbound.addresses import Reach, read_target
from workspace.storage.wrapping import new_data_key, wrap

MOST = 10
SHOWN = 50
SEND_JOB = "webhook.send"
TEST = "webhook.test"


class Event(StrEnum):
    """What a webhook may be told of. Stable: document systems know them by these names."""

    DELIVERED = "case.delivered"
    REGISTERED = "case.registered"
    ASSIGNED = "case.assigned"
    QUESTION_ASKED = "case.question_asked"
    REPLIED = "case.replied"
    ANSWERED = "case.answered"
    ACCEPTED = "case.accepted"
    CONTESTED = "case.contested"
    WITHDRAWN = "case.withdrawn"
    CLOSED = "case.closed"


@dataclass(frozen=True, slots=True)
class MadeWebhook:
    """A webhook just made; its secret is shown this once, in the form of Standard Webhooks."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One sending: the status of the answer, or, in one word, why there was none."""

    at: datetime
    status: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class MessageView:
    """What was told, and how that went. `arrived` and `waiting` are never both true."""

    id: str
    event: str
    case_id: str | None
    made_at: datetime
    arrived: bool
    waiting: bool
    attempts: tuple[AttemptView, ...]


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook as those who manage it see it."""

    id: str
    url: str
    events: tuple[Event, ...]
    made_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None


def webhooks(work: Work, body_id: str) -> list[WebhookView]:
    """All webhooks of a body. Raises NotFound for strangers, Forbidden for officials who are no heads."""
    _require_manager(work, body_id)
    rows = work.session.scalars(select(Webhook).where(Webhook.body_id == body_id).order_by(Webhook.id))
    return [_view(row) for row in rows]


def webhook(work: Work, webhook_id: str) -> WebhookView:
    """One of them. Raises what `webhooks` raises."""
    return _view(_find(work, webhook_id))


def messages(work: Work, webhook_id: str) -> list[MessageView]:
    """What a webhook was told in the last thirty days, the newest first, fifty at most, with every attempt."""
    _find(work, webhook_id)
    told = select(WebhookMessage).where(WebhookMessage.webhook_id == webhook_id)
    rows = list(work.session.scalars(told.order_by(WebhookMessage.id.desc()).limit(SHOWN)))
    tries: dict[str, list[AttemptView]] = {row.id: [] for row in rows}
    for one in work.session.scalars(
        select(WebhookAttempt).where(WebhookAttempt.message_id.in_(tries)).order_by(WebhookAttempt.id)
    ):
        tries[one.message_id].append(AttemptView(one.at, one.status, one.problem))
    return [
        MessageView(
            id=row.id,
            event=row.payload["type"],
            case_id=row.payload["data"].get("case"),
            made_at=row.made_at,
            arrived=row.arrived,
            waiting=row.settled_at is None,
            attempts=tuple(tries[row.id]),
        )
        for row in rows
    ]


def add_webhook(work: Work, body_id: str, url: str, events: Iterable[str]) -> MadeWebhook:
    """Tell an address what happens in the body's cases.

    Raises what `webhooks` raises, NotAcceptable (`field` url or events, `reason`), WrongState at ten.
    """
    _require_manager(work, body_id)
    body = find_body(work, body_id)
    url = url.strip()
    read_target(url, Reach.of(work.settings))
    wanted = _events(events)
    present = work.session.scalar(select(func.count()).select_from(Webhook).where(Webhook.body_id == body.id)) or 0
    if present >= MOST:
        raise WrongState("There are ten webhooks already. Remove one first.", reason="too_many")
    secret, space_id, webhook_id = new_data_key(), open_body_space(work, body.id).id, new_id()
    row = Webhook(
        id=webhook_id,
        body_id=body.id,
        url=url,
        events={"told": wanted},
        wrapped=wrap(secret, work.ports.keyring.key(space_id), webhook_id, space_id),
        made_at=work.now,
        made_by=work.actor.person_id,
        failing_since=None,
        disabled_at=None,
    )
    work.session.add(row)
    work.session.flush()
    _tell(work, row, "webhook_added")
    return MadeWebhook(row.id, "whsec_" + base64.b64encode(secret).decode())


def change_webhook(work: Work, webhook_id: str, events: Iterable[str]) -> WebhookView:
    """Tell it of other things from now on. Another address is another webhook, with a secret of its own."""
    row = _find(work, webhook_id)
    row.events = {"told": _events(events)}
    _tell(work, row, "webhook_changed")
    return _view(row)


def enable_webhook(work: Work, webhook_id: str) -> WebhookView:
    """Begin again with one that was disabled; what has waited since is sent. Idempotent."""
    row = _find(work, webhook_id)
    if row.disabled_at is not None:
        row.disabled_at = row.failing_since = None
        told = select(WebhookMessage).where(WebhookMessage.webhook_id == row.id, WebhookMessage.settled_at.is_(None))
        for one in work.session.scalars(told.order_by(WebhookMessage.id)):
            one.attempts = 0
            work.later(SEND_JOB, {"message": one.id})
        _tell(work, row, "webhook_enabled")
    return _view(row)


def try_webhook(work: Work, webhook_id: str) -> str:
    """Send it a message that tells of nothing; returns its id. Raises WrongState where it is disabled."""
    row = _find(work, webhook_id)
    _require_enabled(row)
    return queue_message(work, row, new_id(), {"type": TEST, "timestamp": written(work.now), "data": {}})


def send_again(work: Work, webhook_id: str, message_id: str) -> None:
    """Send a message once more, whether it arrived or not. Raises NotFound, WrongState where it is disabled."""
    row = _find(work, webhook_id)
    message = work.session.get(WebhookMessage, message_id)
    if message is None or message.webhook_id != row.id:
        raise NotFound()
    _require_enabled(row)
    message.settled_at, message.attempts, message.arrived = None, 0, False
    work.later(SEND_JOB, {"message": message.id})


def remove_webhook(work: Work, webhook_id: str) -> None:
    """Tell it of nothing more, and forget what it was told."""
    row = _find(work, webhook_id)
    told = select(WebhookMessage.id).where(WebhookMessage.webhook_id == row.id)
    work.session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(told)))
    work.session.execute(delete(WebhookMessage).where(WebhookMessage.webhook_id == row.id))
    _tell(work, row, "webhook_removed")
    work.session.delete(row)
    work.session.flush()


def may_manage(work: Work, body_id: str) -> bool:
    """Whether the actor manages the webhooks of this body, for pages that offer only what is permitted."""
    try:
        _require_manager(work, body_id)
    except (NotFound, Forbidden, SignInRequired):
        return False
    return True


def queue_message(work: Work, row: Webhook, fact_id: str, payload: dict[str, Any]) -> str:
    """Put a message on its way, in this transaction. Raises as `webhooks`; the worker may."""
    if not work.actor.host:
        _require_manager(work, row.body_id)
    message = WebhookMessage(
        id=new_id(),
        webhook_id=row.id,
        fact_id=fact_id,
        payload=payload,
        made_at=work.now,
        attempts=0,
        arrived=False,
        settled_at=None,
    )
    work.session.add(message)
    work.session.flush()
    work.later(SEND_JOB, {"message": message.id})
    return message.id


def written(moment: datetime) -> str:
    """A time as messages write it (RFC 3339)."""
    return moment.isoformat().replace("+00:00", "Z")


def _require_manager(work: Work, body_id: str) -> None:
    roles = work.actor.roles_in(body_id)
    if Role.HEAD in roles:
        return
    if work.actor.person_id is not None and not roles and not work.actor.administrator:
        raise NotFound()
    require_administrator(work)


def _require_enabled(row: Webhook) -> None:
    if row.disabled_at is not None:
        raise WrongState("Enable it first.", reason="disabled")


def _find(work: Work, webhook_id: str) -> Webhook:
    """The row, for who may manage it. Raises NotFound, Forbidden."""
    row = work.session.get(Webhook, webhook_id)
    if row is None:
        raise SignInRequired() if work.actor.anonymous else NotFound()
    _require_manager(work, row.body_id)
    return row


def _events(wanted: Iterable[str]) -> list[str]:
    known = [one.value for one in Event]
    given = set(wanted)
    if not given or not given <= set(known):
        raise NotAcceptable(field="events", reason="missing" if not given else "unknown")
    return [one for one in known if one in given]


def _tell(work: Work, row: Webhook, what: str) -> None:
    work.record(FactKind.BODY_CHANGED, as_thing(row.body_id), body_id=row.body_id, webhook=row.id, what=what)


def _view(row: Webhook) -> WebhookView:
    told = tuple(Event(one) for one in row.events["told"])
    return WebhookView(row.id, row.url, told, row.made_at, row.failing_since, row.disabled_at)
