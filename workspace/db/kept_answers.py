"""Answers that are kept for a day, so that a request that is sent again is done once (Idempotency-Key)."""

from datetime import datetime, timedelta

from sqlalchemy import Index, LargeBinary, String, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Digest, Identifier
from workspace.db.work import Work
from workspace.kernel.ids import new_id

KEPT = timedelta(hours=24)
PATIENCE = timedelta(minutes=5)
"""After so long a request that has not been answered is taken for one whose worker died."""


class KeptAnswer(Base):
    """What one person's request with this key was answered, once it was; `sealed` under a key of their cloud.

    Of the key only its SHA-256 is kept; `fingerprint` is that of the whole request. `begun_at` tells one attempt from
    the next.
    """

    __tablename__ = "kept_answer"

    id: Mapped[Identifier]
    person_id: Mapped[str] = mapped_column(String(26))
    key_hash: Mapped[Digest]
    fingerprint: Mapped[Digest]
    begun_at: Mapped[datetime]
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary(60))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    __table_args__ = (
        Index("uq_kept_answer_key", "person_id", "key_hash", unique=True),
        Index("ix_kept_answer_begun_at", "begun_at"),
    )


def begin(work: Work, person_id: str, key_hash: bytes, fingerprint: bytes) -> tuple[str, KeptAnswer | None]:
    """The id of the row of this key, and the row itself where another request has begun it and still counts.

    Stands once the Work is committed. Two nodes at once: one of them gets None, the other the row.
    """
    mine = (KeptAnswer.person_id == person_id, KeptAnswer.key_hash == key_hash)
    found = work.session.scalar(select(KeptAnswer).where(*mine))
    if found is None:
        fresh = new_id()
        values = {"id": fresh, "person_id": person_id, "key_hash": key_hash, "fingerprint": fingerprint}
        try:
            with work.session.begin_nested():
                work.session.execute(insert(KeptAnswer).values(**values, begun_at=work.now))
        except IntegrityError:
            found = work.session.scalars(select(KeptAnswer).where(*mine)).one()
        else:
            return fresh, None
    dead = KeptAnswer.begun_at < work.now - (KEPT if found.sealed is not None else PATIENCE)
    taken = update(KeptAnswer).where(KeptAnswer.id == found.id, KeptAnswer.begun_at == found.begun_at, dead)
    anew = {"fingerprint": fingerprint, "begun_at": work.now, "sealed": None, "wrapped": None}
    if work.session.execute(taken.values(**anew)).rowcount:  # type: ignore[attr-defined]
        return found.id, None
    return found.id, found


def keep(work: Work, answer_id: str, wrapped: bytes, sealed: bytes) -> None:
    """Keep an answer: in the transaction of what it tells of, so that there is never the one without the other."""
    work.session.execute(update(KeptAnswer).where(KeptAnswer.id == answer_id).values(wrapped=wrapped, sealed=sealed))


def give_up(work: Work, answer_id: str) -> None:
    """Forget a request that was refused: nothing was done, and the next one may try."""
    work.session.execute(delete(KeptAnswer).where(KeptAnswer.id == answer_id, KeptAnswer.sealed.is_(None)))


def forget_old(work: Work) -> int:
    """Delete what was begun more than a day ago; returns how many rows."""
    gone = delete(KeptAnswer).where(KeptAnswer.begun_at < work.now - KEPT)
    return int(work.session.execute(gone).rowcount)  # type: ignore[attr-defined]
