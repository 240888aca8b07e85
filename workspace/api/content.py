"""The bytes of files: open, store, replace; history."""

from flask import Response, request

from workspace.api.conditions import matched_version
from workspace.api.operations import Answer, Operations
from workspace.api.paging import paged
from workspace.api.received import media_type, received
from workspace.api.shapes import items as shapes
from workspace.api.values import PageQuery
from workspace.cloud import queries, service
from workspace.cloud.models import Version
from workspace.cloud.replacing import add_version, expect_version
from workspace.cloud.versions import restore_version as make_newest
from workspace.http.request import carries_bytes, current_actor, current_work, runtime
from workspace.http.streaming import send_blob
from workspace.kernel.errors import Forbidden, Locked, NameTaken, OverQuota, PreconditionFailed, WrongState
from workspace.kernel.facts import FactKind

operations = Operations("content")


@operations(
    "GET",
    "/items/{item_id}/content",
    "The bytes of a file",
    query=shapes.ContentQuery,
    gives_bytes="*/*",
    ranged=True,
)
@carries_bytes
def open_content(item_id: str, query: shapes.ContentQuery) -> Response:
    """Whole or a range. The `ETag` is the id of the version."""
    with runtime().writing(current_actor()) as work:
        opened = service.open_file(work, item_id, query.version, FactKind.DOWNLOADED)
        work.commit()
    return send_blob(
        opened.reader,
        again=lambda work: service.rights_to_open(work, item_id),
        name=opened.item.name,
        media_type=opened.version.media_type,
        etag=opened.version.id,
        modified=opened.version.made_at,
    )


@operations(
    "PUT",
    "/items/{item_id}/content",
    "New bytes for a file",
    response=shapes.Stored,
    takes_bytes=True,
    errors=(Forbidden, Locked, WrongState, OverQuota),
)
@carries_bytes
def replace_content(item_id: str) -> Answer:
    """They become its next version. With `If-Match: "version"` only if that is still the newest."""
    instance, actor = runtime(), current_actor()
    with instance.reading(actor) as work:
        present = queries.item(work, item_id).entry
        expected = matched_version(present.version_id)
        expect_version(work, item_id, request.content_length, if_version=expected)
    with received() as sealed, instance.writing(actor) as work:
        version = add_version(work, item_id, sealed, media_type=media_type(), if_version=expected)
        work.commit()
    return _stored(version, replaced=True)


@operations(
    "PUT",
    "/items/{item_id}/files/{name}",
    "Store a file in a folder",
    response=shapes.Stored,
    status=201,
    otherwise=200,
    takes_bytes=True,
    errors=(Forbidden, Locked, NameTaken, WrongState, OverQuota, PreconditionFailed),
)
@carries_bytes
def store_file(item_id: str, name: str) -> Answer:
    """`item_id` is the folder. A file of this name gets a new version (then the answer is 200 and `replaced` is true);
    with `If-None-Match: *` the name has to be free."""
    instance, actor = runtime(), current_actor()
    seen = service.ABSENT if request.if_none_match.star_tag else _seen()
    with instance.reading(actor) as work:
        service.expect_file(work, item_id, name, request.content_length, if_version=seen)
    with received() as sealed, instance.writing(actor) as work:
        added = service.add_file(work, item_id, name, sealed, media_type=media_type(), if_version=seen)
        work.commit()
    answer = _stored(added.version, replaced=added.replaced)
    if not added.replaced:
        answer.headers["Location"] = f"/api/v1/items/{added.item.id}"
    return answer


@operations(
    "GET",
    "/items/{item_id}/versions",
    "The history of a file, newest first",
    query=PageQuery,
    response=shapes.Versions,
    conditional=True,
)
def list_versions(item_id: str, query: PageQuery) -> shapes.Versions:
    found, following = paged(queries.versions(current_work(), item_id), query, lambda one: one.id)
    return shapes.Versions(
        items=[
            shapes.Version(
                id=one.id,
                number=one.number,
                size=one.size,
                sha256=one.sha256,
                media_type=one.media_type,
                made_at=one.made_at,
                newest=one.newest,
                restored_from=one.restored_from,
            )
            for one in found
        ],
        next=following,
    )


@operations(
    "POST",
    "/items/{item_id}/versions/{version_id}/restore",
    "Make an old version the newest again",
    response=shapes.Stored,
    status=201,
    errors=(Forbidden, Locked, OverQuota),
)
def restore_version(item_id: str, version_id: str) -> Answer:
    """As a new version: nothing of the history is lost."""
    made = _stored(make_newest(current_work(), item_id, version_id), replaced=True)
    return Answer(made.shape, 201, made.headers)


def _seen() -> str | None:
    """The version that the program says it replaces. Raises PreconditionFailed for a tag that is none of ours."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    tags = list(request.if_match)
    if len(tags) != 1:
        raise PreconditionFailed()
    return str(tags[0])


def _stored(version: Version, *, replaced: bool) -> Answer:
    shape = shapes.Stored(
        item=version.item_id, version=version.id, size=version.size, sha256=version.sha256, replaced=replaced
    )
    return Answer(shape, 200 if replaced else 201, {"ETag": f'"{version.id}"'})
