"""Whom an address means: somebody with an account, or whoever will join with it. Who asks is never told which."""

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from workspace.accounts.addresses import normal_email
from workspace.accounts.models import Awaited, Person
from workspace.accounts.people import row_by_email
from workspace.accounts.permission import require_self
from workspace.db.work import Work
from workspace.kernel.ids import new_id


def addressee(work: Work, email: str) -> str:
    """The id of the person with this address, or the one that they will have. Raises NotAcceptable for a bad address.

    Both ways take the same statements, so that not even the time tells them apart.
    """
    require_self(work)
    address = normal_email(email)
    present = row_by_email(work, address)
    insert = sqlite.insert if work.on_sqlite else postgresql.insert
    row = insert(Awaited).values(email=address, person_id=new_id(), made_at=work.now)
    work.session.execute(row.on_conflict_do_nothing())
    awaited = work.session.scalars(select(Awaited.person_id).where(Awaited.email == address)).one()
    return present.id if present is not None else awaited


def id_for(work: Work, address: str) -> str:
    """The id that somebody who joins with this (normalised) address gets: what was given to the address is theirs.

    They see nothing of it before they have proven that the address is theirs.
    """
    awaited = work.session.scalar(delete(Awaited).where(Awaited.email == address).returning(Awaited.person_id))
    taken = awaited is not None and work.session.get(Person, awaited) is not None
    return new_id() if awaited is None or taken else awaited
