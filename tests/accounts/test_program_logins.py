"""A program asks to be let in: its person confirms on a page, and it fetches an app password, exactly once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.world import Someone, World
from workspace.accounts.app_password_rows import MOST
from workspace.accounts.app_passwords import app_passwords, make_app_password, verify_app_password
from workspace.accounts.models import Person, ProgramLogin
from workspace.accounts.program_logins import (
    BegunLogin,
    GrantedLogin,
    begin_program_login,
    fetch_program_login,
    grant_program_login,
    program_of_login,
    refuse_program_login,
)
from workspace.accounts.program_names import program_name
from workspace.kernel.actors import ANONYMOUS, COMMAND
from workspace.kernel.errors import NotFound, SignInRequired, TooManyTries, WrongState

DESKTOP = "Mozilla/5.0 (Linux) mirall/3.7.3git (Nextcloud, debian-6.1.0-13-amd64 ClientArchitecture: x86_64)"


def begin(world: World, agent: str = DESKTOP) -> BegunLogin:
    return begin_program_login(world.runtime, agent, "192.0.2.7")


def fetch(world: World, poll: str) -> GrantedLogin:
    with world.writing(ANONYMOUS) as work:
        return fetch_program_login(work, poll)


def confirm(world: World, who: Someone, page: str) -> str:
    with world.writing(who.actor) as work:
        return grant_program_login(work, page)


def test_a_program_fetches_a_password_of_its_own_once_its_person_has_confirmed(world: World) -> None:
    olena, login = world.make_person(), begin(world)
    with pytest.raises(NotFound):
        fetch(world, login.poll)
    with world.reading(olena.actor) as work:
        assert program_of_login(work, login.page) == "Nextcloud, Linux"
    assert confirm(world, olena, login.page) == "Nextcloud, Linux"
    given = fetch(world, login.poll)
    assert given.email == olena.email
    assert verify_app_password(world.runtime, given.app_password, given.email)[1].id == olena.id
    with world.reading(olena.actor) as work:
        assert [one.label for one in app_passwords(work)] == ["Nextcloud, Linux"]
    with pytest.raises(NotFound):
        fetch(world, login.poll)


def test_who_asks_at_once_gets_one_password_together(world: World) -> None:
    olena, login = world.make_person(), begin(world)
    confirm(world, olena, login.page)

    def ask(_number: int) -> bool:
        try:
            fetch(world, login.poll)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(ask, range(6))) == 1
    with world.reading(olena.actor) as work:
        assert len(app_passwords(work)) == 1


def test_after_twenty_minutes_nobody_waits_any_more(world: World) -> None:
    olena, late, slow = world.make_person(), begin(world), begin(world)
    confirm(world, olena, slow.page)
    world.clock.move(timedelta(minutes=20))
    with pytest.raises(NotFound):
        confirm(world, olena, late.page)
    with pytest.raises(NotFound):
        fetch(world, slow.poll)
    begin(world)
    with world.reading(COMMAND) as work:
        assert len(work.session.scalars(select(ProgramLogin)).all()) == 1, "old ones are forgotten"


def test_only_the_first_who_confirms_counts_and_only_who_has_signed_in(world: World) -> None:
    olena, petro, login = world.make_person("Olena"), world.make_person("Petro"), begin(world)
    nobody = replace(olena, actor=ANONYMOUS)
    for page in (login.poll, "", "x" * 43):
        with pytest.raises(NotFound):
            confirm(world, olena, page)
    with pytest.raises(SignInRequired):
        confirm(world, nobody, login.page)
    confirm(world, olena, login.page)
    with pytest.raises(NotFound):
        confirm(world, petro, login.page)
    with pytest.raises(NotFound):
        fetch(world, login.page)
    assert fetch(world, login.poll).email == olena.email


def test_a_refused_program_gets_nothing(world: World) -> None:
    olena, login = world.make_person(), begin(world)
    with world.writing(olena.actor) as work:
        refuse_program_login(work, login.page)
        refuse_program_login(work, login.page)
    with pytest.raises(NotFound):
        confirm(world, olena, login.page)
    with pytest.raises(NotFound):
        fetch(world, login.poll)


def test_the_tokens_stand_nowhere_in_the_database(embedded_world: World) -> None:
    login = begin(embedded_world)
    with embedded_world.reading(COMMAND) as work:
        row = work.session.scalars(select(ProgramLogin)).one()
        kept = "".join(str(getattr(row, column.key)) for column in row.__table__.columns)
    assert login.page not in kept
    assert login.poll not in kept


def test_an_account_that_was_closed_meanwhile_lets_nobody_in(embedded_world: World) -> None:
    world = embedded_world
    olena, login = world.make_person(), begin(world)
    confirm(world, olena, login.page)
    with world.writing(COMMAND) as work:
        work.session.get_one(Person, olena.id).disabled_at = work.now
    with pytest.raises(NotFound):
        fetch(world, login.poll)


def test_who_has_fifty_app_passwords_is_told_on_the_page(embedded_world: World) -> None:
    world = embedded_world
    olena, login = world.make_person(), begin(world)
    with world.writing(olena.actor) as work:
        for number in range(MOST):
            make_app_password(work, f"{number}")
    with pytest.raises(WrongState):
        confirm(world, olena, login.page)


def test_a_flood_from_one_address_is_stopped(embedded_world: World) -> None:
    world = embedded_world
    for _ in range(30):
        begin(world)
    with pytest.raises(TooManyTries):
        begin(world)
    begin_program_login(world.runtime, DESKTOP, "192.0.2.8")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (DESKTOP, "Nextcloud, Linux"),
        ("Mozilla/5.0 (Windows) mirall/2.11.0 (ownCloud, windows-10)", "ownCloud, Windows"),
        ("Mozilla/5.0 (Android) Nextcloud-android/3.25.0", "Nextcloud, Android"),
        ("Mozilla/5.0 (iOS) Nextcloud-iOS/4.8.0", "Nextcloud, iOS"),
        ("DAVx5/4.3.12-ose", "DAVx5"),
        ("Files on Olena's laptop", "Files on Olena"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "Program, Linux"),
        ("", "Program"),
        ("<script>alert(1)</script>", "Program"),
        ("https://evil.example/ is your bank", "https"),
        ("x" * 500, "x" * 39),
    ],
)
def test_programs_are_named_as_people_know_them(agent: str, name: str) -> None:
    assert program_name(agent) == name
