"""Work: one request, one transaction, one commit. Leaving without `commit` rolls everything back."""

import os
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workspace.db.database import Database
from workspace.db.facts import FactRow
from workspace.db.outbox import Job
from workspace.kernel.actors import Actor
from workspace.kernel.canonical import canonical
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.ports import Ports
from workspace.kernel.things import Thing
from workspace.settings import Settings


class Work:
    """What a verb works with: a session, the actor, the time, the outside, and a place for facts.

    A Work either reads or writes (`writes`). Never hold one while bytes travel: end the first, carry the bytes, begin
    the next. Things done in `after_commit` happen outside the transaction and only if it stood.
    """

    def __init__(
        self, database: Database, ports: Ports, settings: Settings, actor: Actor, now: datetime, *, writes: bool
    ) -> None:
        self.ports = ports
        self.settings = settings
        self.actor = actor
        self.now = now
        self.writes = writes
        self._database = database
        self._session: Session | None = None
        self._holds_lock = False
        self._after: list[Callable[[], None]] = []

    @property
    def session(self) -> Session:
        """The session, begun at its first use."""
        if self._session is None:
            if self.writes and self._database.write_lock is not None:
                self._database.write_lock.acquire()
                self._holds_lock = True
            self._session = self._database.writing() if self.writes else self._database.reading()
        return self._session

    @property
    def on_sqlite(self) -> bool:
        return self._database.sqlite

    def record(
        self,
        kind: FactKind,
        thing: Thing,
        *,
        body_id: str | None = None,
        link_id: str | None = None,
        space_id: str | None = None,
        case_id: str | None = None,
        grant_id: str | None = None,
        **details: Any,
    ) -> FactRow:
        """Write a fact by the present actor, to be committed with the change itself.

        Raises ValueError for a detail that the log cannot hold (a time, bytes, a fraction): say it as a string.
        """
        canonical(details)
        fact = FactRow(
            id=new_id(),
            at=self.now,
            kind=kind.value,
            door=self.actor.door.value,
            person_id=self.actor.person_id,
            body_id=body_id,
            link_id=link_id,
            thing_kind=thing.kind.value,
            thing_id=thing.id,
            space_id=space_id,
            case_id=case_id,
            grant_id=grant_id,
            details=details,
            salt=os.urandom(16),
            leaf=None,
        )
        self.session.add(fact)
        return fact

    def later(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        due_at: datetime | None = None,
        key: str | None = None,
        person_id: str | None = None,
    ) -> str:
        """Ask the worker for something, in this transaction; returns the id of the job. With a `key`, once among the
        unfinished. With a `person_id` it is an errand of that person, who may ask how far it has come."""
        if key is not None:
            waiting = select(Job.id).where(Job.key == key, Job.done_at.is_(None), Job.given_up_at.is_(None))
            if known := self.session.scalar(waiting):
                return known
        job_id = new_id()
        row = Job(id=job_id, kind=kind, payload=payload, key=key, made_at=self.now, due_at=due_at or self.now)
        if person_id is not None:
            row.person_id, row.payload = person_id, payload | {"job": job_id, "person": person_id}
        self.session.add(row)
        return job_id

    def after_commit(self, act: Callable[[], None]) -> None:
        self._after.append(act)

    def commit(self) -> None:
        """Make everything stand, then do what was asked for afterwards."""
        if self._session is not None:
            self._session.commit()
        self._close()
        after, self._after = self._after, []
        for act in after:
            act()

    def rollback(self) -> None:
        self._after.clear()
        if self._session is not None:
            # what was read stays readable afterwards, as it does after a commit
            self._session.expunge_all()
            self._session.rollback()
        self._close()

    def _close(self) -> None:
        try:
            if self._session is not None:
                self._session.close()
        finally:
            self._session = None
            if self._holds_lock and self._database.write_lock is not None:
                self._holds_lock = False
                self._database.write_lock.release()

    def __enter__(self) -> "Work":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rollback()
