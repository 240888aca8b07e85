"""The jobs of the worker, for administrators: what waits, runs, failed; trying again. Never what a job is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select

from workspace.accounts.permission import require_administrator
from workspace.db.outbox import Job
from workspace.db.work import Work
from workspace.kernel.errors import NotFound, WrongState
from workspace.mail.outbox import JOB as LETTER_JOB

ERROR_LIMIT = 400


class JobState(StrEnum):
    """Where a job stands; read off its times."""

    FAILED = "failed"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as an administrator sees it; `error` is what its last attempt said, at most 400 characters."""

    id: str
    kind: str
    state: JobState
    attempts: int
    made_at: datetime
    due_at: datetime
    ended_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Some jobs and the cursor of the next page."""

    jobs: tuple[JobLine, ...]
    next: str | None


def jobs(work: Work, state: JobState, after: str | None = None, limit: int = 50) -> JobsPage:
    """The jobs in a state, the newest first."""
    require_administrator(work)
    wanted = select(Job).where(_is(work, state)).order_by(Job.id.desc()).limit(limit + 1)
    rows = work.session.scalars(wanted.where(Job.id < after) if after else wanted).all()
    lines = tuple(_line(work, row) for row in rows[:limit])
    return JobsPage(lines, lines[-1].id if len(rows) > limit else None)


def job_counts(work: Work) -> dict[JobState, int]:
    """How many jobs stand where; those that are done are not counted, they only grow."""
    require_administrator(work)
    states = (JobState.FAILED, JobState.WAITING, JobState.RUNNING)
    count = select(*(func.count().filter(_is(work, state)) for state in states)).where(Job.done_at.is_(None))
    return dict(zip(states, work.session.execute(count).one(), strict=True))


def retry(work: Work, job_id: str) -> None:
    """Try a failed or waiting job at once, with all its attempts before it again.

    Raises NotFound; WrongState where it runs or is done, or where the same work has been asked for anew meanwhile.
    """
    require_administrator(work)
    row = work.session.get(Job, job_id)
    if row is None:
        raise NotFound()
    if state_of(row, work.now) in (JobState.RUNNING, JobState.DONE):
        raise WrongState(reason="not_failed")
    if row.given_up_at is not None and row.key is not None and row.key in _unfinished_keys(work, [row.key]):
        raise WrongState(reason="asked_anew")
    _begin_again(work, row)


def retry_all(work: Work) -> int:
    """Try every failed job at once; returns how many. What has been asked for anew meanwhile is left to that."""
    require_administrator(work)
    failed = list(work.session.scalars(select(Job).where(_is(work, JobState.FAILED)).order_by(Job.id)))
    taken = _unfinished_keys(work, [row.key for row in failed if row.key])
    count = 0
    for row in failed:
        if row.key is None or row.key not in taken:
            _begin_again(work, row)
            taken |= {row.key} if row.key else set()
            count += 1
    return count


def letter_jobs(work: Work, letter_ids: Iterable[str]) -> dict[str, JobLine]:
    """The unfinished jobs that carry these letters away, by letter."""
    require_administrator(work)
    wanted = set(letter_ids)
    if not wanted:
        return {}
    rows = work.session.scalars(
        select(Job).where(Job.kind == LETTER_JOB, Job.done_at.is_(None), Job.payload["letter"].as_string().in_(wanted))
    )
    return {str(row.payload["letter"]): _line(work, row) for row in rows}


def _begin_again(work: Work, row: Job) -> None:
    row.due_at, row.attempts = work.now, 0
    row.given_up_at = row.lease_until = row.leased_by = None


def _unfinished_keys(work: Work, keys: list[str]) -> set[str]:
    unfinished = select(Job.key).where(Job.key.in_(keys), Job.done_at.is_(None), Job.given_up_at.is_(None))
    return {key for key in work.session.scalars(unfinished) if key}


def _is(work: Work, state: JobState) -> ColumnElement[bool]:
    if state is JobState.DONE:
        return Job.done_at.is_not(None)
    if state is JobState.FAILED:
        return and_(Job.done_at.is_(None), Job.given_up_at.is_not(None))
    unfinished = and_(Job.done_at.is_(None), Job.given_up_at.is_(None))
    if state is JobState.RUNNING:
        return and_(unfinished, Job.lease_until > work.now)
    return and_(unfinished, or_(Job.lease_until.is_(None), Job.lease_until <= work.now))


def state_of(row: Job, now: datetime) -> JobState:
    """Where a job stands at an instant."""
    if row.done_at is not None:
        return JobState.DONE
    if row.given_up_at is not None:
        return JobState.FAILED
    return JobState.RUNNING if row.lease_until is not None and row.lease_until > now else JobState.WAITING


def _line(work: Work, row: Job) -> JobLine:
    return JobLine(
        id=row.id,
        kind=row.kind,
        state=state_of(row, work.now),
        attempts=row.attempts,
        made_at=row.made_at,
        due_at=row.due_at,
        ended_at=row.done_at or row.given_up_at,
        error=(row.last_error or "")[:ERROR_LIMIT],
    )
