"""Sessions are rows: they end when they are ended, unused for long, or old."""

from datetime import timedelta

import pytest

from tests.world import Someone, World
from workspace.accounts import sessions
from workspace.accounts.models import SignIn
from workspace.kernel.actors import ANONYMOUS, COMMAND
from workspace.kernel.errors import Forbidden, NotFound, SignInRequired

WEEK = timedelta(days=7)


def begin(world: World, person: Someone) -> sessions.Begun:
    with world.writing(ANONYMOUS) as work:
        return sessions.begin_session(work, person.id, agent="Firefox", address="192.0.2.7", via="password")


def holds(world: World, begun: sessions.Begun) -> bool:
    with world.reading(ANONYMOUS) as work:
        return sessions.session_of(work, begun.token) is not None


def test_the_token_stands_nowhere_in_the_database(world: World) -> None:
    olena = world.make_person()
    begun = begin(world, olena)
    with world.reading(COMMAND) as work:
        row = work.session.get_one(SignIn, begun.id)
        assert begun.token.encode() not in row.token_hash
        assert len(begun.token) >= 43  # 256 bits
    assert holds(world, begun)


def test_a_session_ends_after_two_weeks_without_use(world: World) -> None:
    begun = begin(world, world.make_person())
    world.clock.move(2 * WEEK - timedelta(minutes=1))
    assert holds(world, begun)
    world.clock.move(timedelta(minutes=1))
    assert not holds(world, begun)


def test_use_keeps_a_session_alive_but_not_for_ever(embedded_world: World) -> None:
    begun = begin(embedded_world, embedded_world.make_person())
    for _ in range(8):
        assert holds(embedded_world, begun)
        embedded_world.clock.move(WEEK)
        with embedded_world.writing(ANONYMOUS) as work:
            sessions.seen(work, begun.id)
    embedded_world.clock.move(timedelta(days=5))
    assert not holds(embedded_world, begun)


def test_one_sees_and_ends_only_ones_own_sessions(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    here, there = begin(world, olena), begin(world, olena)
    with world.reading(olena.actor) as work:
        assert {one.id for one in sessions.see_sessions(work)} == {here.id, there.id}
    with world.reading(petro.actor) as work:
        assert sessions.see_sessions(work) == []
    with pytest.raises(NotFound), world.writing(petro.actor) as work:
        sessions.end_session(work, here.id)
    with world.writing(olena.actor) as work:
        sessions.end_session(work, there.id)
    assert (holds(world, here), holds(world, there)) == (True, False)
    with pytest.raises(SignInRequired), world.reading(ANONYMOUS) as work:
        sessions.see_sessions(work)


def test_all_others_end_together(world: World) -> None:
    olena = world.make_person()
    begun = [begin(world, olena) for _ in range(3)]
    with world.writing(olena.actor) as work:
        assert sessions.end_others(work, begun[1].id) == 2
    assert [holds(world, one) for one in begun] == [False, True, False]


def test_an_unproven_address_begins_no_session(embedded_world: World) -> None:
    olena = embedded_world.make_person()
    with embedded_world.writing(COMMAND) as work:
        work.session.connection().exec_driver_sql("UPDATE person SET confirmed_at = NULL")
    with pytest.raises(Forbidden):
        begin(embedded_world, olena)
