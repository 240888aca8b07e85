"""Tables of exchange: comments."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Identifier


class Comment(Base):
    """A remark on an item, sealed under the key of the item's space. Withdrawing it keeps the line, not the words."""

    __tablename__ = "comment"

    id: Mapped[Identifier]
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    author_id: Mapped[str] = mapped_column(String(26))
    body_id: Mapped[str | None] = mapped_column(String(26))
    text_id: Mapped[str | None] = mapped_column(ForeignKey("blob.id"))
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_comment_item_id", "item_id", "id"),)
