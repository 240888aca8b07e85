"""Files and folders: read, make, rename, move, describe, copy, throw away, find."""

from typing import Any

from flask import request

from workspace.api.conditions import require_match
from workspace.api.jobs import accepted, prefers_async
from workspace.api.operations import Answer, Operations
from workspace.api.paging import next_link
from workspace.api.shapes import items as shapes
from workspace.cloud import queries, search, service, transfer, trash
from workspace.cloud.errands import ask_for_copy, takes_long
from workspace.cloud.things import hold_item
from workspace.cloud.views import Crumb, Entry
from workspace.http.request import current_work, writes
from workspace.kernel.errors import Forbidden, Locked, NameTaken, OverQuota, WrongState

operations = Operations("items")


@operations("GET", "/items/{item_id}", "One file or folder", response=shapes.Item, conditional=True)
def show_item(item_id: str) -> shapes.Item:
    """Everything but its bytes."""
    found = queries.item(current_work(), item_id)
    return shapes.Item(
        **entry_values(found.entry),
        sha256=found.sha256,
        note=found.note,
        path=crumbs(found.path),
        level=found.level.word,
        previews=[shapes.PreviewSize(name=one.name, width=one.width, height=one.height) for one in found.previews],
    )


@operations(
    "PATCH",
    "/items/{item_id}",
    "Rename, move or describe",
    request=shapes.ItemChange,
    response=shapes.Item,
    conditional=True,
    errors=(Forbidden, Locked, NameTaken, WrongState),
)
def change_item(item_id: str, body: shapes.ItemChange) -> shapes.Item:
    """All of it or nothing. Moved onto a file of the same name, a file becomes that file's next version: then the
    answer is about the file that is there afterwards."""
    work = current_work()
    _require_seen(item_id)
    if body.kind is not None or body.note is not None or body.captured_at is not None:
        service.describe(work, item_id, kind=body.kind, note=body.note, captured_at=body.captured_at)
    if body.parent is not None:
        item_id = transfer.move(work, item_id, body.parent, body.name).id
    elif body.name is not None:
        service.rename(work, item_id, body.name)
    work.session.flush()
    return show_item(item_id)


@operations(
    "DELETE", "/items/{item_id}", "Throw away", status=204, conditional=True, errors=(Forbidden, Locked, WrongState)
)
def trash_item(item_id: str) -> Answer:
    """Into the trash, from which it can be taken back."""
    _require_seen(item_id)
    trash.trash(current_work(), item_id)
    return Answer()


@operations(
    "GET",
    "/items/{item_id}/children",
    "What lies in a folder",
    query=shapes.ChildrenQuery,
    response=shapes.Entries,
)
@writes  # a look into somebody else's folder is written down first
def list_children(item_id: str, query: shapes.ChildrenQuery) -> shapes.Entries:
    page = queries.folder(
        current_work(), item_id, query.sort, query.order == "desc", query.cursor, query.limit, query.kind
    )
    return shapes.Entries(
        items=[shapes.Entry(**entry_values(one)) for one in page.entries],
        total=page.total,
        next=next_link(page.cursor),
    )


@operations(
    "POST",
    "/items/{item_id}/children",
    "Make a folder",
    request=shapes.FolderNew,
    response=shapes.Item,
    status=201,
    errors=(Forbidden, Locked, NameTaken, WrongState),
)
def make_folder(item_id: str, body: shapes.FolderNew) -> Answer:
    made = service.make_folder(current_work(), item_id, body.name)
    return Answer(show_item(made.id), headers={"Location": f"/api/v1/items/{made.id}"})


@operations(
    "POST",
    "/items/{item_id}/copy",
    "Copy",
    request=shapes.CopyNew,
    response=shapes.Item,
    status=201,
    accepts=True,
    errors=(Forbidden, Locked, NameTaken, WrongState, OverQuota),
)
def copy_item(item_id: str, body: shapes.CopyNew) -> Answer:
    """A file or a whole folder, into any folder that the person may add to. No bytes are copied. What has more than
    1,000 files and folders, and whatever is asked for with `Prefer: respond-async` (RFC 7240), the worker copies."""
    if prefers_async() or takes_long(current_work(), item_id):
        return accepted(ask_for_copy(current_work(), item_id, body.parent, body.name))
    made = transfer.copy(current_work(), item_id, body.parent, body.name)
    return Answer(show_item(made.id), headers={"Location": f"/api/v1/items/{made.id}"})


@operations("GET", "/search", "Find by name", query=shapes.SearchQuery, response=shapes.Hits)
def find_items(query: shapes.SearchQuery) -> shapes.Hits:
    """In the person's own clouds and in what is shared with them."""
    page = search.search(current_work(), query.q, query.cursor, query.limit)
    return shapes.Hits(
        items=[shapes.Hit(**entry_values(one.entry), path=crumbs(one.path), mine=one.mine) for one in page.hits],
        next=next_link(page.cursor),
    )


@operations("GET", "/recent", "What was changed last", query=shapes.RecentQuery, response=shapes.Recent)
def list_recent(query: shapes.RecentQuery) -> shapes.Recent:
    """Of the person's own files, the newest first."""
    found = search.recent(current_work(), query.limit)
    return shapes.Recent(items=[shapes.Entry(**entry_values(one.entry)) for one in found])


def _require_seen(item_id: str) -> None:
    """Go on only if the program has seen the item as it is. Raises NotFound, PreconditionFailed."""
    if "If-Match" in request.headers:
        hold_item(current_work(), item_id)
    require_match(show_item(item_id))


def entry_values(one: Entry) -> dict[str, Any]:
    """What every shape of an item begins with."""
    return {
        "id": one.id,
        "parent": one.parent_id,
        "name": one.name,
        "folder": one.is_folder,
        "size": one.size,
        "media_type": one.media_type,
        "kind": one.kind,
        "version": one.version_id,
        "number": one.version,
        "children": one.children,
        "captured_at": one.captured_at,
        "made_at": one.made_at,
        "changed_at": one.changed_at,
    }


def crumbs(path: tuple[Crumb, ...]) -> list[shapes.Crumb]:
    """The way to an item."""
    return [shapes.Crumb(id=one.id, name=one.name) for one in path]
