"""Reads of the personal cloud: folders page by page, items, history, trash, room. `search.py` finds by name.

Somebody else's look into a folder is written into the owner's ledger: where the actor may not be the owner, use a Work
that writes, and commit it before the page leaves.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from workspace.cloud.entries import look
from workspace.cloud.listing import Order, Sort, read_cursor, write_cursor
from workspace.cloud.models import Item, Preview, Space, Version
from workspace.cloud.names import split_path
from workspace.cloud.quota import used_bytes
from workspace.cloud.rows import crumbs, entries, entry_of, folder_entry, known_part, owned
from workspace.cloud.spaces import root_of
from workspace.cloud.texts import open_text
from workspace.cloud.things import (
    below,
    lines_of,
    locate_item,
    locate_line,
    locate_space,
    upwards,
)
from workspace.cloud.views import (
    Crumb,
    FolderPage,
    ItemView,
    PreviewView,
    TrashLine,
    TrashPage,
    Usage,
    VersionView,
)
from workspace.db.work import Work
from workspace.kernel.errors import NotAcceptable, NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import is_id
from workspace.kernel.things import Located
from workspace.sharing.authorize import authorize, visible
from workspace.sharing.rule import Action, Level

PAGE = 100
LARGEST_PAGE = 1000


def folder(
    work: Work,
    folder_id: str,
    sort: Sort = Sort.NAME,
    descending: bool = False,
    cursor: str | None = None,
    limit: int = PAGE,
    kind: str | None = None,
) -> FolderPage:
    """A page of what lies in a folder, folders first; with `kind` only files of that kind.

    One query for the page, whatever the folder holds; the sums are taken beside it. Raises NotFound (also for a file),
    Forbidden, AccessEnded, NotAcceptable (field `cursor`).
    """
    line, thing = locate_line(work, folder_id)
    verdict = authorize(work, Action.SEE, thing)
    if not line[0].is_folder:
        raise NotFound()
    look(work, FactKind.LISTED, thing, verdict)
    order = Order(sort, descending)
    inside = [Item.parent_id == folder_id, Item.trashed_at.is_(None)]
    wanted = [*inside, Item.is_folder.is_(False), Item.kind == kind] if kind else inside
    page = select(Item.id).where(*wanted, *([order.after(cursor)] if cursor else [])).order_by(*order.clauses())
    limit = max(1, min(limit, LARGEST_PAGE))
    rows = entries(work, page.limit(limit + 1).subquery(), order.clauses())
    sums = work.session.execute(
        select(Item.kind, Item.is_folder, func.count(), func.coalesce(func.sum(Item.size), 0))
        .where(*inside)
        .group_by(Item.kind, Item.is_folder)
    ).all()
    total = sum(count for _, _, count, _ in sums)
    return FolderPage(
        folder=folder_entry(line[0], total),
        path=crumbs(known_part(work, line, thing, verdict)),
        level=verdict.level or Level.VIEW,
        entries=tuple(rows[:limit]),
        cursor=order.cursor(rows[limit - 1]) if len(rows) > limit else None,
        total=total,
        size=sum(int(size) for _, _, _, size in sums),
        kinds={kind: count for kind, is_folder, count, _ in sums if not is_folder},
    )


def item(work: Work, item_id: str, *, trashed: bool = False) -> ItemView:
    """Everything about an item but its bytes. Raises NotFound, AccessEnded, SignInRequired."""
    line, thing = locate_line(work, item_id, trashed=trashed)
    verdict = authorize(work, Action.SEE, thing)
    row = line[0]
    version = work.session.get(Version, row.version_id) if row.version_id else None
    return ItemView(
        entry=entry_of(work, item_id),
        path=crumbs(known_part(work, line, thing, verdict)),
        level=verdict.level or Level.VIEW,
        sha256=version.sha256 if version else None,
        note=open_text(work, row.note_id, row.space_id) if row.note_id else "",
        made_by=row.made_by,
        previews=_previews(work, row.version_id),
    )


def path(work: Work, item_id: str) -> tuple[Crumb, ...]:
    """The way to an item, itself last, beginning at the highest folder that the actor may see. Raises NotFound."""
    line, thing = locate_line(work, item_id)
    verdict = authorize(work, Action.SEE, thing)
    return crumbs(known_part(work, line, thing, verdict))


def by_path(work: Work, space_id: str, names: str) -> tuple[Item, Located]:
    """What lies at a path ("/a/b") of a space. Raises NotFound, also where the actor may not see it."""
    top = root_of(work, space_id)
    found, thing = locate_item(work, top.id)
    for name in split_path(names):
        step = work.session.scalar(
            select(Item).where(Item.parent_id == found.id, Item.name == name, Item.trashed_at.is_(None))
        )
        if step is None:
            raise NotFound()
        found, thing = step, below(thing, step.id)
    authorize(work, Action.SEE, thing)
    return found, thing


def versions(work: Work, item_id: str) -> list[VersionView]:
    """A file's history, newest first. Raises NotFound, AccessEnded."""
    row, thing = locate_item(work, item_id)
    authorize(work, Action.SEE, thing)
    old = aliased(Version)
    rows = work.session.execute(
        select(Version, old.number)
        .outerjoin(old, old.id == Version.restored_from)
        .where(Version.item_id == item_id)
        .order_by(Version.number.desc())
    )
    return [
        VersionView(
            one.id, one.number, one.size, one.sha256, one.media_type, one.made_at, one.made_by,
            one.id == row.version_id, restored_from,
        )
        for one, restored_from in rows
    ]  # fmt: skip


def trash_list(work: Work, space_id: str, cursor: str | None = None, limit: int = PAGE) -> TrashPage:
    """What lies in the trash of a space, newest first; for its owner only."""
    _, thing = locate_space(work, space_id)
    authorize(work, Action.ERASE, thing)
    query = select(Item.id).where(Item.space_id == space_id, Item.trashed_at.is_not(None))
    clauses: list[Any] = [Item.trashed_at.desc(), Item.id.desc()]
    if cursor is not None:
        last = work.session.get(Item, _cursor_id(cursor))
        if last is None or last.trashed_at is None or last.space_id != space_id:
            raise NotAcceptable(field="cursor")
        before = or_(Item.trashed_at < last.trashed_at, (Item.trashed_at == last.trashed_at) & (Item.id < last.id))
        query = query.where(before)
    limit = max(1, min(limit, LARGEST_PAGE))
    rows = entries(work, query.order_by(*clauses).limit(limit + 1).subquery(), clauses)
    lines = lines_of(work, [row.id for row in rows[:limit]])
    shown = tuple(TrashLine(row, crumbs(lines[row.id][1:]), lines[row.id][0].trashed_by) for row in rows[:limit])
    return TrashPage(shown, write_cursor(rows[limit - 1].id) if len(rows) > limit else None)


def usage(work: Work, space_id: str) -> Usage:
    """How full a cloud is; for its owner only."""
    space, thing = locate_space(work, space_id)
    authorize(work, Action.SEE, thing)
    files = select(func.count()).select_from(Item).where(Item.space_id == space_id, Item.is_folder.is_(False))
    return Usage(used_bytes(work, space_id), space.quota_bytes, work.session.scalar(files) or 0)


def item_names(work: Work, item_ids: Iterable[str]) -> dict[str, str]:
    """The names of those of these items that the actor may see, also of their own that lie in the trash."""
    wanted = [one for one in dict.fromkeys(item_ids) if is_id(one)]
    if not wanted:
        return {}
    up = upwards(wanted)
    above = aliased(Item)
    thrown_away = exists(
        select(up.c.id)
        .join(above, above.id == up.c.ancestor_id)
        .where(up.c.id == Item.id, above.trashed_at.is_not(None))
    )
    rows = work.session.execute(
        select(Item.id, Item.name)
        .join(Space, Space.id == Item.space_id)
        .where(Item.id.in_(wanted), or_(owned(work), visible(work, up, Item.__table__.c.id) & ~thrown_away))
    )
    return {row.id: row.name for row in rows}


def _previews(work: Work, version_id: str | None) -> tuple[PreviewView, ...]:
    rows = work.session.execute(
        select(Preview.size_name, Preview.width, Preview.height)
        .where(Preview.version_id == version_id, Preview.blob_id.is_not(None))
        .order_by(Preview.size_name)
    )
    return tuple(PreviewView(name, width, height) for name, width, height in rows)


def _cursor_id(cursor: str) -> str:
    item_id = read_cursor(cursor, 1)[0]
    if not isinstance(item_id, str) or not is_id(item_id):
        raise NotAcceptable(field="cursor")
    return item_id
