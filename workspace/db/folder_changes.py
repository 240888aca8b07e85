"""Changes below folders that their ETags do not tell yet: a change adds a row, whoever reads ETags folds the rows in.

A row for a change, and not a new ETag for each folder above it: on PostgreSQL those rows would be locked until the
commit, and all writers of a cloud would wait for each other at its root. The table stands on the ground floor because
sharing (rights) and the cloud (names, places, content) both add to it; `cloud/etags.py` folds.
"""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Identifier
from workspace.db.work import Work
from workspace.kernel.ids import new_id


class FolderChange(Base):
    """Something in an item, or right below it, changed: the ETag of every folder from it up to the root is old.

    No foreign keys: writers wait for nobody, and a row whose item is gone tells of nothing. On SQLite the key is the
    table: every change of a file writes here, and each page that a commit does not touch is one that the disk need not
    take.
    """

    __tablename__ = "folder_change"

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    id: Mapped[Identifier]
    item_id: Mapped[str] = mapped_column(String(26))
    __table_args__ = {"sqlite_with_rowid": False}


def record_change(work: Work, space_id: str, item_id: str) -> None:
    """Make the ETags of all folders from this item up worthless, with this Work's commit."""
    work.session.add(FolderChange(id=new_id(), space_id=space_id, item_id=item_id))
