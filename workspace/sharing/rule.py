"""The one rule of access, pure: principals × lineage × grants × time → level and reason.

Everything that lets somebody see or do something ends here. `authorize` feeds it rows, `visible` says the same in SQL,
and a property test holds them equal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum, StrEnum

from workspace.kernel.actors import Actor, Principal, Role
from workspace.kernel.things import Thing, ThingKind


class Level(IntEnum):
    """What a grant gives. `LOOK` shows pages and previews and never hands out the bytes themselves. `HANDLE` lies on
    delivered cases alone; `OWN` is never granted, it is being the owner."""

    LOOK = 5
    VIEW = 10
    COMMENT = 20
    CONTRIBUTE = 30
    EDIT = 40
    HANDLE = 50
    OWN = 100

    @property
    def word(self) -> str:
        """The name kept in the database: `view`, `comment`, …"""
        return self.name.lower()


class Action(StrEnum):
    """Everything anybody can ask to do. What is not listed in `NEEDS` is refused."""

    SEE = "see"
    LOOK = "look"
    OPEN = "open"
    COMMENT = "comment"
    ADD = "add"
    CHANGE = "change"
    SHARE = "share"
    ERASE = "erase"
    DELIVER = "deliver"
    REPLY = "reply"
    JUDGE = "judge"
    SEE_LEDGER = "see_ledger"
    REGISTER = "register"
    ASSIGN = "assign"
    ASK = "ask"
    ANSWER = "answer"
    CLOSE = "close"
    NOTE = "note"
    ADMINISTER = "administer"
    MAINTAIN = "maintain"


ANY_LEVEL = frozenset(Level)
OWNER = frozenset({Level.OWN})
OFFICE = frozenset({Level.HANDLE})

NEEDS: dict[Action, frozenset[Level]] = {
    Action.SEE: ANY_LEVEL,
    Action.LOOK: ANY_LEVEL,
    Action.OPEN: ANY_LEVEL - {Level.LOOK},
    Action.COMMENT: frozenset({Level.COMMENT, Level.CONTRIBUTE, Level.EDIT, Level.OWN}),
    Action.ADD: frozenset({Level.CONTRIBUTE, Level.EDIT, Level.OWN}),
    Action.CHANGE: frozenset({Level.EDIT, Level.OWN}),
    Action.SHARE: OWNER,
    Action.ERASE: OWNER,
    Action.DELIVER: OWNER,
    Action.REPLY: OWNER,
    Action.JUDGE: OWNER,
    Action.SEE_LEDGER: OWNER,
    # an official who is the applicant as well holds OWN, hence may not handle their own case
    Action.REGISTER: OFFICE,
    Action.ASSIGN: OFFICE,
    Action.ASK: OFFICE,
    Action.ANSWER: OFFICE,
    Action.CLOSE: OFFICE,
    Action.NOTE: OFFICE,
}

ROLES: dict[Action, frozenset[Role]] = {
    Action.REGISTER: frozenset({Role.REGISTRAR, Role.HEAD}),
    Action.ASSIGN: frozenset({Role.REGISTRAR, Role.HEAD}),
    Action.ASK: frozenset({Role.HANDLER, Role.HEAD}),
    Action.ANSWER: frozenset({Role.HANDLER, Role.HEAD}),
    Action.CLOSE: frozenset({Role.HANDLER, Role.HEAD}),
    Action.NOTE: frozenset(Role),
}


@dataclass(frozen=True, slots=True)
class GrantValue:
    """A grant as the rule sees it."""

    id: str
    subject: Principal
    thing_id: str
    level: Level
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    purpose: str = ""
    legal_basis: str = ""
    sign_in: bool = False
    downloads: int | None = None
    addressed_to: str | None = None

    def holds_at(self, now: datetime) -> bool:
        """From `valid_from` on, before `valid_until`, and not revoked."""
        if self.revoked_at is not None:
            return False
        if self.valid_from is not None and now < self.valid_from:
            return False
        return self.valid_until is None or now < self.valid_until

    def ended_at(self, now: datetime) -> bool:
        """Held once and holds no longer."""
        return self.revoked_at is not None or (self.valid_until is not None and now >= self.valid_until)


class Reason(Enum):
    """Why a verdict is what it is."""

    OWNER = "owner"
    GRANT = "grant"
    ADMINISTRATOR = "administrator"
    HOST = "host"
    ENDED = "ended"
    SIGN_IN = "sign_in"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an actor may do with a thing, and why. `until` is when it has to be decided anew at the latest.

    `counted` is the grant of which opening the thing uses a download; None where another lets it be opened freely.
    """

    level: Level | None
    reason: Reason
    grant: GrantValue | None = None
    until: datetime | None = None
    counted: GrantValue | None = None

    @property
    def owner(self) -> bool:
        return self.level is Level.OWN

    @property
    def grant_id(self) -> str | None:
        return self.grant.id if self.grant else None


def decide(actor: Actor, thing: Thing, grants: Iterable[GrantValue], now: datetime) -> Verdict:
    """The level an actor has on a thing at a time.

    `grants` may hold more than concerns the actor or the thing: only those whose subject is one of the actor's
    principals and whose thing lies in the thing's lineage count. The highest level wins; of equal ones the newest. One
    that asks to sign in does not hold for who has not. Downloads are no matter of the level: they are counted where a
    look is written down (`ledger.record_access`), which then refuses.
    An administrator owns the instance and nothing else: content is closed to them.
    """
    if thing.kind is ThingKind.INSTANCE:
        if actor.administrator:
            return Verdict(Level.OWN, Reason.ADMINISTRATOR)
        return Verdict(Level.OWN, Reason.HOST) if actor.host else Verdict(None, Reason.NOTHING)
    owner = thing.owner
    if owner is not None and owner in actor.principals and owner == _self(actor):
        return Verdict(Level.OWN, Reason.OWNER)
    concerned = [one for one in grants if one.subject in actor.principals and one.thing_id in thing.lineage]
    present = [one for one in concerned if one.holds_at(now)]
    holding = [one for one in present if actor.person_id is not None or not one.sign_in]
    if holding:
        best = max(holding, key=lambda one: (one.level, one.id))
        return Verdict(best.level, Reason.GRANT, best, _next_boundary(concerned, now), _counted(best, holding))
    if present:
        return Verdict(None, Reason.SIGN_IN, until=_next_boundary(concerned, now))
    if any(one.ended_at(now) for one in concerned):
        return Verdict(None, Reason.ENDED, max(concerned, key=lambda one: one.id), _next_boundary(concerned, now))
    return Verdict(None, Reason.NOTHING, until=_next_boundary(concerned, now))


def permits(action: Action, verdict: Verdict, actor: Actor) -> bool:
    """Whether the verdict is enough for an action; office actions also need the role in the body of the grant."""
    if action is Action.ADMINISTER:
        return verdict.reason is Reason.ADMINISTRATOR or verdict.reason is Reason.HOST
    if action is Action.MAINTAIN:
        return verdict.reason is Reason.HOST
    if verdict.level is None or verdict.level not in NEEDS.get(action, frozenset()):
        return False
    if action not in ROLES:
        return True
    return verdict.grant is not None and bool(ROLES[action] & actor.roles_in(verdict.grant.subject.id))


def _self(actor: Actor) -> Principal | None:
    """A person owns what is theirs; being an official of a body does not make one the owner of its cloud."""
    return next((one for one in actor.principals if one.id == actor.person_id), None)


def _counted(best: GrantValue, holding: Iterable[GrantValue]) -> GrantValue | None:
    """The best grant, if it counts downloads and none of the others gives the same bytes uncounted."""
    free = any(one.downloads is None and (one.level is not Level.LOOK or best.level is Level.LOOK) for one in holding)
    return None if free or best.downloads is None else best


def _next_boundary(grants: Iterable[GrantValue], now: datetime) -> datetime | None:
    """The next instant at which one of the grants begins or ends."""
    ahead = [
        instant
        for one in grants
        if one.revoked_at is None
        for instant in (one.valid_from, one.valid_until)
        if instant is not None and instant > now
    ]
    return min(ahead, default=None)
