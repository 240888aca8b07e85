"""The one question: may this actor do this with that thing? Every door asks here, and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, or_, select, true
from sqlalchemy.sql.selectable import CTE

from workspace.db.work import Work
from workspace.kernel.actors import Actor, Principal, SubjectKind
from workspace.kernel.errors import AccessEnded, Forbidden, NotFound, SignInRequired
from workspace.kernel.things import Located, Thing, ThingKind
from workspace.sharing.models import Grant
from workspace.sharing.rule import Action, GrantValue, Level, Reason, Verdict, decide, permits


@dataclass(frozen=True, slots=True)
class Right:
    """What was asked about and allowed: enough to know when it has to be asked again."""

    thing: Located
    verdict: Verdict


def authorize(work: Work, action: Action, thing: Thing) -> Verdict:
    """Decide, and refuse by raising.

    Raises NotFound where the actor has no right to know that the thing exists (SignInRequired if they are nobody yet,
    or if what they hold asks for it),
    AccessEnded to the holder of a grant that is over, Forbidden to who may see but not act.
    """
    verdict = verdict_on(work, thing)
    if permits(action, verdict, work.actor):
        return verdict
    if verdict.level is not None:
        raise Forbidden(action=action.value, level=verdict.level.word, thing=thing)
    if verdict.reason is Reason.SIGN_IN:
        raise SignInRequired()
    if verdict.reason is Reason.ENDED:
        raise AccessEnded(thing=thing)
    if thing.kind is ThingKind.INSTANCE and not work.actor.anonymous:
        raise Forbidden(action=action.value)
    raise SignInRequired() if work.actor.anonymous else NotFound()


def allowed(work: Work, action: Action, thing: Thing) -> bool:
    """The same answer as a value, for pages that offer only what will be permitted."""
    return permits(action, verdict_on(work, thing), work.actor)


def verdict_on(work: Work, thing: Thing, actor: Actor | None = None) -> Verdict:
    """The level and the reason, without asking for any action; of the one who acts, or of somebody else."""
    who = work.actor if actor is None else actor
    without = decide(who, thing, (), work.now)
    if without.owner or thing.kind is ThingKind.INSTANCE or not who.principals:
        return without  # what is one's own is so whatever was granted to whom
    return decide(who, thing, grants_for(work, who.principals, thing.lineage), work.now)


def grants_for(work: Work, principals: Iterable[Principal], lineage: Iterable[str]) -> list[GrantValue]:
    """All grants, ended ones too, that any of these principals has on any of these things."""
    rows = work.session.execute(_GRANTS, {"lineage": list(lineage), "subjects": list({one.id for one in principals})})
    return [as_value(row) for row in rows]


# plain columns, put together once: it is asked in every request, and SQLAlchemy took longer for both than the database
_GRANTS = select(*Grant.__table__.columns).where(
    Grant.thing_id.in_(bindparam("lineage", expanding=True)),
    Grant.subject_id.in_(bindparam("subjects", expanding=True)),
)


def as_value(row: Grant | Row[Any]) -> GrantValue:
    """A grant's row as the rule sees it."""
    return GrantValue(
        id=row.id,
        subject=Principal(SubjectKind(row.subject_kind), row.subject_id),
        thing_id=row.thing_id,
        level=Level[row.level.upper()],
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        revoked_at=row.revoked_at,
        purpose=row.purpose,
        legal_basis=row.legal_basis,
        sign_in=row.sign_in,
        downloads=row.downloads,
        addressed_to=row.addressed_to,
    )


def visible(work: Work, lineage: CTE, thing_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The rule in SQL, for lists: whether the actor may see the thing `thing_id` by a grant that holds now.

    `lineage` is a selectable with columns `id` (the thing) and `ancestor_id` (itself and everything above it), supplied
    by whoever owns the table. Ownership is the caller's own clause, since it is a column of their table.
    """
    return exists(
        select(Grant.id)
        .join(lineage, lineage.c.ancestor_id == Grant.thing_id)
        .where(lineage.c.id == thing_id, held_now(work))
    )


def held_now(work: Work) -> ColumnElement[bool]:
    """The clause that a grant is held by the actor and holds at this Work's time."""
    subjects = [and_(Grant.subject_kind == one.kind.value, Grant.subject_id == one.id) for one in work.actor.principals]
    return and_(
        or_(False, *subjects),
        Grant.sign_in.is_(False) if work.actor.person_id is None else true(),
        Grant.revoked_at.is_(None),
        or_(Grant.valid_from.is_(None), Grant.valid_from <= work.now),
        or_(Grant.valid_until.is_(None), Grant.valid_until > work.now),
    )


def grants_held(work: Work) -> Select[Grant]:
    """All grants that the actor holds now: what `shared with me` begins from."""
    return select(Grant).where(held_now(work))


def require_signed_in(actor: Actor) -> str:
    """The person's id. Raises SignInRequired."""
    if actor.person_id is None:
        raise SignInRequired()
    return actor.person_id


def as_details(verdict: Verdict) -> dict[str, Any]:
    """What a ledger line keeps of a verdict."""
    if verdict.grant is None:
        return {"reason": verdict.reason.value}
    return {"reason": verdict.reason.value, "level": verdict.grant.level.word}
