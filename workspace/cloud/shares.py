"""What others share with somebody, under names that stay: two of equal name are told apart, and no name ever comes to
mean something else, however shares come, go and are renamed. A row keeps each name from the first time it was seen."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from workspace.cloud.models import Item, ShareName, Space
from workspace.cloud.names import free_name
from workspace.cloud.paths import Member, member_of
from workspace.cloud.rows import owned
from workspace.cloud.things import lines_of
from workspace.db.work import Work
from workspace.kernel.errors import NotFound
from workspace.sharing.authorize import require_signed_in
from workspace.sharing.queries import shared_with_me

NAMELESS = "Files"
"""How the top of somebody's cloud is called where all of it is shared: it has no name of its own."""


def shares(work: Work) -> list[Member]:
    """The items that others share with the actor now, each under its lasting name, the oldest share first.

    A Work that writes keeps the names that are new; one that only reads finds the same. Raises SignInRequired.
    """
    person_id = require_signed_in(work.actor)
    granted = list(dict.fromkeys(one.thing_id for one in reversed(shared_with_me(work))))
    lines = lines_of(work, granted)
    mine = set(work.session.scalars(select(Space.id).where(owned(work))))
    found = [
        lines[item_id][0]
        for item_id in granted
        if item_id in lines
        and lines[item_id][0].space_id not in mine
        and all(step.trashed_at is None for step in lines[item_id])
    ]
    names = _names(work, person_id)
    new = _free_names([one for one in found if one.id not in names], names.values())
    if new and work.writes:
        _keep(work, person_id, new)
        new = _names(work, person_id)
    names |= new
    return [member_of(one)._replace(name=names[one.id]) for one in found if one.id in names]


def shared_spaces(work: Work) -> list[str]:
    """The spaces of what others share with the actor now. Raises SignInRequired."""
    return list(dict.fromkeys(one.space_id for one in shared_with_me(work) if one.space_id is not None))


def share_named(work: Work, name: str) -> str:
    """The id of the item that the actor finds under a name; whether it is still shared, whoever opens it asks.

    Raises NotFound, SignInRequired.
    """
    person_id = require_signed_in(work.actor)
    known = select(ShareName.item_id).where(ShareName.person_id == person_id, ShareName.name == name)
    item_id = work.session.scalar(known)
    if item_id is None:
        item_id = next((one.id for one in shares(work) if one.name == name), None)
    if item_id is None:
        raise NotFound()
    return item_id


def _names(work: Work, person_id: str) -> dict[str, str]:
    rows = work.session.execute(select(ShareName.item_id, ShareName.name).where(ShareName.person_id == person_id))
    return dict(rows.all())


def _free_names(items: Iterable[Item], taken: Iterable[str]) -> dict[str, str]:
    used, found = set(taken), {}
    for item in items:
        found[item.id] = free_name(item.name or NAMELESS, used)
        used.add(found[item.id])
    return found


def _keep(work: Work, person_id: str, names: Mapping[str, str]) -> None:
    """Where another process was faster (PostgreSQL), its names stand."""
    insert = sqlite.insert if work.on_sqlite else postgresql.insert
    for item_id, name in names.items():
        row = insert(ShareName).values(person_id=person_id, item_id=item_id, name=name)
        work.session.execute(row.on_conflict_do_nothing())
