"""The access ledger's ink: a line is durable before the first byte leaves.

Ranges and listings by one actor, grant, version and door are drawn together for ten minutes into one line; the
owner's own reads are only summed.
"""

from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.kernel.things import Located
from workspace.sharing.authorize import as_details
from workspace.sharing.models import Access, OwnReads
from workspace.sharing.rule import Verdict

DRAWN_TOGETHER = timedelta(minutes=10)


def record_access(
    work: Work,
    kind: FactKind,
    thing: Located,
    verdict: Verdict,
    *,
    version_id: str | None = None,
    case_id: str | None = None,
) -> FactRow | None:
    """Write down that the actor looks at `thing` (`version_id`: at these bytes of it), by which grant.

    The caller commits before it serves anything. Returns the new fact, or None where the look joined a line of the last
    ten minutes or was the owner's own.
    """
    if verdict.owner:
        _sum_own(work, thing)
        return None
    fingerprint = _fingerprint(work, kind, thing, verdict, version_id)
    since = work.now - DRAWN_TOGETHER
    line = work.session.scalar(
        select(Access)
        .where(Access.fingerprint == fingerprint, Access.began_at > since)
        .order_by(Access.began_at.desc())
    )
    if line is not None:
        work.session.execute(
            update(Access).where(Access.fact_id == line.fact_id).values(times=Access.times + 1, last_at=work.now)
        )
        return None
    return _begin_line(work, kind, thing, verdict, fingerprint, version_id, case_id)


def record_refusal(work: Work, thing: Located, reason: str) -> FactRow:
    """Write down that the actor was kept out of something that had once been open to them.

    Whoever knocks again within ten minutes stands there already: the line of then is returned.
    """
    link_id = _link(work)
    known = work.session.scalar(
        select(FactRow)
        .where(
            FactRow.kind == FactKind.REFUSED.value,
            FactRow.thing_id == thing.id,
            FactRow.person_id == work.actor.person_id,
            FactRow.link_id == link_id,
            FactRow.at > work.now - DRAWN_TOGETHER,
        )
        .limit(1)
    )
    if known is not None:
        return known
    return work.record(FactKind.REFUSED, thing, space_id=thing.space_id, link_id=link_id, reason=reason)


def _begin_line(
    work: Work,
    kind: FactKind,
    thing: Located,
    verdict: Verdict,
    fingerprint: bytes,
    version_id: str | None,
    case_id: str | None,
) -> FactRow:
    details = as_details(verdict)
    if version_id is not None:
        details["version"] = version_id
    fact = work.record(
        kind,
        thing,
        body_id=_body(verdict),
        link_id=_link(work),
        space_id=thing.space_id,
        case_id=case_id,
        grant_id=verdict.grant_id,
        **details,
    )
    work.session.flush()
    work.session.add(Access(fact_id=fact.id, fingerprint=fingerprint, began_at=work.now, last_at=work.now, times=1))
    return fact


def _fingerprint(work: Work, kind: FactKind, thing: Located, verdict: Verdict, version_id: str | None) -> bytes:
    who = work.actor.person_id or ",".join(sorted(work.actor.links))
    parts = (
        who,
        work.actor.app_password_id or "",
        work.actor.door,
        kind,
        thing.id,
        version_id or "",
        verdict.grant_id or "",
    )
    return sha256("\n".join(parts).encode()).digest()


def _body(verdict: Verdict) -> str | None:
    """The body on whose behalf an official looks: the one the grant was given to."""
    return _subject_id(verdict, SubjectKind.BODY)


def _subject_id(verdict: Verdict, kind: SubjectKind) -> str | None:
    subject: Principal | None = verdict.grant.subject if verdict.grant else None
    return subject.id if subject is not None and subject.kind is kind else None


def _link(work: Work) -> str | None:
    return None if work.actor.person_id else next(iter(sorted(work.actor.links)), None)


def _sum_own(work: Work, thing: Located) -> None:
    insert = sqlite.insert if work.on_sqlite else postgresql.insert
    row = insert(OwnReads).values(
        space_id=thing.space_id or "",
        thing_id=thing.id,
        day=work.now.date().isoformat(),
        door=work.actor.door.value,
        times=1,
    )
    work.session.execute(
        row.on_conflict_do_update(
            index_elements=["space_id", "thing_id", "day", "door"], set_={"times": OwnReads.times + 1}
        )
    )
