"""Finding by name: in the actor's own clouds and in what is shared with them. And what they changed last."""

from typing import Any

from sqlalchemy import and_, or_, select, union

from workspace.cloud.listing import read_cursor, write_cursor
from workspace.cloud.models import Item, Space
from workspace.cloud.names import sort_key
from workspace.cloud.queries import LARGEST_PAGE, PAGE
from workspace.cloud.rows import crumbs, entries, owned
from workspace.cloud.things import lineage_below, lines_of
from workspace.cloud.views import Entry, Hit, HitPage
from workspace.db.work import Work
from workspace.kernel.errors import NotAcceptable
from workspace.kernel.ids import is_id
from workspace.kernel.things import ThingKind
from workspace.sharing.authorize import grants_held, require_signed_in, visible
from workspace.sharing.models import Grant

LONGEST = 200


def search(work: Work, text: str, cursor: str | None = None, limit: int = PAGE) -> HitPage:
    """Items whose name holds every word of the text, in any case and either composition, by name.

    Raises SignInRequired, NotAcceptable (field `cursor`).
    """
    words = sort_key(text[:LONGEST]).split()
    require_signed_in(work.actor)
    if not words:
        return HitPage((), None)
    found: list[Any] = [Item.parent_id.is_not(None), Item.trashed_at.is_(None)]
    found += [Item.sort_name.like(f"%{_escaped(word)}%", escape="\\") for word in words]
    roots = _shared_roots(work)
    mine = select(Item.id, Item.sort_name).join(Space, Space.id == Item.space_id).where(owned(work), *found)
    choices: list[Any] = [mine]
    if roots:
        below = lineage_below(roots)
        shared = select(Item.id, Item.sort_name).join(below, below.c.id == Item.id)
        choices.append(shared.where(visible(work, below, Item.__table__.c.id), *found))
    return _page(work, union(*choices).subquery(), cursor, max(1, min(limit, LARGEST_PAGE)), set(roots))


def recent(work: Work, limit: int = 10) -> list[Hit]:
    """The files that were changed last in the actor's own cloud, newest first."""
    person_id = require_signed_in(work.actor)
    order: list[Any] = [Item.changed_at.desc(), Item.id.desc()]
    query = (
        select(Item.id)
        .join(Space, Space.id == Item.space_id)
        .where(Space.owner_id == person_id, owned(work), Item.is_folder.is_(False), Item.trashed_at.is_(None))
        .order_by(*order)
    )
    hits: list[Hit] = []
    for start in range(0, 10 * limit, limit):
        rows = entries(work, query.offset(start).limit(limit).subquery(), order)
        hits += _hits(work, rows, set())
        if len(rows) < limit or len(hits) >= limit:
            break
    return hits[:limit]


def _page(work: Work, found: Any, cursor: str | None, limit: int, roots: set[str]) -> HitPage:
    """Rows behind the cursor until the page is full; what lies in a folder in the trash is passed over."""
    name, last = _read(cursor)
    hits: list[Hit] = []
    while True:
        after = or_(found.c.sort_name > name, and_(found.c.sort_name == name, found.c.id > last))
        page = select(found.c.id).where(after).order_by(found.c.sort_name, found.c.id).limit(limit + 1)
        rows = entries(work, page.subquery(), [Item.sort_name, Item.id])
        for hit in _hits(work, rows[:limit], roots):
            hits.append(hit)
            if len(hits) == limit:
                more = len(rows) > limit or hit.entry.id != rows[-1].id
                return HitPage(tuple(hits), write_cursor(hit.entry.sort_name, hit.entry.id) if more else None)
        if len(rows) <= limit:
            return HitPage(tuple(hits), None)
        name, last = rows[limit - 1].sort_name, rows[limit - 1].id


def _hits(work: Work, rows: list[Entry], roots: set[str]) -> list[Hit]:
    lines = lines_of(work, [row.id for row in rows])
    spaces = _own_spaces(work)
    hits = []
    for row in rows:
        line = lines[row.id]
        mine = row.space_id in spaces
        if any(one.trashed_at is not None for one in line):
            continue
        if not mine:
            # names above what was shared stay the owner's own affair
            line = line[: max(number for number, one in enumerate(line) if one.id in roots) + 1]
        hits.append(Hit(row, crumbs(line[1:]), mine))
    return hits


def _shared_roots(work: Work) -> list[str]:
    """The items that were granted to the actor, without those that lie in somebody's trash."""
    granted = work.session.scalars(grants_held(work).where(Grant.thing_kind == ThingKind.ITEM.value)).all()
    lines = lines_of(work, [one.thing_id for one in granted])
    return [item_id for item_id, line in lines.items() if not any(one.trashed_at is not None for one in line)]


def _own_spaces(work: Work) -> set[str]:
    return set(work.session.scalars(select(Space.id).where(owned(work))))


def _read(cursor: str | None) -> tuple[str, str]:
    if cursor is None:
        return "", ""
    name, last = read_cursor(cursor, 2)
    if not isinstance(name, str) or not isinstance(last, str) or not is_id(last):
        raise NotAcceptable(field="cursor")
    return name, last


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
