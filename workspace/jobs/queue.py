"""The queue in the database: claim a job for a while, renew, finish, fail. At least once, never two at a time."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from workspace.db.outbox import Job
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import WORKER

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
ATTEMPTS = 12
FIRST_PAUSE = 5
LONGEST_PAUSE = 3600
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this process holds until its lease ends. `attempt` counts from one and tells this claim from later
    ones."""

    id: str
    kind: str
    payload: dict[str, Any]
    attempt: int
    holder: str


def claim(runtime: Runtime, holder: str) -> Claim | None:
    """Take the job that has been due the longest; None where there is none.

    Looks before it writes: an idle worker never takes SQLite's one turn to write.
    """
    with runtime.reading(WORKER) as work:
        if work.session.scalar(select(Job.id).where(_claimable(work.now)).limit(1)) is None:
            return None
    with runtime.writing(WORKER) as work:
        wanted = select(Job).where(_claimable(work.now)).order_by(Job.due_at, Job.id).limit(1)
        job = work.session.scalar(wanted.with_for_update(skip_locked=True))
        if job is None:
            return None
        if job.attempts >= ATTEMPTS:
            # every attempt began and none of them came to an end: the worker died of it each time
            job.given_up_at = work.now
            job.last_error = job.last_error or "The worker was ended while it was at this job, each time."
            job.lease_until = job.leased_by = None
            work.commit()
            return claim(runtime, holder)
        job.attempts += 1
        job.lease_until, job.leased_by = work.now + LEASE, holder
        taken = Claim(job.id, job.kind, dict(job.payload), job.attempts, holder)
        work.commit()
    return taken


def renew(runtime: Runtime, claims: list[Claim]) -> None:
    """Hold on to jobs that take their time."""
    with runtime.writing(WORKER) as work:
        for one in claims:
            work.session.execute(update(Job).where(_mine(one)).values(lease_until=work.now + LEASE))
        work.commit()


def tell_progress(runtime: Runtime, one: Claim, progress: dict[str, Any]) -> None:
    """Let administrators see how far a job has come. Numbers, never content."""
    with runtime.writing(WORKER) as work:
        work.session.execute(update(Job).where(_mine(one)).values(progress=progress))
        work.commit()


def finish(runtime: Runtime, one: Claim) -> None:
    """It is done. Changes nothing where the lease ran out and another worker has it."""
    with runtime.writing(WORKER) as work:
        work.session.execute(
            update(Job)
            .where(_mine(one))
            .values(done_at=work.now, lease_until=None, leased_by=None, last_error=None, progress=None)
        )
        work.commit()


def fail(runtime: Runtime, one: Claim, sentence: str) -> None:
    """It did not work: again later, each time after a longer pause, and given up after twelve attempts."""
    with runtime.writing(WORKER) as work:
        values: dict[str, Any] = {"lease_until": None, "leased_by": None, "last_error": sentence}
        if one.attempt >= ATTEMPTS:
            values["given_up_at"] = work.now
        else:
            values["due_at"] = work.now + pause_after(one.attempt)
        work.session.execute(update(Job).where(_mine(one)).values(**values))
        work.commit()
    log.warning("job %s %s, attempt %d: %s", one.kind, one.id, one.attempt, sentence)


def pause_after(attempt: int) -> timedelta:
    """How long to wait after a failed attempt (the first is 1): 10 s, 20 s, 40 s … an hour at most."""
    return timedelta(seconds=min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE))


def forget_done(runtime: Runtime, limit: int = 1000) -> int:
    """Delete jobs that were done a week ago; failures stay until an administrator has seen to them."""
    with runtime.writing(WORKER) as work:
        old = select(Job.id).where(Job.done_at < work.now - KEPT).limit(limit)
        gone = len(work.session.scalars(delete(Job).where(Job.id.in_(old)).returning(Job.id)).all())
        work.commit()
    return gone


def waiting(work: Work) -> int:
    """How many jobs are due and not taken."""
    return work.session.scalar(select(func.count()).select_from(Job).where(_claimable(work.now))) or 0


def _claimable(now: datetime) -> ColumnElement[bool]:
    return and_(
        Job.done_at.is_(None),
        Job.given_up_at.is_(None),
        Job.due_at <= now,
        or_(Job.lease_until.is_(None), Job.lease_until <= now),
    )


def _mine(one: Claim) -> ColumnElement[bool]:
    return and_(
        Job.id == one.id, Job.leased_by == one.holder, Job.attempts == one.attempt, Job.done_at.is_(None)
    )  # fmt: skip
