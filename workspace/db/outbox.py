"""The outbox: work for later, written in the same transaction as the change that asks for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Identifier


class Job(Base):
    """One piece of work for the worker: at least once, retried with backoff, leased for a while.

    Waiting, running, done and failed are read off the times; there is no status to disagree with them.
    `key` makes a job unique among the unfinished ones (a nightly sweep is asked for once). A job with a `person_id` is
    an errand that somebody waits for: `outcome` is written in the transaction of its effect, and only once.
    """

    __tablename__ = "job"

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(String(120))
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(80))
    done_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    progress: Mapped[dict[str, Any] | None]
    person_id: Mapped[str | None] = mapped_column(String(26))
    outcome: Mapped[dict[str, Any] | None]

    __table_args__ = (
        Index(
            "ix_job_due",
            "due_at",
            sqlite_where=text("done_at IS NULL AND given_up_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND given_up_at IS NULL"),
        ),
        Index(
            "uq_job_key",
            "key",
            unique=True,
            sqlite_where=text("key IS NOT NULL AND done_at IS NULL AND given_up_at IS NULL"),
            postgresql_where=text("key IS NOT NULL AND done_at IS NULL AND given_up_at IS NULL"),
        ),
    )
