"""Suspended grants: after a restore without its journal nobody knows which of them had been revoked meanwhile.

A suspended grant *is* revoked, to every reader there is: the rule, its SQL, the hot path and the doors need know
nothing of it, and none can forget to ask. `suspended_at` marks those that an administrator may let hold again.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from workspace.db.epochs import raise_epoch
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.models import Grant
from workspace.sharing.rule import Action, Level
from workspace.trust.journal import REVOKED


@dataclass(frozen=True, slots=True)
class SuspendedGrants:
    """How many, by the kind of whom they were given to; numbers alone, since administrators see no content."""

    since: datetime
    people: int
    bodies: int
    links: int


def suspend_grants(work: Work) -> int:
    """End every grant that holds, until an administrator has looked. What was delivered cannot be revoked and stays."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    ended = work.session.execute(
        update(Grant)
        .where(Grant.revoked_at.is_(None), Grant.level != Level.HANDLE.word)
        .values(revoked_at=work.now, suspended_at=work.now)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def suspended_grants(work: Work) -> SuspendedGrants | None:
    """What waits for an administrator; None where nothing does."""
    authorize(work, Action.ADMINISTER, INSTANCE)
    rows = work.session.execute(
        select(Grant.subject_kind, func.count(), func.min(Grant.suspended_at))
        .where(Grant.suspended_at.is_not(None))
        .group_by(Grant.subject_kind)
    ).all()
    if not rows:
        return None
    counted = {kind: count for kind, count, _since in rows}
    return SuspendedGrants(
        since=min(since or work.now for _kind, _count, since in rows),
        people=counted.get(SubjectKind.PERSON, 0),
        bodies=counted.get(SubjectKind.BODY, 0) + counted.get(SubjectKind.OFFICE, 0),
        links=counted.get(SubjectKind.LINK, 0),
    )


def release_grants(work: Work) -> int:
    """Let all suspended grants hold again, under their own conditions; returns how many.

    Those that the journal knows as revoked stay so.
    """
    authorize(work, Action.ADMINISTER, INSTANCE)
    suspended = Grant.suspended_at.is_not(None)
    for grant_id in _known_as_revoked(work):
        work.session.execute(update(Grant).where(Grant.id == grant_id, suspended).values(suspended_at=None))
    subjects = work.session.execute(select(Grant.subject_kind, Grant.subject_id).where(suspended).distinct()).all()
    held = work.session.execute(update(Grant).where(suspended).values(revoked_at=None, suspended_at=None))
    for kind, subject_id in subjects:
        raise_epoch(work, Principal(SubjectKind(kind), subject_id))
    count = int(held.rowcount)  # type: ignore[attr-defined]
    work.record(FactKind.INSTANCE_CHANGED, INSTANCE, what=["suspension"], released=count)
    return count


def end_suspended_grants(work: Work) -> int:
    """Leave all suspended grants ended for good; whoever wants one gives it anew. Returns how many."""
    authorize(work, Action.ADMINISTER, INSTANCE)
    suspended = Grant.suspended_at.is_not(None)
    for grant_id in work.session.scalars(select(Grant.id).where(suspended)):
        work.ports.journal.write(REVOKED, {"grant": grant_id, "at": work.now.isoformat()})
    ended = work.session.execute(update(Grant).where(suspended).values(suspended_at=None))
    count = int(ended.rowcount)  # type: ignore[attr-defined]
    work.record(FactKind.INSTANCE_CHANGED, INSTANCE, what=["suspension"], ended=count)
    return count


def _known_as_revoked(work: Work) -> set[str]:
    found = (one["values"].get("grant") for one in work.ports.journal.entries() if one["kind"] == REVOKED)
    return {one for one in found if one is not None}
