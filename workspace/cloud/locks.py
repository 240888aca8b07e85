"""Verbs of locks (RFC 4918 section 6): take, renew, end; and what is locked. `locked.py` makes changes respect them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from workspace.cloud.locked import holds, locks_by_item, standing, take
from workspace.cloud.models import ItemLock
from workspace.cloud.things import hold_item, locate_item
from workspace.db.work import Work
from workspace.kernel.errors import Forbidden, Locked, NotAcceptable, PreconditionFailed, WrongState
from workspace.kernel.things import INSTANCE, Located
from workspace.sharing.authorize import authorize, require_signed_in
from workspace.sharing.rule import Action, Verdict

LONGEST = timedelta(hours=1)
"""A program that needs more renews; one that has died keeps nobody away for longer."""
MOST = 1_000
OWNER_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class LockView:
    """A lock as it is told. `token` is empty for those whose lock it is not, the owner of the cloud aside; `mine`: the
    actor is its holder; `deep`: it covers all that lies in the folder; `owner`: what the program said of its holder, as
    XML; `seconds`: what is left of its time."""

    token: str
    item_id: str
    mine: bool
    exclusive: bool
    deep: bool
    owner: str
    seconds: int


def lock(
    work: Work, item_id: str, *, exclusive: bool = True, deep: bool = True, owner: str = "", seconds: int | None = None
) -> LockView:
    """Keep others from changing an item, for a time. Needs CHANGE. `seconds`: as long as the program asks for, an hour
    at most.

    Raises Locked where another lock is in the way (`details["item"]` lies on), NotAcceptable for an owner of more than
    2,000 characters, WrongState at a thousand locks in one cloud, NotFound, Forbidden.
    """
    person_id = require_signed_in(work.actor)
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.CHANGE, thing)
    if len(owner) > OWNER_LIMIT:
        raise NotAcceptable(field="owner", limit=OWNER_LIMIT)
    # two programs that ask at once are told apart at the root of the cloud, and writers of this very item wait, too
    for held in dict.fromkeys((thing.lineage[-1], item_id)):
        hold_item(work, held)
    for locks in standing(work, thing, tree=deep and item.is_folder):
        if exclusive or any(one.exclusive for one in locks):
            raise Locked(item=locks[0].item_id)
    mine = ItemLock.space_id == item.space_id
    work.session.execute(delete(ItemLock).where(mine, ItemLock.expires_at <= work.now))
    if (work.session.scalar(select(func.count()).select_from(ItemLock).where(mine)) or 0) >= MOST:
        raise WrongState("There are a thousand locks in this cloud already.")
    row = ItemLock(
        token=str(uuid.uuid4()),
        item_id=item.id,
        space_id=item.space_id,
        person_id=person_id,
        exclusive=exclusive,
        deep=deep and item.is_folder,
        owner=owner,
        made_at=work.now,
        expires_at=work.now + _time(seconds),
    )
    take(work, row)
    return _view(work, row, verdict)


def renew(work: Work, item_id: str, tokens: Sequence[str], seconds: int | None = None) -> LockView:
    """Let a lock of the actor's own on an item last longer. Raises PreconditionFailed where none of these tokens is one
    that covers it, NotFound, Forbidden."""
    _, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.CHANGE, thing)
    for one in _covering(work, thing):
        if one.token in tokens and one.person_id == work.actor.person_id:
            one.expires_at = work.now + _time(seconds)
            work.session.flush()
            return _view(work, one, verdict)
    raise PreconditionFailed("This lock has ended, or is not yours.")


def unlock(work: Work, item_id: str, token: str) -> None:
    """End a lock that covers an item: one's own, or, as the owner of the cloud, anybody's.

    Raises WrongState where the token is of no lock that covers it, Forbidden for somebody else's, NotFound.
    """
    _, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.SEE, thing)
    found = next((one for one in _covering(work, thing) if one.token == token), None)
    if found is None:
        raise WrongState("There is no such lock here.")
    if found.person_id != work.actor.person_id and not verdict.owner:
        raise Forbidden(action="unlock")
    work.session.delete(found)
    work.session.flush()


def locks_on(work: Work, thing: Located, *, tree: bool = False) -> list[list[LockView]]:
    """The locks that cover an item, and with `tree` those of all that lies in it, grouped by what they cover."""
    verdict = authorize(work, Action.SEE, thing)
    return [[_view(work, one, verdict) for one in each] for each in standing(work, thing, tree=tree)]


def locks_in(work: Work, folder: Located, item_ids: Sequence[str]) -> dict[str, list[LockView]]:
    """For a listing: the locks on each of these items of a folder themselves, those left out that have none."""
    verdict = authorize(work, Action.SEE, folder)
    found = locks_by_item(work, folder, item_ids)
    return {item_id: [_view(work, one, verdict) for one in each] for item_id, each in found.items()}


def end_unheld_locks(work: Work) -> int:
    """For the worker: end locks whose time is over or whose holder may no longer change what is locked; how many."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    gone = [one for one in work.session.scalars(select(ItemLock)) if one.expires_at <= work.now or not holds(work, one)]
    for one in gone:
        work.session.delete(one)
    work.session.flush()
    return len(gone)


def _covering(work: Work, thing: Located) -> list[ItemLock]:
    return [one for each in standing(work, thing) for one in each]


def _view(work: Work, row: ItemLock, verdict: Verdict) -> LockView:
    mine = row.person_id == work.actor.person_id
    known = mine or verdict.owner
    left = int((row.expires_at - work.now).total_seconds())
    return LockView(row.token if known else "", row.item_id, mine, row.exclusive, row.deep, row.owner, max(0, left))


def _time(seconds: int | None) -> timedelta:
    return LONGEST if seconds is None else min(timedelta(seconds=max(1, min(seconds, 1 << 31))), LONGEST)
