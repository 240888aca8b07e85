"""Epochs: how often what a principal may do has changed. A verdict is reused only while its epochs stand still.

They stand on the ground floor because accounts (disabling), bodies (dismissal) and sharing (grants) all raise them.
"""

from collections.abc import Iterable
from functools import partial

from sqlalchemy import BigInteger, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base
from workspace.db.mirror import mirror_of
from workspace.db.work import Work
from workspace.kernel.actors import Principal


class Epoch(Base):
    """The epoch of one principal, written as `person:…`, `body:…`, `office:…` or `link:…`."""

    __tablename__ = "epoch"

    principal: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)


def raise_epoch(work: Work, principal: Principal) -> None:
    """Make every remembered verdict about this principal worthless from this commit on."""
    insert = sqlite.insert if work.on_sqlite else postgresql.insert
    work.session.execute(
        insert(Epoch)
        .values(principal=str(principal), value=1)
        .on_conflict_do_update(index_elements=[Epoch.principal], set_={"value": Epoch.value + 1})
    )
    tell_mirror(work, str(principal))


def tell_mirror(work: Work, name: str) -> None:
    """The same in the memory that the processes of this machine share, after the commit and before the answer."""
    work.after_commit(partial(mirror_of(work.settings.instance).stir, name))


def epochs_of(work: Work, principals: Iterable[Principal]) -> dict[str, int]:
    """The epochs of these principals by `str(principal)`, as their rows stand; those never raised are left out."""
    wanted = sorted(map(str, principals))
    if not wanted:
        return {}
    return dict(work.session.execute(select(Epoch.principal, Epoch.value).where(Epoch.principal.in_(wanted))).all())
