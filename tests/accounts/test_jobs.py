"""Jobs as administrators see them, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import World
from workspace.accounts.jobs import JobState, job_counts, jobs, letter_jobs, retry, retry_all
from workspace.db.outbox import Job
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import Forbidden, NotFound, SignInRequired, WrongState
from workspace.kernel.ids import new_id
from workspace.mail.outbox import post


def ask(world: World, kind: str, key: str | None = None, **times: object) -> str:
    """A job whose times are set as given."""
    with world.writing(COMMAND) as work:
        work.later(kind, {}, key=key)
        work.session.flush()
        row = work.session.query(Job).order_by(Job.id.desc()).first()
        assert row is not None
        for name, value in times.items():
            setattr(row, name, value)
        return row.id


def test_jobs_are_counted_and_listed_by_where_they_stand(world: World) -> None:
    now = world.clock.now()
    waiting = ask(world, "sweep.blobs")
    lost = ask(world, "sweep.objects", lease_until=now - timedelta(minutes=1))
    running = ask(world, "quota.fold", lease_until=now + timedelta(minutes=1))
    failed = ask(world, "trash.empty", given_up_at=now, attempts=8, last_error="x" * 900)
    done = ask(world, "jobs.prune", done_at=now)
    with world.reading(COMMAND) as work:
        assert job_counts(work) == {JobState.FAILED: 1, JobState.WAITING: 2, JobState.RUNNING: 1}
        found = {state: [one.id for one in jobs(work, state).jobs] for state in JobState}
        assert found == {
            JobState.WAITING: [lost, waiting],
            JobState.RUNNING: [running],
            JobState.FAILED: [failed],
            JobState.DONE: [done],
        }
        assert len(jobs(work, JobState.FAILED).jobs[0].error) == 400


def test_jobs_are_listed_page_by_page(world: World) -> None:
    made = [ask(world, "sweep.blobs") for _ in range(5)]
    with world.reading(COMMAND) as work:
        first = jobs(work, JobState.WAITING, limit=3)
        second = jobs(work, JobState.WAITING, after=first.next, limit=3)
    assert [one.id for one in (*first.jobs, *second.jobs)] == made[::-1]
    assert second.next is None


def test_a_failed_job_begins_again_with_all_its_tries(world: World) -> None:
    failed = ask(world, "trash.empty", given_up_at=world.clock.now(), attempts=8)
    with world.writing(COMMAND) as work:
        retry(work, failed)
    with world.reading(COMMAND) as work:
        line = jobs(work, JobState.WAITING).jobs[0]
    assert (line.id, line.attempts) == (failed, 0)


def test_what_was_asked_for_anew_is_not_doubled(world: World) -> None:
    now = world.clock.now()
    old = ask(world, "trash.empty", key="nightly", given_up_at=now)
    older = ask(world, "trash.empty", key="other", given_up_at=now)
    oldest = ask(world, "trash.empty", key="other", given_up_at=now)
    ask(world, "trash.empty", key="nightly")
    with world.runtime.writing(COMMAND) as work, pytest.raises(WrongState):
        retry(work, old)
    with world.writing(COMMAND) as work:
        assert retry_all(work) == 1
    with world.reading(COMMAND) as work:
        assert {one.id for one in jobs(work, JobState.FAILED).jobs} == {old, oldest}
        assert older in {one.id for one in jobs(work, JobState.WAITING).jobs}


def test_a_running_or_done_job_is_left_alone(world: World) -> None:
    now = world.clock.now()
    for times in ({"done_at": now}, {"lease_until": now + timedelta(minutes=1)}):
        job_id = ask(world, "sweep.blobs", **times)
        with world.runtime.writing(COMMAND) as work, pytest.raises(WrongState):
            retry(work, job_id)
    with world.runtime.writing(COMMAND) as work, pytest.raises(NotFound):
        retry(work, new_id())


def test_the_job_of_a_letter_is_found_by_the_letter(world: World) -> None:
    with world.writing(COMMAND) as work:
        first, second = (
            post(work, recipient=f"{name}@example.org", subject="News", body="x", language="en") for name in "ab"
        )
    with world.reading(COMMAND) as work:
        assert set(letter_jobs(work, [first, second, new_id()])) == {first, second}
        assert letter_jobs(work, []) == {}


def test_a_citizen_and_a_stranger_learn_nothing_of_jobs(world: World) -> None:
    olena = world.make_person()
    with world.reading(olena.actor) as work:
        for question in (
            lambda: jobs(work, JobState.FAILED),
            lambda: job_counts(work),
            lambda: letter_jobs(work, ["x"]),
        ):
            with pytest.raises(Forbidden):
                question()
    with world.runtime.writing(olena.actor) as work, pytest.raises(Forbidden):
        retry_all(work)
    with world.reading(type(olena.actor)()) as work, pytest.raises(SignInRequired):
        job_counts(work)
