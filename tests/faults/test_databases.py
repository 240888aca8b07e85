"""The database dies in the middle of commits, or many writers want it at once: the program goes on, nobody is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.parts.faults import FaultTable, share
from tests.parts.postgres import PostgresServer
from tests.parts.services import ROOT
from tests.parts.worlds import embedded_stack
from tests.world import Someone, Stack, World, create_tables
from workspace.cli.checking import CHECKS
from workspace.cli.findings import Course
from workspace.kernel.errors import DomainError

pytestmark = pytest.mark.slow
WRITERS = 4
RECOVERED = 60.0


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def world(tmp_path: Path, own_postgres: PostgresServer) -> Iterator[World]:
    """An instance on a PostgreSQL of its own, keys included; its objects are files."""
    urls = [own_postgres.url(own_postgres.new_database()) for _ in range(2)]
    create_tables(urls[0])
    secrets = tmp_path / "secrets" / "master.key"
    made = World(tmp_path, Stack("grown", urls[0], f"file://{tmp_path / 'objects'}", urls[1], secrets))
    yield made
    made.close()


class Writing:
    """Threads that store one file after the other and remember what was answered with success."""

    def __init__(self, world: World, who: Someone) -> None:
        self._world, self._who = world, who
        self._stop = threading.Event()
        self.kept: dict[str, bytes] = {}
        self.refused = 0
        self.strange: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(WRITERS)]
        for one in self._threads:
            one.start()

    def _run(self, number: int) -> None:
        turn = 0
        while not self._stop.is_set():
            turn += 1
            data = os.urandom(100 if turn % 2 else 40_000)
            try:
                added = self._world.upload(self._who.actor, self._who.root_id, f"{number}-{turn}", data)
                self.kept[added.item.id] = data
            except (DomainError, DBAPIError):
                self.refused += 1
                self._stop.wait(0.02)
            except BaseException as error:
                self.strange.append(error)
                return

    def wait_for_more(self, count: int, seconds: float) -> float:
        """Wait until so many more are answered; how long it took."""
        began, wanted = time.monotonic(), len(self.kept) + count
        while len(self.kept) < wanted:
            assert time.monotonic() - began < seconds, f"{self.refused} refused, {self.strange[:1]}"
            assert not self.strange, self.strange[0]
            time.sleep(0.01)
        return time.monotonic() - began

    def stop(self) -> None:
        self._stop.set()
        for one in self._threads:
            one.join(60)


def test_postgresql_killed_in_the_middle_of_commits_takes_nothing_that_was_answered(
    world: World, own_postgres: PostgresServer, fault_table: FaultTable
) -> None:
    olena = world.make_person()
    kills, slowest = share(2, 20), 0.0
    writing = Writing(world, olena)
    try:
        for _ in range(kills):
            writing.wait_for_more(10, 120)
            own_postgres.kill()
            own_postgres.start_again()
            slowest = max(slowest, writing.wait_for_more(WRITERS, RECOVERED))
    finally:
        writing.stop()
    assert writing.strange == []
    assert writing.refused
    for item, data in writing.kept.items():
        assert world.content(olena.actor, item) == data
    assert [one for check in CHECKS for one in check(Course(world.runtime, deep=True))] == []
    fault_table.row(
        "PostgreSQL killed", "4 writers", kills=kills, acknowledged=len(writing.kept), lost=0,
        slowest_recovery=f"{slowest:.1f} s",
    )  # fmt: skip


PROCESSES = 2
THREADS = 8
WORST = 1.0
"""Seconds that a writer may wait for its turn and its commit."""


def test_on_sqlite_sixteen_writers_in_two_processes_all_get_their_turn(tmp_path: Path, fault_table: FaultTable) -> None:
    world = World(tmp_path, embedded_stack(tmp_path))
    olena = world.make_person()
    world.close()
    each = share(25, 200)
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.writers", str(tmp_path), olena.id, olena.root_id]
    running = [
        subprocess.Popen([*command, str(each), str(THREADS)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    told = [json.loads(one.communicate(timeout=170 if each == 25 else 1500)[0]) for one in running]
    assert [one["errors"] for one in told] == [[], []]
    assert [one["written"] for one in told] == [THREADS * each] * PROCESSES
    waits = sorted(wait for one in told for wait in one["waits"])
    assert waits[-1] < WORST
    fault_table.row(
        "SQLite", "2 processes x 8 writing threads", writes=len(waits), locked=0,
        median=f"{waits[len(waits) // 2] * 1000:.0f} ms", worst=f"{waits[-1] * 1000:.0f} ms",
    )  # fmt: skip
