"""The rows of uploads in pieces: opened, found again by who sends them, ended. The verbs that ask stand beside."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from workspace.cloud.blobs import parts_of
from workspace.cloud.models import Part, Upload, WrappedKey
from workspace.cloud.parts import discard
from workspace.cloud.quota import charge
from workspace.cloud.things import locate_folder
from workspace.db.work import Work
from workspace.kernel.errors import NotFound
from workspace.kernel.ids import is_id, new_id
from workspace.kernel.things import Located
from workspace.sharing.authorize import authorize, verdict_on
from workspace.sharing.rule import Action
from workspace.storage.wrapping import new_data_key, unwrap, wrap

LIFE = timedelta(days=7)
PARTIAL, FINAL = "partial", "final"


@dataclass(frozen=True, slots=True)
class UploadView:
    """Where an upload stands. `item_id` is set once its file is there; `complete`: all bytes have come.

    `concat`: "partial", "final" or empty; `partials` are the ids of a final one's pieces, in order.
    """

    id: str
    name: str
    folder_id: str
    offset: int
    length: int
    expires_at: datetime
    item_id: str | None
    concat: str = ""
    partials: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return self.offset == self.length

    @property
    def becomes_a_file(self) -> bool:
        """Whether a file is to be made of what has come."""
        return self.complete and self.item_id is None and not self.concat


def open_row(work: Work, place: Located, length: int, metadata: dict[str, Any], concat: str = "") -> Upload:
    """The row of an upload into a folder, with a data key for the bytes to come. Its room has been charged."""
    space_id = str(place.space_id)
    upload = Upload(
        id=new_id(),
        space_id=space_id,
        parent_id=place.id,
        person_id=work.actor.person_id,
        link_id=_link_of(work, place),
        visitor=work.actor.visitor,
        blob_id=new_id(),
        length=length,
        reserved=length,
        concat=concat,
        metadata_=metadata,
        made_at=work.now,
        expires_at=work.now + LIFE,
        item_id=None,
    )
    work.session.add(upload)
    if concat != FINAL:
        wrapped = wrap(new_data_key(), work.ports.keyring.key(space_id), upload.blob_id, space_id)
        work.session.add(WrappedKey(blob_id=upload.blob_id, space_id=space_id, wrapped=wrapped))
    work.session.flush()
    return upload


def own_upload(work: Work, upload_id: str, *, lock: bool = False) -> Upload:
    """The actor's own upload that has not ended, into a folder that they may still add to."""
    query = select(Upload).where(Upload.id == upload_id, Upload.expires_at > work.now, Upload.chunk_folder.is_(None))
    if lock and not work.on_sqlite:
        query = query.with_for_update().execution_options(populate_existing=True)
    upload = work.session.scalar(query) if is_id(upload_id) else None
    if upload is None or (upload.person_id, upload.visitor) != (work.actor.person_id, work.actor.visitor):
        raise NotFound()
    _, place = locate_folder(work, upload.parent_id)
    authorize(work, Action.SEE, place)
    return upload


def _link_of(work: Work, place: Located) -> str | None:
    """By which link somebody who is not signed in may add to a folder."""
    grant = verdict_on(work, place).grant
    return grant.subject.id if grant is not None and work.actor.person_id is None else None


def end(work: Work, upload: Upload, *, give_back: bool = True) -> None:
    """Delete an upload and, where no file came of them, its bytes; without `give_back` something else takes its room.
    Whoever calls has asked whose it is."""
    if upload.concat == FINAL and upload.item_id is None:
        for piece in work.session.scalars(select(Upload).where(Upload.final_id == upload.id)).all():
            end(work, piece)
    if upload.item_id is None:
        parts = parts_of(work, upload.blob_id)
        forget_rows(work, [upload.blob_id])
        if give_back:
            charge(work, upload.space_id, -upload.reserved)
        objects = work.ports.objects
        work.after_commit(lambda: discard(objects, parts))
    work.session.delete(upload)
    work.session.flush()


def forget_rows(work: Work, blob_ids: list[str]) -> None:
    """Delete the rows of parts and keys of these blobs."""
    for table in (Part, WrappedKey):
        gone: Any = delete(table).where(table.blob_id.in_(blob_ids))
        work.session.execute(gone.execution_options(synchronize_session=False))


def data_key(work: Work, upload: Upload) -> bytes:
    """The key of an upload's bytes, through the space that they are for."""
    wrapped = work.session.scalar(
        select(WrappedKey.wrapped).where(WrappedKey.blob_id == upload.blob_id, WrappedKey.space_id == upload.space_id)
    )
    if wrapped is None:
        raise NotFound()
    return unwrap(wrapped, work.ports.keyring.key(upload.space_id), upload.blob_id, upload.space_id)


def view(upload: Upload) -> UploadView:
    """What is told of an upload."""
    return UploadView(
        upload.id,
        upload.metadata_["name"],
        upload.parent_id,
        upload.offset,
        upload.length,
        upload.expires_at,
        upload.item_id,
        upload.concat,
        tuple(upload.metadata_.get("partials", ())),
    )
