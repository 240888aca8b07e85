"""Leaving: a person asks to be erased, has two weeks to think again, and is erased by the worker then.

Until that day nothing changes: whoever has got hold of an open session can take nothing away that its owner, who gets a
letter, could not keep.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from workspace.accounts.models import Person
from workspace.accounts.people import find_row, tell
from workspace.accounts.permission import require_host, require_self
from workspace.bodies.models import Official
from workspace.db.work import Work
from workspace.kernel.errors import WrongState
from workspace.kernel.facts import FactKind

THINKING = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Leaving:
    """How it stands with a person's leaving. `at`: when they will be erased, None: they stay. `obstacle`: why it cannot
    be now: `in_office`, `last_administrator`."""

    at: datetime | None
    obstacle: str | None


def leaving(work: Work) -> Leaving:
    """One's own."""
    person = find_row(work, require_self(work))
    return Leaving(person.leaves_at, obstacle(work, person))


def ask_to_leave(work: Work) -> datetime:
    """Ask for one's own erasure; returns when it will be. Asked again, the first day stands.

    Raises WrongState (`reason`) where somebody still depends on the account.
    """
    person = find_row(work, require_self(work))
    if reason := obstacle(work, person):
        raise WrongState(reason=reason)
    if person.leaves_at is None:
        person.leaves_at = work.now + THINKING
        tell(work, FactKind.LEAVING_ASKED, person.id, at=person.leaves_at.isoformat())
        work.session.flush()
    return person.leaves_at


def stay(work: Work) -> None:
    """Take it back. Who has not asked stays anyway."""
    person = find_row(work, require_self(work))
    if person.leaves_at is not None:
        person.leaves_at = None
        tell(work, FactKind.LEAVING_UNDONE, person.id)
        work.session.flush()


def due_to_leave(work: Work) -> list[str]:
    """Those whose two weeks are over, for the worker."""
    require_host(work)
    due = select(Person.id).where(Person.leaves_at <= work.now, Person.erased_at.is_(None))
    return list(work.session.scalars(due.order_by(Person.leaves_at)))


def obstacle(work: Work, person: Person) -> str | None:
    """Why this person cannot be erased now; a body or the instance would be left with nobody."""
    if person.id != work.actor.person_id:
        require_host(work)
    posts = select(func.count()).select_from(Official)
    if work.session.scalar(posts.where(Official.person_id == person.id, Official.dismissed_at.is_(None))):
        return "in_office"
    others = select(func.count()).select_from(Person)
    others = others.where(Person.administrator, Person.disabled_at.is_(None), Person.id != person.id)
    if person.administrator and not work.session.scalar(others):
        return "last_administrator"
    return None
