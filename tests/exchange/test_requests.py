"""Requests for files: a checklist that is filled, judged and closed; who is asked adds and sees nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.world import SomeBody, Someone, World
from workspace.cloud import archive, queries, uploads
from workspace.cloud.transfer import copy, move
from workspace.exchange import asked, requests
from workspace.exchange.asked import RequestView
from workspace.kernel.actors import Actor, Principal, Role, SubjectKind
from workspace.kernel.errors import AccessEnded, DomainError, Forbidden, NotAcceptable, NotFound, SignInRequired
from workspace.kernel.facts import FactKind
from workspace.sharing import links, service
from workspace.sharing.rule import Level

DOCUMENTS = ("Passport", "Proof of address")


def ask(world: World, asker: Actor, address: str | None, **more: object) -> tuple[str, str | None]:
    """The id of a new request, and the token of its link."""
    with world.writing(asker) as work:
        made = requests.ask_for_files(work, "Subsidy", DOCUMENTS, address=address, **more)  # type: ignore[arg-type]
        return made.request.id, made.token


def seen(world: World, actor: Actor, request_id: str) -> RequestView:
    with world.reading(actor) as work:
        return asked.request(work, request_id)


def send(world: World, actor: Actor, request_id: str, name: str, data: bytes, line: int = 0) -> str:
    document = seen(world, actor, request_id).documents[line].id
    with world.writing(actor) as work:
        return requests.send_document(work, request_id, document, name, world.seal(data)).id


def states(view: RequestView) -> list[str]:
    return [one.state for one in view.documents]


@pytest.fixture
def pair(world: World) -> tuple[World, Someone, Someone, str]:
    """Olena asks Petro for two documents."""
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    return world, olena, petro, ask(world, olena.actor, petro.email)[0]


def test_a_checklist_goes_from_missing_to_received_refused_and_accepted(
    pair: tuple[World, Someone, Someone, str],
) -> None:
    world, olena, petro, request_id = pair
    assert states(seen(world, petro.actor, request_id)) == ["missing", "missing"]
    first = send(world, petro.actor, request_id, "scan.pdf", b"blurred")
    assert states(seen(world, olena.actor, request_id)) == ["received", "missing"]
    with world.writing(olena.actor) as work, pytest.raises(NotAcceptable):
        requests.judge_document(work, request_id, first, accept=False)
    with world.writing(olena.actor) as work:
        requests.judge_document(work, request_id, first, accept=False, reason="It cannot be read")
    (told,) = seen(world, petro.actor, request_id).documents[0].sent
    assert (told.state, told.reason, told.name) == ("refused", "It cannot be read", "scan.pdf")
    second = send(world, petro.actor, request_id, "scan.pdf", b"sharp")
    with world.writing(olena.actor) as work:
        requests.judge_document(work, request_id, second, accept=True)
    assert states(seen(world, petro.actor, request_id)) == ["accepted", "missing"]
    lines = seen(world, olena.actor, request_id).documents[0].sent
    assert [one.item_name for one in lines] == ["scan.pdf", "scan (2).pdf"]
    assert [world.content(olena.actor, str(one.item_id)) for one in lines] == [b"blurred", b"sharp"]
    kinds = [FactKind.DOCUMENT_SENT, FactKind.DOCUMENT_REFUSED, FactKind.DOCUMENT_SENT, FactKind.DOCUMENT_ACCEPTED]
    assert [one.kind for one in world.facts(*kinds)] == kinds


def test_class_5_who_may_only_send_is_shown_nothing_of_the_folder(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, request_id = pair
    send(world, petro.actor, request_id, "scan.pdf", b"mine")
    view = seen(world, olena.actor, request_id)
    folder, item = str(view.folder_id), str(view.documents[0].sent[0].item_id)
    random = "0" * 26

    def refused(act: object) -> type[DomainError]:
        with world.writing(petro.actor) as work:
            with pytest.raises(DomainError) as caught:
                act(work)  # type: ignore[operator]
            return type(caught.value)

    for there, nothing in ((folder, random), (item, random)):
        ways = [
            lambda work, one: queries.item(work, one),
            lambda work, one: queries.folder(work, one),
            lambda work, one: queries.versions(work, one),
            lambda work, one: copy(work, one, petro.root_id),
            lambda work, one: move(work, one, petro.root_id),
            lambda work, one: archive.plan_archive(work, [one]),
            lambda work, one: uploads.create_upload(work, one, "scan.pdf", 3),
            lambda work, one: world.upload_in(work, one, "scan.pdf"),
            lambda work, one: queries.path(work, one),
        ]
        for way in ways:
            answers = {refused(lambda work, one=one, way=way: way(work, one)) for one in (there, nothing)}
            assert answers == {NotFound}
    with world.reading(petro.actor) as work:
        assert queries.item_names(work, [folder, item]) == {}


def test_class_5_the_same_name_never_overwrites_and_answers_the_same(
    pair: tuple[World, Someone, Someone, str],
) -> None:
    world, olena, petro, request_id = pair
    document = seen(world, petro.actor, request_id).documents[0].id
    answers = []
    for data in (b"first", b"second"):
        with world.writing(petro.actor) as work:
            sent = requests.send_document(work, request_id, document, "scan.pdf", world.seal(data))
            answers.append((sent.name, sent.state, sent.reason))
    assert answers[0] == answers[1]
    items = [str(one.item_id) for one in seen(world, olena.actor, request_id).documents[0].sent]
    assert [world.content(olena.actor, one) for one in items] == [b"first", b"second"]


def test_class_5_the_sender_sees_only_what_they_sent(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    request_id, token = ask(world, olena.actor, None)
    assert token is not None
    with world.writing(Actor()) as work:
        held = frozenset({links.enter_link(work, token)[0].id})
    one, other = Actor(links=held, visitor="one"), Actor(links=held, visitor="other")
    signed_in = replace(petro.actor, links=held)
    for who, name in ((one, "one.pdf"), (other, "other.pdf"), (signed_in, "petro.pdf")):
        send(world, who, request_id, name, name.encode())
    for who, name in ((one, "one.pdf"), (other, "other.pdf"), (signed_in, "petro.pdf")):
        assert [sent.name for sent in seen(world, who, request_id).documents[0].sent] == [name]
    assert seen(world, Actor(links=held), request_id).documents[0].sent == ()
    assert len(seen(world, olena.actor, request_id).documents[0].sent) == 3
    with pytest.raises(SignInRequired):
        seen(world, Actor(), request_id)
    with pytest.raises(NotFound):
        seen(world, petro.actor, request_id)


def test_a_full_cloud_is_refused_without_saying_how_full(embedded_world: World) -> None:
    world = embedded_world
    olena, petro = world.make_person("Olena", quota=10), world.make_person("Petro")
    request_id, _token = ask(world, olena.actor, petro.email)
    with pytest.raises(NotAcceptable) as caught:
        send(world, petro.actor, request_id, "large.bin", bytes(100))
    assert caught.value.details == {"field": "room"}


def test_a_closed_or_ended_request_takes_nothing_more(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, request_id = pair
    send(world, petro.actor, request_id, "scan.pdf", b"mine")
    with world.writing(petro.actor) as work, pytest.raises(Forbidden):
        requests.close_request(work, request_id)
    with world.writing(olena.actor) as work:
        requests.close_request(work, request_id)
    assert seen(world, petro.actor, request_id).closed
    with pytest.raises(AccessEnded):
        send(world, petro.actor, request_id, "late.pdf", b"late")
    with world.reading(petro.actor) as work:
        assert asked.asked_of_me(work) == []
    soon = world.clock.now() + timedelta(hours=1)
    other, _token = ask(world, olena.actor, petro.email, ends_at=soon)
    world.clock.move(timedelta(hours=2))
    with pytest.raises(AccessEnded):
        send(world, petro.actor, other, "late.pdf", b"late")


def test_the_lists_of_both_sides(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, request_id = pair
    send(world, petro.actor, request_id, "scan.pdf", b"mine")
    with world.reading(olena.actor) as work:
        (mine,) = asked.asked_by_me(work)
        assert asked.asked_of_me(work) == []
    assert (mine.addressed_to, mine.states) == (petro.email, {"missing": 1, "received": 1})
    with world.reading(petro.actor) as work:
        (theirs,) = asked.asked_of_me(work)
        assert asked.asked_by_me(work) == []
    assert (theirs.asker, theirs.addressed_to) == ("Olena", None)


@pytest.fixture
def town(world: World) -> tuple[World, SomeBody, Actor, Actor, Someone]:
    """Two officials of a body, and a citizen."""
    body, iryna, andrii = world.make_body("Housing"), world.make_person("Iryna"), world.make_person("Andrii")
    return (
        world,
        body,
        world.appoint(iryna, body, Role.REGISTRAR),
        world.appoint(andrii, body, Role.HANDLER),
        world.make_person("Olena"),
    )


def test_a_body_asks_and_all_who_work_there_see_and_judge(town: tuple[World, SomeBody, Actor, Actor, Someone]) -> None:
    world, body, iryna, andrii, olena = town
    request_id, _token = ask(world, iryna, olena.email, body_id=body.id)
    assert seen(world, olena.actor, request_id).body == "Housing"
    sent = send(world, olena.actor, request_id, "scan.pdf", b"mine")
    for official in (iryna, andrii):
        item = str(seen(world, official, request_id).documents[0].sent[0].item_id)
        assert world.content(official, item) == b"mine"
    with world.writing(andrii) as work:
        requests.judge_document(work, request_id, sent, accept=True)
    with world.reading(andrii) as work:
        assert [one.id for one in asked.asked_by_me(work)] == [request_id]
    dismissed = replace(iryna, appointments=frozenset())
    with pytest.raises(NotFound):
        seen(world, dismissed, request_id)
    with pytest.raises(NotFound):
        world.content(dismissed, item)
    with pytest.raises(NotFound):
        world.content(olena.actor, item)


def test_nobody_asks_in_the_name_of_a_body_of_others(town: tuple[World, SomeBody, Actor, Actor, Someone]) -> None:
    world, body, _iryna, _andrii, olena = town
    with pytest.raises(NotFound):
        ask(world, olena.actor, "petro@example.org", body_id=body.id)
    with world.writing(olena.actor) as work, pytest.raises(NotFound):
        service.collect(work, world.thing(olena.root_id), body.id, Level.EDIT)


def test_strangers_and_senders_judge_nothing(pair: tuple[World, Someone, Someone, str]) -> None:
    world, _olena, petro, request_id = pair
    sent = send(world, petro.actor, request_id, "scan.pdf", b"mine")
    mykola = world.make_person("Mykola")
    for actor, error in ((petro.actor, Forbidden), (mykola.actor, NotFound)):
        with world.writing(actor) as work, pytest.raises(error):
            requests.judge_document(work, request_id, sent, accept=True)
    other, _token = ask(world, mykola.actor, "petro@example.org")
    with world.writing(mykola.actor) as work, pytest.raises(NotFound):
        requests.judge_document(work, other, sent, accept=True)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"documents": ["", " "]}, "documents"),
        ({"documents": ["x"] * 31}, "documents"),
        ({"address": "nobody"}, "email"),
        ({"text": "x" * 5001}, "text"),
        ({"password": "short"}, "password"),
    ],
)
def test_what_cannot_be_asked_is_named(embedded_world: World, more: dict[str, object], field: str) -> None:
    olena = embedded_world.make_person("Olena")
    values: dict[str, object] = {"title": "Subsidy", "documents": DOCUMENTS} | more
    with embedded_world.writing(olena.actor) as work, pytest.raises(NotAcceptable) as caught:
        requests.ask_for_files(work, **values)  # type: ignore[arg-type]
    assert caught.value.details["field"] == field


def test_an_asked_addresss_account_is_nobodys_business(embedded_world: World) -> None:
    world = embedded_world
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    known, _token = ask(world, olena.actor, petro.email)
    unknown, _token = ask(world, olena.actor, "nobody.here@example.org")
    views = [seen(world, olena.actor, one) for one in (known, unknown)]
    assert [one.addressed_to for one in views] == [petro.email, "nobody.here@example.org"]
    assert [states(one) for one in views] == [["missing"] * 2] * 2
    assert Principal(SubjectKind.PERSON, petro.id) in petro.actor.principals
