"""Previews: what a version looks like, made once by the worker, sealed and served like any other content.

A version of which none can be made has a row that says so, and is not tried again. Previews take no room of the quota.
The first lines of a text are read from the text itself, whenever somebody looks.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from workspace.cloud.blobs import BlobReader, BlobWriter, SealedBlob, forget, keep, open_blob
from workspace.cloud.entries import look, version_of
from workspace.cloud.models import Item, Preview, Version
from workspace.cloud.things import locate_item
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import WORKER
from workspace.kernel.errors import DomainError, NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE
from workspace.render.client import input_limit, render
from workspace.render.protocol import NotRenderable, Rendered, kind_of
from workspace.render.texts import ENOUGH, first_lines
from workspace.sharing.authorize import Right, authorize
from workspace.sharing.rule import Action

JOB = "preview.make"
SMALL = "small"
PICTURE_TYPE = "image/webp"


@dataclass(frozen=True, slots=True)
class OpenedPreview:
    """A picture whose opening is written down."""

    reader: BlobReader
    version_id: str
    width: int
    height: int
    made_at: datetime
    media_type: str = PICTURE_TYPE


@dataclass(frozen=True, slots=True)
class Source:
    """What a preview is made of."""

    item_id: str
    space_id: str
    media_type: str
    reader: BlobReader


def open_preview(work: Work, item_id: str, size_name: str = SMALL, version_id: str | None = None) -> OpenedPreview:
    """A picture of a file (`small`, `large`, `large2`, …), and the line in the ledger: who sees it sees what is in it.

    Raises NotFound, also where there is no such picture; Forbidden, AccessEnded.
    """
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.LOOK, thing)
    version = version_of(work, item, version_id)
    row = work.session.get(Preview, (version.id, size_name))
    if row is None or row.blob_id is None:
        raise NotFound()
    look(work, FactKind.PREVIEWED, thing, verdict, version.id)
    reader = open_blob(work, row.blob_id, item.space_id)
    return OpenedPreview(reader, version.id, row.width, row.height, row.made_at)


def rights_to_look(work: Work, item_id: str) -> list[Right]:
    """What lets the actor see pictures of a file, for who has to ask again while their bytes travel."""
    _, thing = locate_item(work, item_id)
    return [Right(thing, authorize(work, Action.LOOK, thing))]


def text_preview(work: Work, item_id: str, version_id: str | None = None) -> str | None:
    """The first lines of a text, and the line in the ledger. None where there are none.

    Raises NotFound, Forbidden, AccessEnded, Damaged, StorageUnavailable.
    """
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.LOOK, thing)
    version = version_of(work, item, version_id)
    if kind_of(version.media_type) != "text":
        return None
    reader = open_blob(work, version.blob_id, item.space_id)
    try:
        text = first_lines(b"".join(map(bytes, reader.stream(0, min(version.size, ENOUGH)))))
    except NotRenderable:
        return None
    if text:
        look(work, FactKind.PREVIEWED, thing, verdict, version.id)
    return text or None


def make_previews(runtime: Runtime, version_id: str) -> bool:
    """For the worker: make the previews of a version. May be called again; returns whether there is something to see.

    Raises StorageUnavailable and its like, so that the job is tried again.
    """
    with runtime.reading(WORKER) as work:
        source = _source(work, version_id)
    if source is None:
        return False
    rendered = _render(source)
    sealed: list[tuple[Preview, SealedBlob]] = []
    try:
        for row, data in _rows(version_id, rendered):
            with BlobWriter(runtime.ports, runtime.settings) as writer:
                writer.write(data)
                sealed.append((row, writer.finish()))
        with runtime.writing(WORKER) as work:
            kept = _keep(work, version_id, source, sealed, rendered)
            work.commit()
    except DomainError:
        _forget(runtime, sealed)
        raise
    if not kept:
        _forget(runtime, sealed)
    return kept and bool(sealed)


def _source(work: Work, version_id: str) -> Source | None:
    """The content of a version that has no previews yet. The worker may open it for this and nothing else: a picture is
    made in a process apart, sealed again, and shown only to who may open the file."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    version = work.session.get(Version, version_id)
    done = select(Preview.version_id).where(Preview.version_id == version_id).limit(1)
    if version is None or work.session.scalar(done) is not None:
        return None
    item = work.session.get_one(Item, version.item_id)
    reader = open_blob(work, version.blob_id, item.space_id)
    return Source(item.id, item.space_id, version.media_type, reader)


def _render(source: Source) -> Rendered:
    limit = input_limit(source.media_type)
    size = source.reader.size
    if not 0 < size <= limit:
        return Rendered()
    try:
        return render(source.media_type, source.reader.stream(0, size))
    except NotRenderable:
        return Rendered()


def _rows(version_id: str, rendered: Rendered) -> list[tuple[Preview, bytes]]:
    return [
        (
            Preview(
                version_id=version_id, size_name=one.name, width=one.width, height=one.height, pages=rendered.pages
            ),
            one.data,
        )
        for one in rendered.pictures
    ]


def _keep(
    work: Work, version_id: str, source: Source, sealed: list[tuple[Preview, SealedBlob]], rendered: Rendered
) -> bool:
    authorize(work, Action.MAINTAIN, INSTANCE)
    if work.session.get(Version, version_id) is None or work.session.get(Preview, (version_id, SMALL)) is not None:
        return False  # deleted meanwhile, or another worker was faster
    for row, blob in sealed:
        keep(work, blob, source.space_id)
        row.blob_id, row.made_at = blob.blob_id, work.now
        work.session.add(row)
    if all(row.size_name != SMALL for row, _ in sealed):
        work.session.add(
            Preview(version_id=version_id, size_name=SMALL, blob_id=None, width=0, height=0, made_at=work.now)
        )
    item = work.session.get(Item, source.item_id)
    if item is not None and item.captured_at is None and rendered.captured is not None:
        item.captured_at = _instant(rendered.captured, work.settings.timezone)
    work.session.flush()
    return True


def _forget(runtime: Runtime, sealed: list[tuple[Preview, SealedBlob]]) -> None:
    for _, blob in sealed:
        forget(runtime.ports, blob)


def _instant(captured: datetime, zone: str) -> datetime:
    """A camera that knows no zone is taken to have stood in the instance's."""
    return captured if captured.tzinfo else captured.replace(tzinfo=ZoneInfo(zone))
