"""ETags of folders (RFC 9110 §8.8.3): new after every change of anything below, up to the root.

Programs that sync enter a folder only if its ETag is another one than last time; a change that left one folder's ETag
standing would never be seen. Changes are rows (`db/folder_changes.py`); whoever reads ETags folds them in first.

Folding deletes the very rows that it has read, so a change that is committed later, whatever its number, waits for
the next fold. Read the ETag of a folder in the same Work as what lies in it, and before: what is seen may then be newer
than its ETag, and is read once too often, never older, and missed.
"""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import aliased

from workspace.cloud.models import Item
from workspace.db.folder_changes import FolderChange
from workspace.db.work import Work
from workspace.kernel.ids import new_id

BATCH = 500


def etags_are_old(work: Work, space_id: str) -> bool:
    """Whether something changed in the space since ETags were folded last: one look into an index."""
    return bool(work.session.scalar(select(exists().where(FolderChange.space_id == space_id))))


def fold_changes(work: Work, space_id: str) -> int:
    """Give every folder above a change a new ETag; returns how many changes there were.

    Those who fold take turns at the root, as moves of folders do, so that the tree stands still meanwhile. Needs a Work
    that writes.
    """
    root = select(Item.id).where(Item.space_id == space_id, Item.parent_id.is_(None))
    work.session.execute(root if work.on_sqlite else root.with_for_update(key_share=True))
    gone = delete(FolderChange).where(FolderChange.space_id == space_id).returning(FolderChange.item_id)
    changed = list(work.session.scalars(gone.execution_options(synchronize_session=False)))
    fresh = new_id()
    ids = list(dict.fromkeys(changed))
    for start in range(0, len(ids), BATCH):
        up = select(Item.id, Item.parent_id).where(Item.id.in_(ids[start : start + BATCH])).cte("up", recursive=True)
        above = aliased(Item)
        up = up.union(select(above.id, above.parent_id).join(up, above.id == up.c.parent_id))
        work.session.execute(
            update(Item)
            .where(Item.id.in_(select(up.c.id)), Item.is_folder)
            .values(folder_etag=fresh)
            .execution_options(synchronize_session=False)
        )
    if changed:
        work.session.expire_all()  # items read before know the old ones
    return len(changed)
