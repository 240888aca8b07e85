"""App passwords: shown once, kept as hashes, limited in guessing, ended one by one."""

from datetime import timedelta

import pytest

from tests.world import World
from workspace.accounts import app_passwords
from workspace.accounts.app_passwords import make_app_password, revoke_app_password, verify_app_password
from workspace.accounts.guesses import Secret, try_once
from workspace.accounts.models import AppPassword, Guess
from workspace.kernel.actors import ANONYMOUS, COMMAND
from workspace.kernel.errors import Forbidden, NotAcceptable, NotFound, TooManyTries, WrongSecret, WrongState


def test_a_program_is_let_in_by_its_own_password(world: World) -> None:
    olena = world.make_person()
    with world.writing(olena.actor) as work:
        made = make_app_password(work, "Files on my laptop")
    for name in (olena.email, olena.email.upper(), None):
        app_password_id, person = verify_app_password(world.runtime, made.secret, name)
        assert (app_password_id, person.id) == (made.id, olena.id)


def test_the_secret_is_long_and_stands_nowhere_in_the_database(world: World) -> None:
    olena = world.make_person()
    with world.writing(olena.actor) as work:
        made = make_app_password(work, "laptop")
    assert len(made.secret) == len("cw-") + 8 + 1 + 32  # 160 bits after the prefix
    with world.reading(COMMAND) as work:
        row = work.session.get_one(AppPassword, made.id)
        kept = "".join(str(getattr(row, column.key)) for column in row.__table__.columns)
        assert made.secret[12:] not in kept


def test_a_revoked_one_opens_nothing_and_only_its_owner_revokes(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    with world.writing(olena.actor) as work:
        made, other = make_app_password(work, "laptop"), make_app_password(work, "phone")
    with pytest.raises(NotFound), world.writing(petro.actor) as work:
        revoke_app_password(work, made.id)
    with world.writing(olena.actor) as work:
        revoke_app_password(work, made.id)
        assert [one.label for one in app_passwords.app_passwords(work)] == ["phone"]
    with pytest.raises(WrongSecret):
        verify_app_password(world.runtime, made.secret, olena.email)
    verify_app_password(world.runtime, other.secret, olena.email)


def test_it_opens_nobody_elses_account(embedded_world: World) -> None:
    olena, petro = embedded_world.make_person("Olena"), embedded_world.make_person("Petro")
    with embedded_world.writing(olena.actor) as work:
        made = make_app_password(work, "laptop")
    with pytest.raises(WrongSecret):
        verify_app_password(embedded_world.runtime, made.secret, petro.email)


def test_ten_wrong_endings_shut_it_for_a_quarter_of_an_hour(world: World) -> None:
    olena = world.make_person()
    with world.writing(olena.actor) as work:
        made = make_app_password(work, "laptop")
    for number in range(10):
        with pytest.raises(WrongSecret):
            verify_app_password(world.runtime, made.secret[:-1] + "0123456789"[number], None) if made.secret[-1] != str(
                number
            ) else verify_app_password(world.runtime, made.secret[:-1] + "z", None)
    with pytest.raises(TooManyTries):
        verify_app_password(world.runtime, made.secret, olena.email)
    world.clock.move(timedelta(minutes=15))
    verify_app_password(world.runtime, made.secret, olena.email)


def test_who_guesses_at_an_address_does_not_stop_its_owners_programs(world: World) -> None:
    olena = world.make_person()
    with world.writing(olena.actor) as work:
        made = make_app_password(work, "laptop")
    wrong = "cw-00000000-" + "0" * 32
    for _ in range(10):
        with pytest.raises(WrongSecret):
            verify_app_password(world.runtime, wrong, olena.email)
    with pytest.raises(TooManyTries):
        verify_app_password(world.runtime, wrong, olena.email)
    verify_app_password(world.runtime, made.secret, olena.email)


def test_the_accounts_own_password_is_never_taken_and_trying_it_counts(embedded_world: World) -> None:
    olena = embedded_world.make_person()
    for _ in range(10):
        with pytest.raises(WrongSecret):
            verify_app_password(embedded_world.runtime, "seven swans swim south", olena.email)
    with pytest.raises(TooManyTries):
        try_once(embedded_world.runtime, Secret.PASSWORD, olena.email)


def test_a_program_at_work_writes_at_most_every_five_minutes(embedded_world: World) -> None:
    olena = embedded_world.make_person()
    with embedded_world.writing(olena.actor) as work:
        made = make_app_password(work, "laptop")

    def last_used() -> object:
        with embedded_world.reading(olena.actor) as work:
            return app_passwords.app_passwords(work)[0].last_used_at

    verify_app_password(embedded_world.runtime, made.secret)
    first = last_used()
    embedded_world.clock.move(timedelta(minutes=4))
    verify_app_password(embedded_world.runtime, made.secret)
    assert last_used() == first
    embedded_world.clock.move(timedelta(minutes=1))
    verify_app_password(embedded_world.runtime, made.secret)
    assert last_used() == embedded_world.clock.now()
    with embedded_world.reading(ANONYMOUS) as work:
        assert work.session.query(Guess).count() == 0


def test_the_host_makes_one_for_anybody_and_people_only_for_themselves(embedded_world: World) -> None:
    olena, petro = embedded_world.make_person("Olena"), embedded_world.make_person("Petro")
    with embedded_world.writing(COMMAND) as work:
        made = make_app_password(work, "sync", olena.id)
    assert verify_app_password(embedded_world.runtime, made.secret)[1].id == olena.id
    with pytest.raises(Forbidden), embedded_world.writing(petro.actor) as work:
        make_app_password(work, "sync", olena.id)


def test_labels_are_asked_for_and_fifty_are_enough(embedded_world: World) -> None:
    olena = embedded_world.make_person()
    with pytest.raises(NotAcceptable), embedded_world.writing(olena.actor) as work:
        make_app_password(work, "  ")
    with embedded_world.writing(olena.actor) as work:
        for number in range(50):
            make_app_password(work, f"device {number}")
        with pytest.raises(WrongState):
            make_app_password(work, "one more")
