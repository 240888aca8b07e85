"""Jobs: at least once, never two at a time, tried again, given up in the end, and safe from kill -9."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.world import ROOT, World
from workspace.db.facts import FactRow
from workspace.db.outbox import Job
from workspace.jobs import queue
from workspace.jobs.worker import Worker
from workspace.kernel.actors import COMMAND, WORKER
from workspace.kernel.clock import SystemClock
from workspace.kernel.errors import StorageUnavailable
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE


def ask_for(world: World, kind: str = "test", count: int = 1, **more):
    with world.writing(COMMAND) as work:
        for number in range(count):
            work.later(kind, {"n": number}, **more)


def jobs(world: World) -> list[Job]:
    with world.reading(WORKER) as work:
        return list(work.session.scalars(select(Job).order_by(Job.id)))


def a_worker(world: World, **handlers) -> Worker:
    return Worker(world.runtime, handlers, reacts=False)


def test_a_job_is_done_once_and_says_so(world):
    seen = []
    ask_for(world, count=3)
    worker = a_worker(world, test=lambda _runtime, payload, _progress: seen.append(payload["n"]))
    while worker.do_one():
        pass
    assert seen == [0, 1, 2]
    assert all(one.done_at and one.leased_by is None and one.attempts == 1 for one in jobs(world))


def test_a_job_for_later_waits(world):
    ask_for(world, due_at=world.clock.now() + timedelta(hours=1))
    worker = a_worker(world, test=lambda *_: None)
    assert not worker.do_one()
    world.clock.move(timedelta(hours=1))
    assert worker.do_one()


def test_a_keyed_job_is_asked_for_once_until_it_is_done(world):
    for _ in range(3):
        ask_for(world, key="nightly")
    assert len(jobs(world)) == 1
    a_worker(world, test=lambda *_: None).do_one()
    ask_for(world, key="nightly")
    assert len(jobs(world)) == 2


def test_a_failing_job_waits_longer_each_time_and_is_given_up_after_twelve(world):
    def fails(*_):
        raise StorageUnavailable()

    ask_for(world)
    worker = a_worker(world, test=fails)
    pauses = []
    for _ in range(12):
        assert worker.do_one()
        assert not worker.do_one()
        (row,) = jobs(world)
        pauses.append((row.due_at - world.clock.now()).total_seconds())
        world.clock.move(timedelta(hours=2))
    assert pauses[:4] == [10, 20, 40, 80]
    assert max(pauses) == 3600
    (row,) = jobs(world)
    assert row.given_up_at is not None
    assert row.last_error.startswith("StorageUnavailable: The store that holds the files does not answer now.")
    assert not worker.do_one()


def test_an_unknown_kind_is_a_failure_with_a_sentence(world):
    ask_for(world, kind="from.the.future")
    assert a_worker(world).do_one()
    (row,) = jobs(world)
    assert row.done_at is None
    assert row.last_error == "UnknownJob: No handler knows the kind from.the.future."


def test_what_was_in_the_file_never_stands_in_the_failure(world):
    def leaks(*_):
        raise ValueError("the marker 7c1e of a secret")

    ask_for(world)
    a_worker(world, test=leaks).do_one()
    (row,) = jobs(world)
    assert row.last_error.startswith("ValueError in workspace/jobs/worker.py")
    assert "7c1e" not in row.last_error


def test_workers_side_by_side_never_do_the_same_job(world):
    done = Counter()
    lock = threading.Lock()

    def count(_runtime, payload, _progress):
        with lock:
            done[payload["n"]] += 1

    ask_for(world, count=40)

    def work_off():
        worker = a_worker(world, test=count)
        while worker.do_one():
            pass

    threads = [threading.Thread(target=work_off) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert done == Counter(range(40))


def test_a_worker_that_comes_back_after_its_lease_changes_nothing(world):
    ask_for(world)
    slow = queue.claim(world.runtime, "slow")
    world.clock.move(timedelta(seconds=61))
    quick = queue.claim(world.runtime, "quick")
    assert quick.id == slow.id
    queue.finish(world.runtime, slow)
    queue.fail(world.runtime, slow, "too late")
    (row,) = jobs(world)
    assert row.done_at is None
    assert row.leased_by == "quick"
    queue.finish(world.runtime, quick)
    assert jobs(world)[0].done_at is not None


def test_a_long_job_keeps_its_lease_and_tells_how_far_it_is(world):
    def long(runtime, _payload, progress):
        world.clock.move(timedelta(seconds=50))
        queue.renew(runtime, list(worker._held.values()))
        world.clock.move(timedelta(seconds=50))
        progress({"done": 7})
        assert queue.claim(runtime, "another") is None
        assert jobs(world)[0].progress == {"done": 7}

    ask_for(world)
    worker = a_worker(world, test=long)
    worker.do_one()
    assert jobs(world)[0].done_at is not None, jobs(world)[0].last_error


def test_a_job_that_kills_its_worker_each_time_is_given_up(world):
    ask_for(world)
    for _ in range(queue.ATTEMPTS):
        assert queue.claim(world.runtime, "dies") is not None
        world.clock.move(timedelta(seconds=61))
    assert queue.claim(world.runtime, "dies") is None
    assert jobs(world)[0].given_up_at is not None


def test_done_jobs_are_forgotten_after_a_week_and_failures_stay(world):
    ask_for(world, count=2)
    done = queue.claim(world.runtime, "one")
    queue.finish(world.runtime, done)
    world.clock.move(timedelta(days=8))
    assert queue.forget_done(world.runtime) == 1
    assert len(jobs(world)) == 1


@contextmanager
def a_process(world: World, folder: Path):
    command = [sys.executable, "-m", "tests.jobs.processes", world.stack.database_url, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(what, seconds=20.0):
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen"
        threading.Event().wait(0.02)


def lines(folder: Path) -> list[str]:
    return (folder / "lines").read_text().split("\n")[:-1] if (folder / "lines").exists() else []


def now_is(world: World, ahead: timedelta = timedelta()):
    world.clock.move(SystemClock().now() - world.clock.now() + ahead)


def test_a_job_survives_kill_9_of_its_worker(world, tmp_path):
    now_is(world)
    ask_for(world, "test.slow")
    with a_process(world, tmp_path) as process:
        wait_for(lambda: lines(tmp_path) == ["began 0"])
        process.kill()
        process.wait()
    seen = []
    next_worker = Worker(world.runtime, {"test.slow": lambda _r, payload, _p: seen.append(payload)}, reacts=False)
    now_is(world, timedelta(seconds=30))
    assert not next_worker.do_one(), "its lease still runs"
    now_is(world, timedelta(seconds=62))
    assert next_worker.do_one()
    assert seen == [{"n": 0}]
    (row,) = jobs(world)
    assert row.done_at is not None
    assert row.attempts == 2


def test_sigterm_lets_the_job_in_flight_come_to_its_end(world, tmp_path):
    now_is(world)
    ask_for(world, "test.slow", count=2)
    with a_process(world, tmp_path) as process:
        wait_for(lambda: lines(tmp_path) == ["began 0"])
        os.kill(process.pid, signal.SIGTERM)
        (tmp_path / "go").touch()
        assert process.wait(20) == 0
    assert lines(tmp_path) == ["began 0", "ended 0"]
    assert [one.done_at is not None for one in jobs(world)] == [True, False]
    assert all(one.leased_by is None for one in jobs(world))


@pytest.fixture
def running(world):
    """A whole worker, running, on the machine's clock."""
    runtime = replace(world.runtime, clock=SystemClock())
    stop = threading.Event()
    began = threading.Event()
    worker = Worker(runtime, {"test": lambda *_: began.set()})
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    yield runtime, began
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def test_a_new_job_is_begun_and_a_fact_is_sealed_within_a_second(running):
    runtime, began = running

    def record():
        with runtime.writing(COMMAND) as work:
            fact = work.record(FactKind.INSTANCE_CHANGED, INSTANCE)
            work.later("test", {})
            work.commit()
        return fact.id

    def sealed(fact_id):
        with runtime.reading(WORKER) as work:
            return work.session.scalar(select(FactRow.leaf).where(FactRow.id == fact_id)) is not None

    first = record()
    wait_for(lambda: sealed(first))  # the worker is up
    began.clear()
    start = time.monotonic()
    second = record()
    wait_for(lambda: sealed(second))
    assert began.wait(5)
    assert time.monotonic() - start < 1.0
