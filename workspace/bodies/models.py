"""Tables of the directory of government bodies."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Identifier


class Body(Base):
    """A government body. `slug` is its stable address; `closed_at` ends its receiving, never its record."""

    __tablename__ = "body"

    id: Mapped[Identifier]
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(32))
    superior_id: Mapped[str | None] = mapped_column(ForeignKey("body.id"))
    territory: Mapped[str] = mapped_column(String(200), default="")
    competence: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(64), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Office(Base):
    """A part of a body: a department's sector, a registry."""

    __tablename__ = "office"

    id: Mapped[Identifier]
    body_id: Mapped[str] = mapped_column(ForeignKey("body.id"))
    name: Mapped[str] = mapped_column(String(200))
    __table_args__ = (Index("uq_office_body_id_name", "body_id", "name", unique=True),)


class Official(Base):
    """A person's post in a body. A dismissal keeps the row: old answers keep their author."""

    __tablename__ = "official"

    id: Mapped[Identifier]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    body_id: Mapped[str] = mapped_column(ForeignKey("body.id"))
    office_id: Mapped[str | None] = mapped_column(ForeignKey("office.id"))
    role: Mapped[str] = mapped_column(String(16))
    phone: Mapped[str] = mapped_column(String(64), default="")
    appointed_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("role IN ('registrar', 'handler', 'head')", name="role"),
        Index(
            "uq_official_present",
            "person_id",
            "body_id",
            "role",
            unique=True,
            sqlite_where=text("dismissed_at IS NULL"),
            postgresql_where=text("dismissed_at IS NULL"),
        ),
        Index("ix_official_body_id", "body_id"),
    )
