"""Deleting rows of items: the end of what verbs have decided on. Bytes follow after the grace period, by the sweep."""

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from workspace.cloud.models import Blob, Item, Part, Preview, Upload, Version, WrappedKey
from workspace.cloud.quota import charge
from workspace.cloud.things import subtree
from workspace.db.work import Work
from workspace.kernel.errors import WrongState


def remove_rows(work: Work, item: Item, *, give_back: bool = True) -> int:
    """Delete an item's rows and those of everything in it, in this transaction; returns the room given back, in bytes.

    Without `give_back` the room stays charged: something else takes it over. Raises WrongState, and changes nothing,
    where a row of another room still points there.
    """
    mine = select(subtree(item.id, trashed=True).c.id)
    versions = select(Version.id).where(Version.item_id.in_(mine))
    uploads = select(Upload.blob_id).where(Upload.parent_id.in_(mine), Upload.item_id.is_(None))
    freed = work.session.scalar(select(func.coalesce(func.sum(Version.size), 0)).where(Version.item_id.in_(mine)))
    reserved = work.session.scalar(
        select(func.coalesce(func.sum(Upload.reserved), 0)).where(Upload.parent_id.in_(mine), Upload.item_id.is_(None))
    )
    named = or_(
        Blob.id.in_(select(Version.blob_id).where(Version.item_id.in_(mine))),
        Blob.id.in_(select(Preview.blob_id).where(Preview.version_id.in_(versions))),
        Blob.id.in_(select(Item.note_id).where(Item.id.in_(mine))),
    )
    statements = (
        # the grace period of bytes begins when they are let go
        update(Blob).where(named).values(made_at=work.now),
        delete(Part).where(Part.blob_id.in_(uploads)),
        delete(WrappedKey).where(WrappedKey.blob_id.in_(uploads)),
        delete(Upload).where(Upload.parent_id.in_(mine)),
        delete(Preview).where(Preview.version_id.in_(versions)),
        delete(Version).where(Version.item_id.in_(mine)),
        delete(Item).where(Item.id.in_(mine)),
    )
    space_id = item.space_id
    try:
        with work.session.begin_nested():
            for statement in statements:
                work.session.execute(statement.execution_options(synchronize_session=False))
    except IntegrityError as error:
        raise WrongState("Something still needs this.") from error
    work.session.expunge(item)
    given_back = int(freed or 0) + int(reserved or 0)
    if give_back:
        charge(work, space_id, -given_back)
    return given_back
