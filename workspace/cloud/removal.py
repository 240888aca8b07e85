"""Deleting rows of items: the end of what verbs have decided on. Bytes follow after the grace period, by the sweep."""

from sqlalchemy import Select, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from workspace.cloud.models import (
    Blob,
    Item,
    ItemLock,
    ItemProperties,
    Part,
    Preview,
    ShareName,
    Upload,
    Version,
    WrappedKey,
)
from workspace.cloud.quota import charge
from workspace.cloud.things import subtree
from workspace.db.work import Work
from workspace.kernel.errors import WrongState


def remove_rows(work: Work, item: Item, *, give_back: bool = True) -> int:
    """Delete an item's rows and those of everything in it, in this transaction; returns the room given back, in bytes.

    Without `give_back` the room stays charged: something else takes it over. Raises WrongState, and changes nothing,
    where a row of another room still points there.
    """
    space_id = item.space_id
    mine = select(subtree(item.id, trashed=True).c.id)
    freed = work.session.scalar(select(func.coalesce(func.sum(Version.size), 0)).where(Version.item_id.in_(mine)))
    reserved = work.session.scalar(
        select(func.coalesce(func.sum(Upload.reserved), 0)).where(Upload.parent_id.in_(mine), Upload.item_id.is_(None))
    )
    try:
        with work.session.begin_nested():
            _delete_rows(work, mine)
    except IntegrityError as error:
        raise WrongState("Something still needs this.") from error
    work.session.expunge(item)
    given_back = int(freed or 0) + int(reserved or 0)
    if give_back:
        charge(work, space_id, -given_back)
    return given_back


def remove_leaves(work: Work, space_id: str, limit: int) -> int:
    """Delete up to so many items of a space in which nothing lies, with all their rows; returns how many. Called again
    and again it deletes the whole tree from below. No room is given back: the space is gone."""
    child = aliased(Item)
    empty = ~exists().where(child.parent_id == Item.id)
    ids = list(work.session.scalars(select(Item.id).where(Item.space_id == space_id, empty).limit(limit)))
    if ids:
        _delete_rows(work, select(Item.id).where(Item.id.in_(ids)))
    return len(ids)


def remove_uploads(work: Work, space_id: str) -> int:
    """Forget all uploads into a space; returns how many."""
    mine = select(Upload.blob_id).where(Upload.space_id == space_id, Upload.item_id.is_(None))
    for statement in (
        delete(Part).where(Part.blob_id.in_(mine)),
        delete(WrappedKey).where(WrappedKey.blob_id.in_(mine)),
    ):
        work.session.execute(statement.execution_options(synchronize_session=False))
    gone = delete(Upload).where(Upload.space_id == space_id).returning(Upload.id)
    return len(work.session.scalars(gone.execution_options(synchronize_session=False)).all())


def _delete_rows(work: Work, mine: Select[str]) -> None:
    """The rows of these items and all that hangs on them. Raises IntegrityError where another room still needs them."""
    versions = select(Version.id).where(Version.item_id.in_(mine))
    uploads = select(Upload.blob_id).where(Upload.parent_id.in_(mine), Upload.item_id.is_(None))
    named = or_(
        Blob.id.in_(select(Version.blob_id).where(Version.item_id.in_(mine))),
        Blob.id.in_(select(Preview.blob_id).where(Preview.version_id.in_(versions))),
        Blob.id.in_(select(Item.note_id).where(Item.id.in_(mine))),
        Blob.id.in_(select(ItemProperties.blob_id).where(ItemProperties.item_id.in_(mine))),
    )
    for statement in (
        # the grace period of bytes begins when they are let go
        update(Blob).where(named).values(made_at=work.now),
        delete(Part).where(Part.blob_id.in_(uploads)),
        delete(WrappedKey).where(WrappedKey.blob_id.in_(uploads)),
        delete(Upload).where(Upload.parent_id.in_(mine)),
        delete(Preview).where(Preview.version_id.in_(versions)),
        delete(Version).where(Version.item_id.in_(mine)),
        delete(ItemLock).where(ItemLock.item_id.in_(mine)),
        delete(ItemProperties).where(ItemProperties.item_id.in_(mine)),
        delete(ShareName).where(ShareName.item_id.in_(mine)),
        delete(Item).where(Item.id.in_(mine)),
    ):
        work.session.execute(statement.execution_options(synchronize_session=False))
