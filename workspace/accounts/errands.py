"""Errands: what a person has asked the worker to do for them, how far it has come and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from workspace.accounts.jobs import JobState, state_of
from workspace.accounts.permission import require_host, require_self
from workspace.db.outbox import Job
from workspace.db.work import Work
from workspace.kernel.errors import NotFound

PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Errand:
    """An errand as the person sees it. `progress`: numbers by name; `outcome`: ids by name, or the code of a refusal
    under `problem`."""

    id: str
    kind: str
    state: JobState
    made_at: datetime
    ended_at: datetime | None
    progress: dict[str, Any]
    outcome: dict[str, Any]


def errand(work: Work, job_id: str) -> Errand:
    """One of one's own. Raises NotFound."""
    person_id = require_self(work)
    row = work.session.get(Job, job_id)
    if row is None or row.person_id != person_id:
        raise NotFound()
    outcome, state = row.outcome or {}, state_of(row, work.now)
    if outcome:
        state = JobState.FAILED if PROBLEM in outcome else JobState.DONE
    return Errand(row.id, row.kind, state, row.made_at, row.done_at or row.given_up_at, row.progress or {}, outcome)


def outcome_of(work: Work, job_id: str) -> dict[str, Any] | None:
    """For the worker: what has become of an errand already; None where it is still to be done."""
    require_host(work)
    row = work.session.get(Job, job_id)
    return row.outcome if row is not None else {PROBLEM: "gone"}


def settle(work: Work, job_id: str, outcome: dict[str, Any]) -> None:
    """Write down what became of one's errand, in the transaction that did it."""
    person_id = require_self(work)
    work.session.execute(update(Job).where(Job.id == job_id, Job.person_id == person_id).values(outcome=outcome))
