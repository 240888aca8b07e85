"""Tables of the transparency log. Rows are only ever added (`published_at` of a head is set once)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Digest, Identifier


class Log(Base):
    """A log by name. A new one begins only where a restored backup had lost entries; `continues` then says of which
    log, at which size and root, and what was lost. The row with the greatest id is the present log."""

    __tablename__ = "log"

    id: Mapped[Identifier]
    started_at: Mapped[datetime]
    continues: Mapped[dict[str, Any] | None]


class LogKey(Base):
    """A raw Ed25519 public key that has signed heads; kept, so that old heads stay checkable with a new key."""

    __tablename__ = "log_key"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    public_key: Mapped[Digest]


class LogEntry(Base):
    """A leaf of the tree, in the order of the log. `leaf_hash` stays when the fact it speaks of is erased."""

    __tablename__ = "log_entry"

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    fact_id: Mapped[str] = mapped_column(String(26), unique=True)
    leaf_hash: Mapped[Digest]


class LogNode(Base):
    """A complete subtree of two leaves or more; it never changes as the tree grows."""

    __tablename__ = "log_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[Digest]


class LogHead(Base):
    """A signed head. It is shown to others only once it stands in the journal (`published_at`)."""

    __tablename__ = "log_head"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[Digest]
    signed_at: Mapped[datetime]
    key_id: Mapped[str] = mapped_column(ForeignKey("log_key.id"))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    log_id: Mapped[str] = mapped_column(ForeignKey("log.id"))
    published_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_log_head_unpublished", "size",
            sqlite_where=text("published_at IS NULL"), postgresql_where=text("published_at IS NULL"),
        ),
    )  # fmt: skip
