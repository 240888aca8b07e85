"""Which locks stand, and on what: verbs that change something ask here after they have asked for the right.

A lock holds only while its holder could still take it: the rule of access is asked each time one is found, so it dies
with the grant, the post or the account of its holder, and no row has to be swept for that.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select

from workspace.cloud.holders import holder
from workspace.cloud.models import ItemLock
from workspace.cloud.things import lines_of, locate_item
from workspace.db.work import Work
from workspace.kernel.errors import Locked, NotFound
from workspace.kernel.things import Located
from workspace.sharing.authorize import verdict_on
from workspace.sharing.rule import Action, permits


def require_unlocked(work: Work, thing: Located, *, tree: bool = False) -> None:
    """Raises Locked where somebody else's lock covers an item (or, with `tree`, anything in it) and none of the actor's
    own does. Whoever adds to a folder or takes out of it asks for the folder, too.

    On PostgreSQL a change that is on its way while a lock is taken may still come after it; it becomes a version.
    """
    for locks in standing(work, thing, tree=tree):
        if all(one.person_id != work.actor.person_id for one in locks):
            raise Locked(until=max(one.expires_at for one in locks).isoformat())


def standing(work: Work, thing: Located, *, tree: bool = False) -> list[list[ItemLock]]:
    """The locks that cover an item, and with `tree` those of everything in it, by what they cover. Among those that
    cover one item there is a single exclusive one, or there are only shared ones."""
    if not _any(work, thing):
        return []
    rows = _rows(work, thing, tree)
    above = [one for one in rows if one.item_id in thing.lineage]
    groups = [above] if above else []
    inside: dict[str, list[ItemLock]] = {}
    for one in rows:
        if one.item_id not in thing.lineage:
            inside.setdefault(one.item_id, []).append(one)
    return groups + [[*each, *above] for each in inside.values()]


def locks_by_item(work: Work, folder: Located, item_ids: Sequence[str]) -> dict[str, list[ItemLock]]:
    """For a listing: the locks that lie on these items of a folder themselves."""
    if not _any(work, folder):
        return {}
    found: dict[str, list[ItemLock]] = {}
    wanted = set(item_ids)
    for one in _rows(work, folder, tree=True):
        if one.item_id in wanted:
            found.setdefault(one.item_id, []).append(one)
    return found


def end_locks(work: Work, thing: Located) -> None:
    """What is moved or thrown away loses its locks, and so does all that lies in it (RFC 4918 sections 7.5, 9.9)."""
    if _any(work, thing):
        gone = [one.token for one in _rows(work, thing, tree=True) if one.item_id not in thing.lineage[1:]]
        work.session.execute(delete(ItemLock).where(ItemLock.token.in_(gone)))


def _any(work: Work, thing: Located) -> bool:
    """Whether anything is locked in this cloud at all. Mostly nothing is: then it is asked once in a Work."""
    free: set[str] = work.session.info.setdefault(_FREE, set())
    if thing.space_id in free:
        return False
    found = work.session.scalar(_FIRST, {"space_id": thing.space_id}) is not None
    if not found and thing.space_id is not None:
        free.add(thing.space_id)
    return found


def take(work: Work, lock: ItemLock) -> None:
    """Write a new lock."""
    work.session.add(lock)
    work.session.flush()
    work.session.info.get(_FREE, set()).discard(lock.space_id)


_FREE = "clouds in which nothing is locked"
_FIRST = select(ItemLock.token).where(ItemLock.space_id == bindparam("space_id")).limit(1)


def _rows(work: Work, thing: Located, tree: bool) -> list[ItemLock]:
    """The locks that hold: on the thing, deep ones above it, and with `tree` all below it."""
    live = select(ItemLock).where(ItemLock.expires_at > work.now)
    if not tree:
        found = list(work.session.scalars(live.where(ItemLock.item_id.in_(thing.lineage))))
    else:
        found = list(work.session.scalars(live.where(ItemLock.space_id == thing.space_id)))
        others = [one.item_id for one in found if one.item_id not in thing.lineage]
        lines = lines_of(work, others)
        below = {item_id for item_id, line in lines.items() if any(step.id == thing.id for step in line)}
        found = [one for one in found if one.item_id in thing.lineage or one.item_id in below]
    reaching = [one for one in found if one.deep or one.item_id == thing.id or one.item_id not in thing.lineage]
    return [one for one in reaching if holds(work, one)]


def holds(work: Work, lock: ItemLock) -> bool:
    """Whether the holder may still change what is locked."""
    try:
        _, thing = locate_item(work, lock.item_id)
    except NotFound:
        return False
    person = holder(work, lock.person_id)
    return permits(Action.CHANGE, verdict_on(work, thing, person), person)
