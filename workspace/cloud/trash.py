"""Trash: thrown away, taken back, deleted for good.

Only the top of what is thrown away is marked; what lies in it keeps its place and comes back with it. Trash takes room
until it is deleted. Bytes go after the grace period, when nothing names them any more.
"""

from datetime import timedelta

from sqlalchemy import Select, select

from workspace.cloud.entries import Siblings, put_in, tell
from workspace.cloud.locked import end_locks, require_unlocked
from workspace.cloud.models import Item
from workspace.cloud.names import free_name, sort_key
from workspace.cloud.removal import remove_rows
from workspace.cloud.spaces import raise_space_epoch, root_of
from workspace.cloud.things import above, locate_folder, locate_item, locate_line, locate_space
from workspace.db.work import Work
from workspace.kernel.errors import Forbidden, NotFound, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action


def trash(work: Work, item_id: str) -> Item:
    """Throw an item away: it is only in the trash from now on. Raises NotFound, Forbidden, WrongState (the root)."""
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.CHANGE, thing)
    if item.parent_id is None:
        raise WrongState("This is the beginning of a cloud; it cannot be thrown away.")
    require_unlocked(work, above(thing))
    require_unlocked(work, thing, tree=True)
    end_locks(work, thing)
    item.trashed_at, item.trashed_by = work.now, work.actor.person_id
    work.session.flush()
    tell(work, FactKind.ITEM_TRASHED, thing, verdict)
    raise_space_epoch(work, item.space_id)
    return item


def restore(work: Work, item_id: str, to_folder_id: str | None = None) -> Item:
    """Take an item out of the trash: to where it lay, into another folder, or, where its folder is gone or lies in the
    trash itself, to the beginning of the cloud.

    Where its name is taken by now it gets a free one (`name (2).pdf`). Its grants are those of now, not those of then.
    Raises NotFound, Forbidden, WrongState (it is not in the trash).
    """
    line, thing = locate_line(work, item_id, trashed=True)
    item = line[0]
    verdict = authorize(work, Action.CHANGE, thing)
    if item.trashed_at is None:
        raise WrongState("This is not in the trash.")
    if to_folder_id is not None:
        _, place = locate_folder(work, to_folder_id)
        if place.space_id != item.space_id:
            raise Forbidden(reason="other_space")
        if item.id in place.lineage:
            raise Forbidden(reason="into_itself")
    elif any(one.trashed_at is not None for one in line[1:]):
        _, place = locate_folder(work, root_of(work, item.space_id).id)
    else:
        _, place = locate_folder(work, str(item.parent_id))
    if place.id != item.parent_id:
        authorize(work, Action.ADD, place)
    require_unlocked(work, place)
    name = free_name(item.name, Siblings(work, place.id))
    item.parent_id, item.name, item.sort_name = place.id, name, sort_key(name)
    item.trashed_at = item.trashed_by = None
    put_in(work, item)
    tell(work, FactKind.ITEM_RESTORED, thing, verdict, place=place, folder=place.id)
    raise_space_epoch(work, item.space_id)
    return item


def delete_for_good(work: Work, item_id: str) -> int:
    """Delete an item in the trash with all that lies in it and all its versions; returns the bytes of room given back.

    Raises NotFound, Forbidden, WrongState (it is not in the trash).
    """
    item, thing = locate_item(work, item_id, trashed=True)
    authorize(work, Action.ERASE, thing)
    if item.trashed_at is None:
        raise WrongState("Throw this away first.")
    return _delete(work, item)


def empty_trash(work: Work, space_id: str) -> int:
    """Delete all trash of a space that is the actor's own; returns how many items were deleted."""
    _, thing = locate_space(work, space_id)
    authorize(work, Action.ERASE, thing)
    return _delete_all(work, select(Item.id).where(Item.space_id == space_id, Item.trashed_at.is_not(None)))


def empty_old_trash(work: Work, limit: int = 50) -> int:
    """For the worker: delete what has lain in any trash for `settings.trash_days`, at most `limit` items at a time.

    Returns how many were deleted; 0 means that there is no more to do.
    """
    authorize(work, Action.MAINTAIN, INSTANCE)
    horizon = work.now - timedelta(days=work.settings.trash_days)
    old = select(Item.id).where(Item.trashed_at.is_not(None), Item.trashed_at < horizon)
    return _delete_all(work, old.order_by(Item.trashed_at).limit(limit))


def _delete(work: Work, item: Item) -> int:
    _, thing = locate_item(work, item.id, trashed=True)
    freed = remove_rows(work, item)
    work.record(FactKind.ITEM_DELETED, thing, space_id=thing.space_id, size=freed)
    raise_space_epoch(work, str(thing.space_id))
    return freed


def _delete_all(work: Work, ids: Select[str]) -> int:
    deleted = 0
    for item_id in list(work.session.scalars(ids)):
        try:
            item, _ = locate_item(work, item_id, trashed=True)
            _delete(work, item)
        except (NotFound, WrongState):
            continue  # it went with the folder it lay in, or something still needs it
        deleted += 1
    return deleted
