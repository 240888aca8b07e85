"""Tables of outgoing letters."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Identifier


class Letter(Base):
    """A letter to somebody. `body` is forgotten once the letter has left: it may hold a link that opens an account.

    `message_id` stays the same at every attempt, so that a mail server can drop the second copy.
    """

    __tablename__ = "letter"

    id: Mapped[Identifier]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(8))
    body: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_letter_made_at", "made_at"),
        Index(
            "ix_letter_waiting",
            "id",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )
