"""What a file looks like, beside its description: a picture, pages, the beginning of a text, a player."""

from dataclasses import dataclass

from flask import Response, request
from sqlalchemy import select

from workspace.cloud.models import Preview
from workspace.cloud.previews import OpenedPreview, open_preview, rights_to_look, text_preview
from workspace.cloud.things import locate_item
from workspace.cloud.views import Entry
from workspace.db.work import Work
from workspace.http.request import carries_bytes, current_actor, refusable, runtime
from workspace.http.streaming import send_blob
from workspace.kernel.actors import Door
from workspace.kernel.errors import Damaged, StorageUnavailable
from workspace.render.protocol import kind_of
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action
from workspace.web.files.blueprint import files

LARGE = "large"
PLAYED = ("audio", "video")
PICTURED = ("image/", "application/pdf")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a file: a page of a document, or the picture itself in a moderate size."""

    size_name: str
    number: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Shown:
    """How the page shows a file. `how`: pictures, text, audio, video, waiting (one is being made), none."""

    how: str
    text: str = ""
    pictures: tuple[Picture, ...] = ()


def shown_of(work: Work, entry: Entry) -> Shown:
    """How to show a file, by its type and by what could be made of it. Somebody else's text is written down as seen."""
    how = entry.media_type.partition("/")[0]
    if how in PLAYED:
        return Shown(how)
    if kind_of(entry.media_type) == "text":
        return _text_of(work, entry)
    rows = work.session.execute(
        select(Preview.size_name, Preview.width, Preview.height, Preview.blob_id).where(
            Preview.version_id == entry.version_id
        )
    ).all()
    pictures = tuple(
        sorted(
            (
                Picture(row.size_name, int(row.size_name.removeprefix(LARGE) or 1), row.width, row.height)
                for row in rows
                if row.blob_id and row.size_name.startswith(LARGE)
            ),
            key=lambda one: one.number,
        )
    )
    if pictures:
        return Shown("pictures", pictures=pictures)
    waiting = not rows and entry.media_type.startswith(PICTURED) and entry.size > 0
    return Shown("waiting" if waiting else "none")


def _text_of(work: Work, entry: Entry) -> Shown:
    try:
        with refusable():
            text = text_preview(work, entry.id)
    except (Damaged, StorageUnavailable):
        text = None  # whoever opens the file is told; its page shows where another version lies
    return Shown("text", text) if text is not None else Shown("none")


@files.get("/item/<item_id>/preview")
@carries_bytes
def preview(item_id: str) -> Response:
    """A picture of a file: `size` small, large, large2, …; its opening is written down like that of the file."""
    size = request.args.get("size", LARGE)[:8]
    opened = _opened(item_id, size)
    return send_blob(
        opened.reader,
        again=lambda work: rights_to_look(work, item_id),
        name=f"{size}.webp",
        media_type=opened.media_type,
        etag=f"{opened.version_id}.{size}",
        modified=opened.made_at,
        inline=True,
    )


def _opened(item_id: str, size: str) -> OpenedPreview:
    """Owners only read, as pictures in their lists are many; for others a line is written first."""
    instance, actor = runtime(), current_actor().through(Door.PREVIEW)
    with instance.reading(actor) as work:
        _item, thing = locate_item(work, item_id)
        if authorize(work, Action.LOOK, thing).owner:
            return open_preview(work, item_id, size)
    with instance.writing(actor) as work:
        opened = open_preview(work, item_id, size)
        work.commit()
    return opened
