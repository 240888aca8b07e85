"""Joining, inviting, changing, disabling."""

from datetime import timedelta

import pytest

from tests.world import Someone, World
from workspace.accounts import queries, service, sessions
from workspace.accounts.app_passwords import make_app_password, verify_app_password
from workspace.accounts.instance import SignUp, change_instance
from workspace.accounts.models import Person
from workspace.db.epochs import Epoch
from workspace.db.facts import FactRow
from workspace.kernel.actors import ANONYMOUS, COMMAND, Actor
from workspace.kernel.errors import (
    AccessEnded,
    Forbidden,
    NameTaken,
    NotAcceptable,
    NotFound,
    SignInRequired,
    WrongSecret,
    WrongState,
)

GOOD = "seven swans swim south"


def facts(world: World, kind: str) -> list[FactRow]:
    with world.reading(COMMAND) as work:
        return list(work.session.query(FactRow).filter_by(kind=kind))


def test_whoever_joins_waits_for_the_proof_of_their_address(world: World) -> None:
    with world.writing(ANONYMOUS) as work:
        person = service.sign_up(work, email=" Olena@Example.ORG ", name="Olena  Hrytsenko", password_hash="x")
        assert (person.email, person.name, person.confirmed_at) == ("olena@example.org", "Olena Hrytsenko", None)
    (fact,) = facts(world, "person.joined")
    assert fact.thing_id == fact.person_id == person.id


@pytest.mark.parametrize("who", [SignUp.INVITED, SignUp.NOBODY])
def test_nobody_joins_by_themselves_where_the_host_does_not_want_it(embedded_world: World, who: SignUp) -> None:
    with embedded_world.writing(COMMAND) as work:
        change_instance(work, sign_up=who)
    with pytest.raises(Forbidden), embedded_world.writing(ANONYMOUS) as work:
        service.sign_up(work, email="olena@example.org", name="Olena", password_hash="x")


def test_an_address_has_one_account_however_it_is_written(world: World) -> None:
    with world.writing(COMMAND) as work:
        service.add_person(work, "olena@example.org", "Olena", password=GOOD)
    with pytest.raises(NameTaken), world.writing(COMMAND) as work:
        service.add_person(work, "OLENA@example.org", "Another")


@pytest.mark.parametrize(
    ("email", "name", "field"),
    [("nonsense", "Olena", "email"), ("a@b\r\nBcc: x@y.z", "Olena", "email"), ("a@b.org", " ", "name")],
)
def test_what_is_no_address_or_name_is_refused(embedded_world: World, email: str, name: str, field: str) -> None:
    with pytest.raises(NotAcceptable) as refused, embedded_world.writing(COMMAND) as work:
        service.add_person(work, email, name)
    assert refused.value.details["field"] == field


def test_a_name_is_one_line(embedded_world: World) -> None:
    with embedded_world.writing(COMMAND) as work:
        assert service.add_person(work, "a@b.org", "Olena\nBcc: x").name == "Olena Bcc: x"


def test_only_administrators_and_the_host_add_and_invite(embedded_world: World) -> None:
    olena = embedded_world.make_person()
    with pytest.raises(Forbidden), embedded_world.writing(olena.actor) as work:
        service.invite(work, "petro@example.org")
    with pytest.raises(SignInRequired), embedded_world.writing(ANONYMOUS) as work:
        service.add_person(work, "petro@example.org", "Petro")


def test_an_invitation_opens_one_account_once(world: World) -> None:
    with world.writing(COMMAND) as work:
        invited = service.invite(work, "petro@example.org")
    with world.writing(ANONYMOUS) as work:
        petro = service.accept_invitation(work, invited.token, name="Petro", password=GOOD)
        assert petro.confirmed_at is not None
    with pytest.raises(AccessEnded), world.writing(ANONYMOUS) as work:
        service.accept_invitation(work, invited.token, name="Petro", password=GOOD)


def test_an_invitation_ends_after_a_week_and_with_the_next_one(embedded_world: World) -> None:
    with embedded_world.writing(COMMAND) as work:
        first = service.invite(work, "petro@example.org")
        second = service.invite(work, "petro@example.org")
    with pytest.raises(AccessEnded), embedded_world.reading(ANONYMOUS) as work:
        service.invitation_of(work, first.token)
    embedded_world.clock.move(timedelta(days=7))
    with pytest.raises(AccessEnded), embedded_world.reading(ANONYMOUS) as work:
        service.invitation_of(work, second.token)
    with pytest.raises(NotFound), embedded_world.reading(ANONYMOUS) as work:
        service.invitation_of(work, "guessed")


def test_a_weak_password_does_not_use_an_invitation_up(embedded_world: World) -> None:
    with embedded_world.writing(COMMAND) as work:
        invited = service.invite(work, "petro@example.org")
    with pytest.raises(NotAcceptable), embedded_world.writing(ANONYMOUS) as work:
        service.accept_invitation(work, invited.token, name="Petro", password="password")
    with embedded_world.reading(ANONYMOUS) as work:
        assert service.invitation_of(work, invited.token).used_at is None


def closed(world: World) -> tuple[Someone, str, str]:
    """Somebody with a session and an app password, then disabled: their id, token and secret."""
    olena, chief = world.make_person(), world.make_person("Chief", administrator=True)
    with world.writing(olena.actor) as work:
        begun = sessions.begin_session(work, olena.id, agent="Firefox", address="::1", via="password")
        made = make_app_password(work, "laptop")
    with world.writing(chief.actor) as work:
        service.disable(work, olena.id)
    return olena, begun.token, made.secret


def test_disabling_ends_sessions_and_app_passwords_at_once(world: World) -> None:
    olena, token, secret = closed(world)
    with world.reading(ANONYMOUS) as work:
        assert sessions.session_of(work, token) is None
    with pytest.raises(WrongSecret):
        verify_app_password(world.runtime, secret, olena.email)
    assert [one.thing_id for one in facts(world, "person.disabled")] == [olena.id]


def test_disabling_is_in_the_journal_before_the_answer_and_ends_remembered_verdicts(embedded_world: World) -> None:
    olena, _token, _secret = closed(embedded_world)
    written = [one for one in embedded_world.runtime.ports.journal.entries() if one["kind"] == "disabled"]
    assert [one["values"]["person_id"] for one in written] == [olena.id]
    with embedded_world.reading(COMMAND) as work:
        assert work.session.get_one(Epoch, f"person:{olena.id}").value == 1


def test_enabling_brings_back_neither_session_nor_app_password(world: World) -> None:
    olena, token, secret = closed(world)
    with world.writing(COMMAND) as work:
        service.enable(work, olena.id)
    with world.reading(ANONYMOUS) as work:
        assert sessions.session_of(work, token) is None
    with pytest.raises(WrongSecret):
        verify_app_password(world.runtime, secret, olena.email)


def test_a_closed_account_begins_no_session(embedded_world: World) -> None:
    olena, _token, _secret = closed(embedded_world)
    with pytest.raises(Forbidden), embedded_world.writing(ANONYMOUS) as work:
        sessions.begin_session(work, olena.id, agent="", address="", via="passkey")


def test_an_administrator_cannot_lock_themselves_out(embedded_world: World) -> None:
    chief = embedded_world.make_person("Chief", administrator=True)
    with pytest.raises(WrongState), embedded_world.writing(chief.actor) as work:
        service.disable(work, chief.id)
    with pytest.raises(WrongState), embedded_world.writing(chief.actor) as work:
        service.set_administrator(work, chief.id, False)


def test_people_change_their_own_name_and_language_only(embedded_world: World) -> None:
    olena = embedded_world.make_person()
    with embedded_world.writing(olena.actor) as work:
        service.change_name(work, "Olena H.")
        service.change_language(work, "uk")
    with embedded_world.reading(COMMAND) as work:
        row = work.session.get_one(Person, olena.id)
        assert (row.name, row.language) == ("Olena H.", "uk")
    with pytest.raises(NotAcceptable), embedded_world.writing(olena.actor) as work:
        service.change_language(work, "ru")
    with pytest.raises(SignInRequired), embedded_world.writing(ANONYMOUS) as work:
        service.change_name(work, "Nobody")


def test_the_list_of_people_is_for_administrators_and_tells_no_secret(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro 100%")
    with world.reading(COMMAND) as work:
        page = queries.people(work, limit=1)
        assert [one.id for one in page.people] == [petro.id]
        rest = queries.people(work, after=page.next, limit=5)
        assert [one.id for one in rest.people] == [olena.id]
        assert rest.next is None
        assert [one.id for one in queries.people(work, "100%").people] == [petro.id]
        assert queries.people(work, "_____%").people == ()
        assert not {"password", "tf_totp_secret"} & set(page.people[0].__slots__)
    with pytest.raises(Forbidden), world.reading(olena.actor) as work:
        queries.people(work)


def test_finding_somebody_by_address_needs_a_sign_in_and_an_open_account(embedded_world: World) -> None:
    olena, petro = embedded_world.make_person("Olena"), embedded_world.make_person("Petro")
    with embedded_world.reading(olena.actor) as work:
        found = queries.person_by_email(work, petro.email.upper())
        assert found is not None
        assert found.id == petro.id
        assert queries.person_by_email(work, "nobody@example.org") is None
        assert queries.person_by_email(work, "no address") is None
    with embedded_world.writing(COMMAND) as work:
        service.disable(work, petro.id)
    with embedded_world.reading(olena.actor) as work:
        assert queries.person_by_email(work, petro.email) is None
    with pytest.raises(SignInRequired), embedded_world.reading(Actor()) as work:
        queries.person_by_email(work, petro.email)
