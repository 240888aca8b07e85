"""The trash: what lies in it, take back, delete for good."""

from workspace.api.items import crumbs, entry_values, show_item
from workspace.api.operations import Answer, Operations
from workspace.api.paging import next_link
from workspace.api.shapes import items as shapes
from workspace.cloud import queries, trash
from workspace.cloud.own import own_spaces
from workspace.http.request import current_work
from workspace.kernel.errors import Forbidden, Locked, NotFound, WrongState

operations = Operations("trash")


@operations(
    "GET",
    "/trash",
    "What was thrown away",
    query=shapes.TrashQuery,
    response=shapes.Trash,
    errors=(NotFound, Forbidden),
)
def list_trash(query: shapes.TrashQuery) -> shapes.Trash:
    work = current_work()
    space_id = query.space or next((one.id for one in own_spaces(work)), None)
    if space_id is None:
        return shapes.Trash(items=[], next=None)
    page = queries.trash_list(work, space_id, query.cursor, query.limit)
    return shapes.Trash(
        items=[
            shapes.Trashed(**entry_values(one.entry), trashed_at=one.entry.trashed_at, path=crumbs(one.path))
            for one in page.lines
        ],
        next=next_link(page.cursor),
    )


@operations(
    "POST",
    "/trash/{item_id}/restore",
    "Take back out of the trash",
    request=shapes.RestoreTo,
    response=shapes.Item,
    errors=(Forbidden, Locked, WrongState),
)
def restore_item(item_id: str, body: shapes.RestoreTo) -> shapes.Item:
    """To where it lay, or where its folder is gone to the beginning of the cloud; under a free name where its own is
    taken."""
    work = current_work()
    trash.restore(work, item_id, body.parent)
    work.session.flush()
    return show_item(item_id)


@operations(
    "DELETE",
    "/trash",
    "Delete everything in it for good",
    query=shapes.TrashOf,
    response=shapes.Emptied,
    errors=(NotFound, Forbidden),
)
def empty_trash(query: shapes.TrashOf) -> shapes.Emptied:
    """There is no way back. What a case needs stays."""
    work = current_work()
    space_id = query.space or next((one.id for one in own_spaces(work)), None)
    return shapes.Emptied(deleted=trash.empty_trash(work, space_id) if space_id else 0)


@operations("DELETE", "/trash/{item_id}", "Delete for good", status=204, errors=(Forbidden, WrongState))
def delete_item(item_id: str) -> Answer:
    """With everything in it and all versions. There is no way back."""
    trash.delete_for_good(current_work(), item_id)
    return Answer()
