"""Leases: one holder at a time for work that only one process may do, over all machines."""

from datetime import datetime, timedelta

from sqlalchemy import String, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base
from workspace.db.work import Work
from workspace.kernel.errors import LeaseLost

BACKUP = "backup"
"""Held while a backup copies objects; the sweep takes nothing meanwhile."""


class Lease(Base):
    """Who may do a thing, until when. Taking it over is a compare-and-set on this row."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]


def take(work: Work, name: str, holder: str, seconds: int) -> bool:
    """Take or prolong a lease; False while somebody else holds it. Stands once the Work is committed."""
    until = work.now + timedelta(seconds=seconds)
    mine = update(Lease).where(Lease.name == name, or_(Lease.holder == holder, Lease.until <= work.now))
    if work.session.execute(mine.values(holder=holder, until=until)).rowcount:  # type: ignore[attr-defined]
        return True
    if work.session.scalar(select(Lease.name).where(Lease.name == name)):
        return False
    try:
        with work.session.begin_nested():
            work.session.execute(insert(Lease).values(name=name, holder=holder, until=until))
    except IntegrityError:
        return False
    return True


def hold(work: Work, name: str, holder: str) -> None:
    """Pin the lease for this transaction: nobody can take it over before it ends. Raises LeaseLost, then roll back."""
    mine = update(Lease).where(Lease.name == name, Lease.holder == holder).values(holder=holder)
    if not work.session.execute(mine).rowcount:  # type: ignore[attr-defined]
        raise LeaseLost(name=name)


def held(work: Work, name: str) -> bool:
    """Whether anybody holds the lease now."""
    return work.session.scalar(select(Lease.name).where(Lease.name == name, Lease.until > work.now)) is not None


def give_back(work: Work, name: str, holder: str) -> None:
    """End a lease early, so that the next holder need not wait for it to run out."""
    work.session.execute(update(Lease).where(Lease.name == name, Lease.holder == holder).values(until=work.now))
