"""Items and spaces as things that `authorize` can decide on."""

from collections.abc import Iterable, Sequence

from sqlalchemy import CTE, ColumnElement, bindparam, literal, select
from sqlalchemy.orm import aliased

from workspace.cloud.models import Item, Space
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import NotFound, WrongState
from workspace.kernel.ids import is_id
from workspace.kernel.things import Located, ThingKind
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action

DEEPEST = 500
"""How many folders may lie in each other where something is put in."""


def locate_item(work: Work, item_id: str, *, trashed: bool = False) -> tuple[Item, Located]:
    """An item and its thing, by one recursive query.

    Raises NotFound where there is none, or where it or a folder above it lies in the trash, unless `trashed`.
    """
    line, thing = locate_line(work, item_id, trashed=trashed)
    return line[0], thing


def hold_item(work: Work, item_id: str) -> None:
    """Nobody else changes this item before the Work ends; what is read of it from now on stays true. On SQLite there is
    one writer anyway. Says nothing about whether it exists."""
    if work.writes and not work.on_sqlite and is_id(item_id):
        work.session.execute(select(Item.id).where(Item.id == item_id).with_for_update(key_share=True))


def locate_line(work: Work, item_id: str, *, trashed: bool = False) -> tuple[list[Item], Located]:
    """The items from this one up to the root of its space, and the thing. Raises NotFound as `locate_item`."""
    if not is_id(item_id):
        raise NotFound()
    rows = work.session.execute(
        _LINE,
        {"item_id": item_id},
        # another writer may have moved or renamed it since this Work first read it
        execution_options={"populate_existing": True} if work.writes else {},
    ).all()
    line = [row[0] for row in rows]
    if not line or (not trashed and any(one.trashed_at is not None for one in line)):
        raise NotFound()
    owner = Principal(SubjectKind(rows[0][1]), rows[0][2])
    lineage = tuple(one.id for one in line)
    return line, Located(ThingKind.ITEM, item_id, owner, lineage, line[0].space_id)


def locate_folder(work: Work, folder_id: str) -> tuple[Item, Located]:
    """A folder that things may be put into. Raises NotFound as `locate_item`, WrongState for a file.

    That it is a file is told only to who may see it; whoever calls asks for everything else.
    """
    item, thing = locate_item(work, folder_id)
    if not item.is_folder:
        authorize(work, Action.SEE, thing)
        raise WrongState("This is a file; choose a folder.")
    return item, thing


def locate_space(work: Work, space_id: str) -> tuple[Space, Located]:
    """A space and its thing. Raises NotFound."""
    space = work.session.get(Space, space_id) if is_id(space_id) else None
    if space is None or space.erased_at is not None:
        raise NotFound()
    return space, space_thing(space)


def space_thing(space: Space) -> Located:
    owner = Principal(SubjectKind(space.owner_kind), space.owner_id)
    return Located(ThingKind.SPACE, space.id, owner, (space.id,), space.id)


def below(thing: Located, child_id: str) -> Located:
    """The thing of an item that lies directly in a folder."""
    return Located(ThingKind.ITEM, child_id, thing.owner, (child_id, *thing.lineage), thing.space_id)


def above(thing: Located) -> Located:
    """The folder that an item lies in, as a thing; the top of a cloud lies in itself."""
    lineage = thing.lineage[1:] or thing.lineage
    return Located(ThingKind.ITEM, lineage[0], thing.owner, lineage, thing.space_id)


def lines_of(work: Work, item_ids: Iterable[str]) -> dict[str, list[Item]]:
    """The line from each of these items up to its root, the item first, by one query. Missing ones are left out."""
    wanted = list(dict.fromkeys(item_ids))
    if not wanted:
        return {}
    up = upwards(wanted)
    rows = work.session.execute(
        select(up.c.id, Item).join(up, up.c.ancestor_id == Item.id).order_by(up.c.id, up.c.depth)
    )
    lines: dict[str, list[Item]] = {}
    for start, item in rows:
        lines.setdefault(start, []).append(item)
    return lines


def lineage_below(roots: Sequence[str]) -> CTE:
    """What `visible` asks for: columns `id` and `ancestor_id`, of all that lies in and under these items, trash aside.

    Walking down from the granted things costs by what was shared; walking up would cost by what exists.
    """
    start = select(Item.id, Item.id.label("ancestor_id")).where(Item.id.in_(roots), Item.trashed_at.is_(None))
    down = start.cte("down", recursive=True)
    child = aliased(Item)
    return down.union(
        select(child.id, down.c.ancestor_id).join(down, child.parent_id == down.c.id).where(child.trashed_at.is_(None))
    )


def subtree(item_id: str, *, trashed: bool = False) -> CTE:
    """Columns `id` and `depth` (0 for the item itself) of an item and all below it; without what lies in the trash by
    itself, unless `trashed`."""
    down = select(literal(item_id).label("id"), literal(0).label("depth")).cte("subtree", recursive=True)
    child = aliased(Item)
    step = select(child.id, down.c.depth + 1).join(down, child.parent_id == down.c.id)
    return down.union_all(step if trashed else step.where(child.trashed_at.is_(None)))


def upwards(item_ids: Sequence[str]) -> CTE:
    """Columns `id`, `ancestor_id`, `parent_id`, `depth`: each of these items with itself and everything above it."""
    return _upwards(Item.id.in_(item_ids))


def _upwards(which: ColumnElement[bool]) -> CTE:
    start = select(
        Item.id, Item.id.label("ancestor_id"), Item.parent_id.label("parent_id"), literal(0).label("depth")
    ).where(which)
    up = start.cte("up", recursive=True)
    parent = aliased(Item)
    return up.union_all(
        select(up.c.id, parent.id, parent.parent_id, up.c.depth + 1).join(up, parent.id == up.c.parent_id)
    )


# every verb begins with it: put together once, since that costs several times what the database takes to answer
_UP = _upwards(Item.id == bindparam("item_id"))
_LINE = (
    select(Item, Space.owner_kind, Space.owner_id)
    .join(_UP, _UP.c.ancestor_id == Item.id)
    .join(Space, Space.id == Item.space_id)
    .where(Space.erased_at.is_(None))
    .order_by(_UP.c.depth)
)
