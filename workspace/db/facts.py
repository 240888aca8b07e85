"""The table of facts: append-only; feeds the log, the reactions and the access ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Identifier


class FactRow(Base):
    """Something that happened. Rows are never changed, save `leaf`, once, by the log's sequencer.

    `details` holds values by name: ids, numbers, hashes; never content, a secret or the name of a file. `salt` blinds
    the leaf, so that erasing the row leaves a hash that tells nothing.
    """

    __tablename__ = "fact"

    id: Mapped[Identifier]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    door: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[str | None] = mapped_column(String(26))
    body_id: Mapped[str | None] = mapped_column(String(26))
    link_id: Mapped[str | None] = mapped_column(String(26))
    thing_kind: Mapped[str] = mapped_column(String(12))
    thing_id: Mapped[str] = mapped_column(String(26))
    space_id: Mapped[str | None] = mapped_column(String(26))
    case_id: Mapped[str | None] = mapped_column(String(26))
    grant_id: Mapped[str | None] = mapped_column(String(26))
    details: Mapped[dict[str, Any]]
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    leaf: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_fact_unsequenced", "id", sqlite_where=text("leaf IS NULL"), postgresql_where=text("leaf IS NULL")),
        Index("ix_fact_thing", "thing_id", "id"),
        Index("ix_fact_space", "space_id", "id"),
        Index(
            "ix_fact_case",
            "case_id",
            "id",
            sqlite_where=text("case_id IS NOT NULL"),
            postgresql_where=text("case_id IS NOT NULL"),
        ),
    )
