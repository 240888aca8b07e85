"""The document system of a body is told: signed, without content, until it answers; and only by who may say so."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.api.conftest import Program, app_password, application
from tests.jobs.keeping import do_all, keep_log
from tests.world import SomeBody, Someone, World
from workspace.cases import webhook_sending as sending
from workspace.cases import webhooks
from workspace.cases.webhooks import Event
from workspace.jobs.webhooks import forget_messages
from workspace.kernel.actors import ANONYMOUS, Actor, Role
from workspace.kernel.errors import Forbidden, NotAcceptable, NotFound, NotReached, SignInRequired, WrongState

URL = "https://documents.example.org/hook"
ALL = [one.value for one in Event]


@pytest.fixture
def body(world: World) -> SomeBody:
    return world.make_body()


@pytest.fixture
def head(world: World, body: SomeBody) -> Actor:
    return world.appoint(world.make_person("Iryna"), body, *Role)


@pytest.fixture
def program(world: World) -> Callable[[Someone], Program]:
    app = application(world)
    return lambda who: Program(app, app_password(world, who))


def told(world: World) -> list[dict[str, object]]:
    return [json.loads(body) for _, _, body in world.outbound.sent]


def step(world: World) -> None:
    do_all(keep_log(world))


def test_what_happens_in_a_case_is_told_signed_and_without_a_word_of_it(
    world: World, body: SomeBody, head: Actor, program: Callable[[Someone], Program]
) -> None:
    olena = world.make_person("Olena Marker")
    with world.writing(head) as work:
        made = webhooks.add_webhook(work, body.id, URL, ALL)
        webhooks.add_webhook(work, body.id, URL + "/closed", [Event.CLOSED])
    mine = program(olena)
    case = mine.post("/cases", {"title": "MARKER", "story": "MARKER", "body": body.slug})["id"]
    mine.store(mine.get(f"/cases/{case}")["folder"], "MARKER.txt", b"MARKER")
    assert told(world) == []
    delivery = mine.post(f"/cases/{case}/deliver", {"irrevocable": True})["id"]
    step(world)
    url, headers, raw = world.outbound.sent[-1]
    message = json.loads(raw)
    assert (url, message["type"], message["timestamp"]) == (URL, "case.delivered", "2026-03-02T12:00:00Z")
    assert message["data"].items() >= {"case": case, "delivery": delivery, "body": body.slug, "number": None}.items()
    assert b"MARKER" not in raw
    secret = base64.b64decode(made.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + raw
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    step(world)
    assert len(told(world)) == 1, "once each"


def test_the_office_s_own_steps_are_told_with_the_number_in_the_register(
    world: World, body: SomeBody, program: Callable[[Someone], Program]
) -> None:
    olena, clerk = world.make_person("Olena"), world.make_person("Iryna")
    official = world.appoint(clerk, body, *Role)
    with world.writing(official) as work:
        webhooks.add_webhook(work, body.id, URL, ALL)
    mine, office = program(olena), program(clerk)
    case = mine.post("/cases", {"title": "t", "story": "s", "body": body.slug})["id"]
    mine.post(f"/cases/{case}/deliver", {"irrevocable": True})
    number = office.post(f"/cases/{case}/registration", {}, 200)["number"]
    office.api("PUT", f"/cases/{case}/assignment", json={"person": clerk.id})
    office.post(f"/cases/{case}/questions", {"text": "MARKER?"})
    mine.post(f"/cases/{case}/replies", {"text": "MARKER!"})
    office.post(f"/cases/{case}/answer", {"irrevocable": True, "outcome": "granted", "text": "MARKER."})
    mine.post(f"/cases/{case}/judgements", {"judgement": "contest", "reason": "MARKER"}, 200)
    step(world)
    assert [one["type"] for one in told(world)] == [
        "case.delivered", "case.registered", "case.assigned", "case.question_asked", "case.replied", "case.answered",
        "case.contested",
    ]  # fmt: skip
    assert {one["data"]["number"] for one in told(world)} == {number}  # type: ignore[index]
    assert all(b"MARKER" not in raw for _, _, raw in world.outbound.sent)


def test_only_heads_and_administrators_manage_them(world: World, body: SomeBody, head: Actor) -> None:
    other = world.appoint(world.make_person("Petro"), body, Role.REGISTRAR, Role.HANDLER)
    elsewhere = world.appoint(world.make_person("Zoya"), world.make_body("Other"), *Role)
    administrator = world.make_person("Admin", administrator=True).actor
    with world.writing(administrator) as work:
        hook = webhooks.add_webhook(work, body.id, URL, ALL).id
    for actor, refusal in (
        (other, Forbidden),
        (elsewhere, NotFound),
        (world.make_person("Olena").actor, NotFound),
        (ANONYMOUS, SignInRequired),
        (replace(administrator, administrator=False), NotFound),
    ):
        for act in (
            lambda work: webhooks.webhooks(work, body.id),
            lambda work: webhooks.messages(work, hook),
            lambda work: webhooks.add_webhook(work, body.id, URL, ALL),
            lambda work: webhooks.change_webhook(work, hook, ALL),
            lambda work: webhooks.try_webhook(work, hook),
            lambda work: webhooks.remove_webhook(work, hook),
        ):
            with world.runtime.writing(actor) as work, pytest.raises(refusal):
                act(work)
    with world.reading(head) as work:
        assert [one.url for one in webhooks.webhooks(work, body.id)] == [URL]
        assert webhooks.may_manage(work, body.id)
    with world.reading(other) as work:
        assert not webhooks.may_manage(work, body.id)
    assert [one.details["what"] for one in world.facts("body.changed")] == ["webhook_added"]


def test_addresses_that_lead_inwards_and_unknown_events_are_refused(world: World, body: SomeBody, head: Actor) -> None:
    with world.writing(head) as work:
        for url in ("http://example.org/", "https://127.0.0.1/", "https://10.0.0.1/", "https://example.org:25/", ""):
            with pytest.raises(NotAcceptable) as refused:
                webhooks.add_webhook(work, body.id, url, ALL)
            assert refused.value.details["field"] == "url"
        for events in ([], ["case.nothing"]):
            with pytest.raises(NotAcceptable) as refused:
                webhooks.add_webhook(work, body.id, URL, events)
            assert refused.value.details["field"] == "events"
        for _ in range(webhooks.MOST):
            webhooks.add_webhook(work, body.id, URL, ALL)
        with pytest.raises(WrongState):
            webhooks.add_webhook(work, body.id, URL, ALL)


def test_what_is_not_answered_is_sent_again_later_each_time_and_given_up(
    world: World, body: SomeBody, head: Actor
) -> None:
    with world.writing(head) as work:
        hook = webhooks.add_webhook(work, body.id, URL, ALL).id
        webhooks.try_webhook(work, hook)
    world.outbound.answer = NotReached(reason="connection")
    worker = keep_log(world)
    do_all(worker)
    assert len(world.outbound.sent) == 1
    for pause in sending.PAUSES:
        world.clock.move(pause - timedelta(seconds=1))
        do_all(worker)
        before = len(world.outbound.sent)
        world.clock.move(timedelta(seconds=1))
        do_all(worker)
        assert len(world.outbound.sent) == before + 1
    world.clock.move(timedelta(hours=1))
    do_all(worker)
    assert len(world.outbound.sent) == len(sending.PAUSES) + 1
    assert len({headers["webhook-id"] for _, headers, _ in world.outbound.sent}) == 1
    with world.reading(head) as work:
        (message,) = webhooks.messages(work, hook)
        (line,) = webhooks.webhooks(work, body.id)
    assert (message.arrived, message.waiting, len(message.attempts)) == (False, False, len(sending.PAUSES) + 1)
    assert {one.problem for one in message.attempts} == {"connection"}
    assert line.failing_since is not None
    world.outbound.answer = 200
    with world.writing(head) as work:
        webhooks.send_again(work, hook, message.id)
    do_all(worker)
    with world.reading(head) as work:
        assert webhooks.messages(work, hook)[0].arrived
        assert webhooks.webhooks(work, body.id)[0].failing_since is None


def test_a_redirect_or_an_error_is_no_arrival_and_gone_disables_at_once(
    world: World, body: SomeBody, head: Actor
) -> None:
    with world.writing(head) as work:
        hook = webhooks.add_webhook(work, body.id, URL, ALL).id
        webhooks.try_webhook(work, hook)
    worker = keep_log(world)
    world.outbound.answer = 302
    do_all(worker)
    world.outbound.answer = 500
    world.clock.move(sending.PAUSES[0])
    do_all(worker)
    world.outbound.answer = 410
    world.clock.move(sending.PAUSES[1])
    do_all(worker)
    with world.reading(head) as work:
        assert [one.status for one in webhooks.messages(work, hook)[0].attempts] == [302, 500, 410]
        assert webhooks.webhooks(work, body.id)[0].disabled_at is not None
    world.clock.move(timedelta(days=2))
    do_all(worker)
    assert len(world.outbound.sent) == 3
    with world.writing(head) as work:
        with pytest.raises(WrongState):
            webhooks.try_webhook(work, hook)
        world.outbound.answer = 204
        webhooks.enable_webhook(work, hook)
    do_all(worker)
    with world.reading(head) as work:
        assert webhooks.messages(work, hook)[0].arrived, "what has waited is sent"


def test_five_days_without_an_answer_disable_it(world: World, body: SomeBody, head: Actor) -> None:
    world.outbound.answer = NotReached(reason="time")
    with world.writing(head) as work:
        hook = webhooks.add_webhook(work, body.id, URL, ALL).id
        webhooks.try_webhook(work, hook)
    worker = keep_log(world)
    do_all(worker)
    world.clock.move(sending.FAILING + timedelta(hours=1))
    do_all(worker)
    with world.reading(head) as work:
        assert webhooks.webhooks(work, body.id)[0].disabled_at is not None


def test_messages_are_forgotten_after_thirty_days_and_with_their_webhook(
    world: World, body: SomeBody, head: Actor
) -> None:
    with world.writing(head) as work:
        hook = webhooks.add_webhook(work, body.id, URL, ALL).id
        webhooks.try_webhook(work, hook)
    step(world)
    world.clock.move(sending.KEPT + timedelta(hours=1))
    forget_messages(world.runtime, {}, lambda _: None)
    with world.writing(head) as work:
        assert webhooks.messages(work, hook) == []
        webhooks.try_webhook(work, hook)
        webhooks.remove_webhook(work, hook)
        assert webhooks.webhooks(work, body.id) == []
    step(world)
    assert len(world.outbound.sent) == 1, "what was on its way to it goes nowhere"
