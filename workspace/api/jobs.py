"""What takes long is answered with 202 and the address of a job, which tells how far it has come."""

import re

from flask import request
from pydantic import Field

from workspace.accounts.errands import PROBLEM, errand
from workspace.accounts.jobs import JobState
from workspace.api.operations import Answer, Operations
from workspace.api.values import Id, Moment, Shape
from workspace.http.request import current_work

operations = Operations("jobs")
_ASYNC = re.compile(r"(^|[,;])\s*respond-async\s*($|[,;=])", re.IGNORECASE)


class Job(Shape):
    """Something that the worker does for the person. Kept for a week after its end."""

    id: Id
    kind: str
    state: JobState
    made_at: Moment
    ended_at: Moment | None
    progress: dict[str, int] = Field(description="Numbers by name: `bytes` done `of` so many, say.")
    item: Id | None = Field(description="What came of it, once it is done.")
    problem: str | None = Field(description="The code of the refusal, where it failed.")
    detail: str | None


@operations("GET", "/jobs/{job_id}", "How far a job of the person has come", response=Job)
def show_job(job_id: str) -> Job:
    """Ask again after as many seconds as `Retry-After` said."""
    one = errand(current_work(), job_id)
    return Job(
        id=one.id,
        kind=one.kind,
        state=one.state,
        made_at=one.made_at,
        ended_at=one.ended_at,
        progress={name: value for name, value in one.progress.items() if isinstance(value, int)},
        item=one.outcome.get("item"),
        problem=one.outcome.get(PROBLEM),
        detail=one.outcome.get("detail"),
    )


def prefers_async() -> bool:
    """Whether the program would rather not wait (`Prefer: respond-async`, RFC 7240 section 4.1)."""
    return any(_ASYNC.search(one) for one in request.headers.getlist("Prefer"))


def accepted(job_id: str) -> Answer:
    """202 with the job that was asked for, where it will be found, and when to look."""
    current_work().session.flush()
    headers = {"Location": address(job_id), "Retry-After": "1"}
    if prefers_async():
        headers["Preference-Applied"] = "respond-async"
    return Answer(show_job(job_id), 202, headers)


def address(job_id: str) -> str:
    return f"/api/v1/jobs/{job_id}"
