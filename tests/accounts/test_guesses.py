"""Ten tries in any quarter of an hour, whoever asks, through whatever door, before and after a restart."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.world import World
from workspace.accounts.guesses import LIMIT, WINDOW, Secret, clear, forget_old, shut, try_once
from workspace.accounts.models import Guess
from workspace.db.database import Database
from workspace.db.runtime import Runtime
from workspace.kernel.actors import ANONYMOUS
from workspace.kernel.errors import TooManyTries


def tries_let_through(world: World, count: int, runtime: Runtime | None = None) -> int:
    taken = 0
    for _ in range(count):
        try:
            try_once(runtime or world.runtime, Secret.PASSWORD, "olena@example.org")
            taken += 1
        except TooManyTries:
            pass
    return taken


def test_the_eleventh_try_is_refused(world: World) -> None:
    assert tries_let_through(world, 15) == LIMIT


def test_a_quarter_of_an_hour_after_the_tenth_there_are_ten_more(world: World) -> None:
    tries_let_through(world, 10)
    world.clock.move(WINDOW)
    assert tries_let_through(world, 15) == LIMIT


def test_no_quarter_of_an_hour_holds_more_than_ten_even_across_windows(embedded_world: World) -> None:
    assert tries_let_through(embedded_world, 1) == 1
    embedded_world.clock.move(WINDOW - timedelta(minutes=1))
    assert tries_let_through(embedded_world, 15) == 9
    embedded_world.clock.move(timedelta(minutes=2))
    assert tries_let_through(embedded_world, 15) == 0


def test_refused_tries_do_not_lengthen_the_wait(embedded_world: World) -> None:
    tries_let_through(embedded_world, 10)
    embedded_world.clock.move(timedelta(minutes=10))
    assert tries_let_through(embedded_world, 5) == 0
    embedded_world.clock.move(timedelta(minutes=5))
    assert tries_let_through(embedded_world, 1) == 1


def test_a_restart_forgets_nothing(world: World) -> None:
    tries_let_through(world, 10)
    again = Database(world.settings.database)
    restarted = Runtime(world.settings, again, world.runtime.ports, world.clock)
    assert tries_let_through(world, 5, restarted) == 0
    again.dispose()


def test_many_tries_at_once_are_still_ten(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: tries_let_through(world, 5), range(8))) == LIMIT


def test_success_forgets_the_tries(world: World) -> None:
    tries_let_through(world, 10)
    with world.writing(ANONYMOUS) as work:
        clear(work, Secret.PASSWORD, "olena@example.org")
    assert tries_let_through(world, 1) == 1


def test_one_secret_shuts_no_other(embedded_world: World) -> None:
    tries_let_through(embedded_world, 10)
    try_once(embedded_world.runtime, Secret.PASSWORD, "petro@example.org")
    try_once(embedded_world.runtime, Secret.CODE, "olena@example.org")


def test_a_lower_limit_holds(embedded_world: World) -> None:
    try_once(embedded_world.runtime, Secret.PASSKEY, "challenge", 1)
    with pytest.raises(TooManyTries):
        try_once(embedded_world.runtime, Secret.PASSKEY, "challenge", 1)


def test_a_shut_secret_says_so_until_the_wait_is_over(embedded_world: World) -> None:
    tries_let_through(embedded_world, 10)
    with embedded_world.reading(ANONYMOUS) as work:
        assert shut(work, Secret.PASSWORD, "olena@example.org")
        assert not shut(work, Secret.PASSWORD, "petro@example.org")
    embedded_world.clock.move(WINDOW)
    with embedded_world.reading(ANONYMOUS) as work:
        assert not shut(work, Secret.PASSWORD, "olena@example.org")


def test_old_counters_are_dropped_and_no_name_stands_in_them(world: World) -> None:
    tries_let_through(world, 1)
    with world.writing(ANONYMOUS) as work:
        (row,) = work.session.query(Guess)
        assert b"olena" not in row.secret
        assert forget_old(work) == 0
    world.clock.move(timedelta(days=2))
    with world.writing(ANONYMOUS) as work:
        assert forget_old(work) == 1
