"""Webhooks of a body: for its heads. Administrators have the page; a program's password opens nothing of theirs."""

from typing import Annotated

from pydantic import Field

from workspace.api.operations import Answer, Operations
from workspace.api.values import Id, Moment, Shape
from workspace.bodies.queries import body as body_entry
from workspace.cases import webhooks as verbs
from workspace.cases.webhooks import Event, WebhookView
from workspace.http.request import current_actor, current_work
from workspace.kernel.errors import Forbidden, NotFound, WrongState

operations = Operations("webhooks")

Events = Annotated[list[Event], Field(min_length=1, max_length=20)]


class Webhook(Shape):
    """An address that is told. `failing_since`: nothing has arrived since; `disabled_at`: nothing is sent any more."""

    id: Id
    url: str
    events: list[Event]
    made_at: Moment
    failing_since: Moment | None
    disabled_at: Moment | None


class Webhooks(Shape):
    """The webhooks of a body; ten at most."""

    items: list[Webhook]


class WebhookNew(Shape):
    """An address (https) and what it shall be told of."""

    url: Annotated[str, Field(max_length=2000)]
    events: Events


class WebhookChange(Shape):
    """What it shall be told of from now on."""

    events: Events


class WebhookMade(Shape):
    """A new webhook. `secret` is shown this once; with it the receiver checks `webhook-signature`."""

    webhook: Webhook
    secret: str


class Attempt(Shape):
    """A sending: the status of the answer, or why there was none."""

    at: Moment
    status: int | None
    problem: str


class Message(Shape):
    """Something that was told; it is `waiting` until it `arrived` or was given up."""

    id: Id
    event: str
    case: Id | None
    made_at: Moment
    arrived: bool
    waiting: bool
    attempts: list[Attempt]


class Messages(Shape):
    """The last fifty messages, the newest first."""

    items: list[Message]


class MessageSent(Shape):
    """A message that is on its way."""

    message: Id


@operations("GET", "/bodies/{slug}/webhooks", "The webhooks of a body", response=Webhooks, errors=(Forbidden,))
def list_webhooks(slug: str) -> Webhooks:
    """For heads of the body; to those who do not work there, there is nothing here."""
    return Webhooks(items=[_shape(one) for one in verbs.webhooks(current_work(), _body_id(slug))])


@operations(
    "POST",
    "/bodies/{slug}/webhooks",
    "Tell an address what happens in the body's cases",
    request=WebhookNew,
    response=WebhookMade,
    status=201,
    errors=(Forbidden, WrongState),
)
def add_webhook(slug: str, body: WebhookNew) -> WebhookMade:
    """Messages follow Standard Webhooks 1.0.0 and hold ids, times and the number in the register, never content. The
    address has to be public, by TLS, on a port that the host allows; its host may allow networks of its own."""
    work = current_work()
    made = verbs.add_webhook(work, _body_id(slug), body.url, body.events)
    return WebhookMade(webhook=_shape(verbs.webhook(work, made.id)), secret=made.secret)


@operations(
    "PATCH",
    "/webhooks/{webhook_id}",
    "Tell it of other things",
    request=WebhookChange,
    response=Webhook,
    errors=(Forbidden,),
)
def change_webhook(webhook_id: str, body: WebhookChange) -> Webhook:
    return _shape(verbs.change_webhook(current_work(), webhook_id, body.events))


@operations("DELETE", "/webhooks/{webhook_id}", "Tell it of nothing more", status=204, errors=(Forbidden,))
def remove_webhook(webhook_id: str) -> Answer:
    verbs.remove_webhook(current_work(), webhook_id)
    return Answer()


@operations(
    "POST", "/webhooks/{webhook_id}/enable", "Begin again with a disabled one", response=Webhook, errors=(Forbidden,)
)
def enable_webhook(webhook_id: str) -> Webhook:
    """What has waited meanwhile is sent."""
    return _shape(verbs.enable_webhook(current_work(), webhook_id))


@operations(
    "POST",
    "/webhooks/{webhook_id}/try",
    "Send it a message that tells of nothing",
    response=MessageSent,
    status=202,
    errors=(Forbidden, WrongState),
)
def try_webhook(webhook_id: str) -> MessageSent:
    """How that went, its messages say within seconds."""
    return MessageSent(message=verbs.try_webhook(current_work(), webhook_id))


@operations(
    "GET", "/webhooks/{webhook_id}/messages", "What it was told, every attempt", response=Messages, errors=(Forbidden,)
)
def list_messages(webhook_id: str) -> Messages:
    """Of the last thirty days."""
    return Messages(
        items=[
            Message(
                id=one.id,
                event=one.event,
                case=one.case_id,
                made_at=one.made_at,
                arrived=one.arrived,
                waiting=one.waiting,
                attempts=[Attempt(at=each.at, status=each.status, problem=each.problem) for each in one.attempts],
            )
            for one in verbs.messages(current_work(), webhook_id)
        ]
    )


@operations(
    "POST",
    "/webhooks/{webhook_id}/messages/{message_id}/send",
    "Send a message once more",
    status=204,
    errors=(Forbidden, WrongState),
)
def send_message_again(webhook_id: str, message_id: str) -> Answer:
    verbs.send_again(current_work(), webhook_id, message_id)
    return Answer()


def _body_id(slug: str) -> str:
    if not current_actor().appointments:
        raise NotFound()
    return body_entry(current_work(), slug).id


def _shape(one: WebhookView) -> Webhook:
    return Webhook(
        id=one.id,
        url=one.url,
        events=list(one.events),
        made_at=one.made_at,
        failing_since=one.failing_since,
        disabled_at=one.disabled_at,
    )
