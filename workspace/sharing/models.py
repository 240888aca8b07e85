"""Tables of sharing: grants, links, the access ledger. Epochs stand in `db/epochs.py`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Identifier
from workspace.db.epochs import Epoch

__all__ = ["Access", "Download", "Epoch", "Grant", "Link"]


class Grant(Base):
    """Subject × thing × level × conditions. Bound to ids, never to paths; a revoked row stays as history.

    A grant of level `handle` on a case comes with a delivery and cannot be revoked. `suspended_at` marks one that a
    restore has revoked and an administrator may let hold again (suspension.py).
    """

    __tablename__ = "grant_"

    id: Mapped[Identifier]
    subject_kind: Mapped[str] = mapped_column(String(8))
    subject_id: Mapped[str] = mapped_column(String(26))
    thing_kind: Mapped[str] = mapped_column(String(12))
    thing_id: Mapped[str] = mapped_column(String(26))
    space_id: Mapped[str | None] = mapped_column(String(26))
    level: Mapped[str] = mapped_column(String(12))
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    purpose: Mapped[str] = mapped_column(Text, default="")
    legal_basis: Mapped[str] = mapped_column(Text, default="")
    # holds only for who is signed in
    sign_in: Mapped[bool] = mapped_column(default=False)
    # how many downloads it allows; None: any number. What was used of it stands in `download`.
    downloads: Mapped[int | None]
    # the address that the giver wrote, and all that they are shown: it does not tell whether somebody has an account
    addressed_to: Mapped[str | None] = mapped_column(String(254))
    granted_by: Mapped[str] = mapped_column(String(26))
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(26))
    suspended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("subject_kind IN ('person', 'body', 'office', 'link')", name="subject_kind"),
        CheckConstraint("level IN ('look', 'view', 'comment', 'contribute', 'edit', 'handle')", name="level"),
        Index("ix_grant_thing", "thing_id", "subject_id"),
        Index("ix_grant_subject", "subject_id"),
        Index("ix_grant_space", "space_id"),
        Index(
            "ix_grant_suspended",
            "suspended_at",
            sqlite_where=text("suspended_at IS NOT NULL"),
            postgresql_where=text("suspended_at IS NOT NULL"),
        ),
    )


class Link(Base):
    """A secret address. Only the SHA-256 of its 256-bit token is kept; its grants name it as subject.

    `entry` rises when its password changes: who has entered by the former one has to enter again.
    """

    __tablename__ = "link"

    id: Mapped[Identifier]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    label: Mapped[str] = mapped_column(String(120), default="")
    entry: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]


class Access(Base):
    """One line of the access ledger that is being drawn together: the same actor, grant, version and door.

    The fact is written before the first byte leaves; this row counts what followed within ten minutes.
    """

    __tablename__ = "access"

    fact_id: Mapped[str] = mapped_column(ForeignKey("fact.id"), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    began_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    __table_args__ = (Index("ix_access_fingerprint", "fingerprint", "began_at"),)


class Download(Base):
    """One download under a grant that allows a number of them. `who`: a person, or a browser that entered a link."""

    __tablename__ = "download"

    id: Mapped[Identifier]
    grant_id: Mapped[str] = mapped_column(ForeignKey("grant_.id"))
    who: Mapped[str] = mapped_column(String(52))
    version_id: Mapped[str] = mapped_column(String(26))
    at: Mapped[datetime]
    __table_args__ = (Index("ix_download_grant_id", "grant_id"),)


class OwnReads(Base):
    """How often owners opened their own things, summed by day and door; may lag behind, proves nothing."""

    __tablename__ = "own_reads"

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    thing_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    door: Mapped[str] = mapped_column(String(10), primary_key=True)
    times: Mapped[int] = mapped_column(default=1)
