"""The access ledger's ink: a line is durable before the first byte leaves.

Ranges and listings by one actor, grant and purpose, version and door are drawn together for ten minutes into one line;
the owner's own reads are only summed.
"""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import AccessEnded
from workspace.kernel.facts import ACCESS_KINDS, FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import Located
from workspace.sharing.authorize import as_details
from workspace.sharing.models import Access, Download, Grant, OwnReads
from workspace.sharing.rule import GrantValue, Verdict

DRAWN_TOGETHER = timedelta(minutes=10)
BYTES = ACCESS_KINDS - {FactKind.LISTED, FactKind.REFUSED}


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
    ten minutes or was the owner's own. Raises AccessEnded where all downloads that the grant allows are used.
    """
    if verdict.owner:
        _sum_own(work, thing)
        return None
    if verdict.counted is not None and kind in BYTES:
        _count(work, verdict.counted, thing, version_id or thing.id)
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


def downloads_used(work: Work, grant_ids: Iterable[str]) -> dict[str, int]:
    """How many downloads were used of each of these grants; those of which none was used are left out."""
    wanted = list(grant_ids)
    if not wanted:
        return {}
    used = select(Download.grant_id, func.count()).where(Download.grant_id.in_(wanted)).group_by(Download.grant_id)
    return dict(work.session.execute(used).all())


def record_refusal(work: Work, thing: Located, reason: str, link_id: str | None = None) -> FactRow | None:
    """Write down that the actor was kept out of something, or of doing something with it, and by what (`reason`: an
    access that has `ended`, a `level` that is not enough, a wrong `password` of the link `link_id`).

    Only of who may know that the thing exists: to strangers a thing that is there must answer as one that is not, and
    in the same time. Whoever knocks again within ten minutes stands there already: the line of then is returned. Owners
    are not told about themselves.
    """
    if thing.owner is not None and thing.owner in work.actor.principals:
        return None
    link_id = link_id or _link(work)
    known = work.session.scalar(
        select(FactRow)
        .where(
            FactRow.kind == FactKind.REFUSED.value,
            FactRow.thing_id == thing.id,
            FactRow.person_id == work.actor.person_id,
            FactRow.link_id == link_id,
            FactRow.details["reason"].as_string() == reason,
            FactRow.at > work.now - DRAWN_TOGETHER,
        )
        .limit(1)
    )
    if known is not None:
        return known
    return work.record(FactKind.REFUSED, thing, space_id=thing.space_id, link_id=link_id, reason=reason)


def _count(work: Work, grant: GrantValue, thing: Located, version_id: str) -> None:
    """Use one download of a grant. Whatever one person opens of one version within ten minutes, by ranges, previews and
    through any door, is one download; who comes second to the last one waits here and is refused."""
    if not work.on_sqlite:
        work.session.execute(select(Grant.id).where(Grant.id == grant.id).with_for_update())
    who = _who(work)
    begun = select(Download.id).where(
        Download.grant_id == grant.id,
        Download.who == who,
        Download.version_id == version_id,
        Download.at > work.now - DRAWN_TOGETHER,
    )
    if work.session.scalar(begun.limit(1)) is not None:
        return
    if downloads_used(work, [grant.id]).get(grant.id, 0) >= (grant.downloads or 0):
        raise AccessEnded(thing=thing)
    work.session.add(Download(id=new_id(), grant_id=grant.id, who=who, version_id=version_id, at=work.now))
    work.session.flush()


def _who(work: Work) -> str:
    """The person, else the browser that entered the link; programs without either count by the link itself."""
    return work.actor.person_id or work.actor.visitor or ",".join(sorted(work.actor.links))[:52]


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
    if purpose := _purpose(verdict):
        details["purpose"] = purpose
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
    parts = (
        _who(work),
        work.actor.app_password_id or "",
        work.actor.door,
        kind,
        thing.id,
        version_id or "",
        verdict.grant_id or "",
        _purpose(verdict),
    )
    return sha256("\n".join(parts).encode()).digest()


def _purpose(verdict: Verdict) -> str:
    """What for, as it was agreed when they looked: the grant may say something else later."""
    return verdict.grant.purpose if verdict.grant else ""


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
