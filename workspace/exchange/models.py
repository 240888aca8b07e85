"""Tables of exchange: comments, requests for files."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
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


class FileRequest(Base):
    """Somebody asks for named documents, for themselves or (`body_id`) for a body they work for.

    What comes goes into `folder_id` of `space_id`, to which the sender has no right at all; their right is to add to
    the request, by a grant on its id. `text_id` is the letter, sealed under the key of that space.
    """

    __tablename__ = "file_request"

    id: Mapped[Identifier]
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    folder_id: Mapped[str] = mapped_column(String(26))
    made_by: Mapped[str] = mapped_column(String(26))
    body_id: Mapped[str | None] = mapped_column(String(26))
    title: Mapped[str] = mapped_column(String(200))
    text_id: Mapped[str | None] = mapped_column(ForeignKey("blob.id"))
    # the address that was written, and all that is shown of who was asked; None: whoever has the link
    addressed_to: Mapped[str | None] = mapped_column(String(254))
    ends_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_file_request_made_by", "made_by"),
        Index("ix_file_request_body_id", "body_id"),
    )


class RequestedDocument(Base):
    """One line of the checklist."""

    __tablename__ = "requested_document"

    id: Mapped[Identifier]
    request_id: Mapped[str] = mapped_column(ForeignKey("file_request.id"))
    ordinal: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    __table_args__ = (Index("ix_requested_document_request_id", "request_id", "ordinal"),)


class SentDocument(Base):
    """A file that came for a line of the checklist. `name` is what its sender called it; the item may be called
    otherwise, where that name was taken."""

    __tablename__ = "sent_document"

    id: Mapped[Identifier]
    document_id: Mapped[str] = mapped_column(ForeignKey("requested_document.id"))
    item_id: Mapped[str] = mapped_column(String(26))
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[str | None] = mapped_column(String(26))
    visitor: Mapped[str | None] = mapped_column(String(26))
    sent_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="received")
    reason: Mapped[str] = mapped_column(Text, default="")
    judged_at: Mapped[datetime | None]
    judged_by: Mapped[str | None] = mapped_column(String(26))
    __table_args__ = (
        CheckConstraint("state IN ('received', 'accepted', 'refused')", name="state"),
        Index("ix_sent_document_document_id", "document_id", "id"),
    )
