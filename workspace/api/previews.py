"""What files look like: pictures, the beginning of a text, and many files as one ZIP."""

from flask import Response

from workspace.api.operations import Operations
from workspace.api.shapes import items as shapes
from workspace.cloud.archive import ArchiveStream, plan_archive
from workspace.cloud.previews import PICTURE_TYPE, open_preview, text_preview
from workspace.cloud.service import rights_to_open
from workspace.http.request import carries_bytes, current_actor, current_work, runtime, writes
from workspace.http.streaming import send_blob, send_stream
from workspace.kernel.errors import Forbidden, NotFound

operations = Operations("looks and ZIPs")


@operations(
    "GET",
    "/items/{item_id}/preview",
    "A picture of a file",
    query=shapes.PreviewQuery,
    gives_bytes=PICTURE_TYPE,
    ranged=True,
)
@carries_bytes
def open_picture(item_id: str, query: shapes.PreviewQuery) -> Response:
    """Which ones there are, `previews` of the item says. Its opening is written down like that of the file."""
    with runtime().writing(current_actor()) as work:
        opened = open_preview(work, item_id, query.size, query.version)
        work.commit()
    return send_blob(
        opened.reader,
        again=lambda work: rights_to_open(work, item_id),
        name=f"{query.size}.webp",
        media_type=opened.media_type,
        etag=f"{opened.version_id}.{query.size}",
        modified=opened.made_at,
    )


@operations("GET", "/items/{item_id}/text", "The beginning of a text", query=shapes.ContentQuery, response=shapes.Text)
@writes  # a look at somebody else's text is written down first
def open_text(item_id: str, query: shapes.ContentQuery) -> shapes.Text:
    """Null for what is no text, and for an empty one."""
    return shapes.Text(text=text_preview(current_work(), item_id, query.version))


@operations(
    "GET",
    "/zip",
    "Files and whole folders as one ZIP",
    query=shapes.ZipQuery,
    gives_bytes="application/zip",
    errors=(NotFound, Forbidden),
)
@carries_bytes
def open_zip(query: shapes.ZipQuery) -> Response:
    """Streamed, of known length, uncompressed. A revocation on the way cuts it off."""
    instance, actor = runtime(), current_actor()
    with instance.writing(actor) as work:
        archive = plan_archive(work, query.item)
        work.commit()
    stream = ArchiveStream(instance, actor, archive)
    name = f"{archive.name or 'files'}.zip"
    answer = send_stream(iter(stream), again=stream.rights, name=name, media_type="application/zip")
    answer.content_length = stream.length
    return answer
