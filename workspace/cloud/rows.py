"""Rows as the lines of lists, and the part of a way that an actor may know. Reads use these once they have asked."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.orm import aliased

from workspace.cloud.models import Item, Preview, Space, Version
from workspace.cloud.views import Crumb, Entry
from workspace.db.work import Work
from workspace.kernel.actors import SubjectKind
from workspace.kernel.things import Located
from workspace.sharing.authorize import grants_for
from workspace.sharing.rule import Verdict

AT_ONCE = 500


def entry_of(work: Work, item_id: str) -> Entry:
    return entries(work, select(Item.id).where(Item.id == item_id).subquery(), [])[0]


def folder_entry(row: Item, children: int) -> Entry:
    """A folder whose row is at hand, as a line."""
    return Entry(
        row.id, row.space_id, row.parent_id, row.name, row.sort_name, True, 0, "", row.kind, None, 0, row.captured_at,
        row.made_at, row.changed_at, row.trashed_at, children, False, None, row.etag,
    )  # fmt: skip


def entries(work: Work, page: Subquery, order: Sequence[Any]) -> list[Entry]:
    """The lines of the items whose ids a subquery chooses, by one query. The page is cut before the rest is joined."""
    child = aliased(Item)
    children = (
        select(func.count())
        .select_from(child)
        .where(child.parent_id == Item.id, child.trashed_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(
            Item.id, Item.space_id, Item.parent_id, Item.name, Item.sort_name, Item.is_folder, Item.size,
            Item.media_type, Item.kind, Item.version_id, func.coalesce(Version.number, 0), Item.captured_at,
            Item.made_at, Item.changed_at, Item.trashed_at, children, Preview.blob_id.is_not(None), Preview.pages,
            func.coalesce(Item.folder_etag, Item.version_id, Item.id),
        )
        .join(page, page.c.id == Item.id)
        .outerjoin(Version, Version.id == Item.version_id)
        .outerjoin(Preview, (Preview.version_id == Item.version_id) & (Preview.size_name == "small"))
        .order_by(*order)
    )  # fmt: skip
    return [Entry(*row) for row in cast(Iterable[tuple[Any, ...]], work.session.execute(query))]


def owned(work: Work) -> ColumnElement[bool]:
    """The clause that a space is the actor's own."""
    return (Space.owner_kind == SubjectKind.PERSON.value) & (Space.owner_id == work.actor.person_id)


def known_part(work: Work, line: list[Item], thing: Located, verdict: Verdict) -> list[Item]:
    """The part of a line that the actor may know: all of their own; of others' what lies in what was shared."""
    if verdict.owner:
        return line
    held = [one for one in grants_for(work, work.actor.principals, thing.lineage) if one.holds_at(work.now)]
    shared = {one.thing_id for one in held}
    highest = max(number for number, one in enumerate(line) if one.id in shared)
    return line[: highest + 1]


def crumbs(line: Sequence[Item]) -> tuple[Crumb, ...]:
    return tuple(Crumb(one.id, one.name) for one in reversed(line))


def versions_by_id(work: Work, version_ids: Sequence[str]) -> dict[str, Version]:
    """These versions, some hundred a query."""
    found: dict[str, Version] = {}
    for start in range(0, len(version_ids), AT_ONCE):
        wanted = select(Version).where(Version.id.in_(version_ids[start : start + AT_ONCE]))
        found |= {one.id: one for one in work.session.scalars(wanted)}
    return found
