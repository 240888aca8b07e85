"""Uploads in pieces (tus 1.0.0): each is sealed and durable before it is acknowledged; any worker goes on with it.

Three phases, so that no Work is open while bytes travel: `begin_append` decides, an `Appender` takes the bytes, and
`end_append` writes down which parts are there. `finish_upload` makes the file. `receive` does all of it in turn.

Room is reserved when an upload is opened. Two uploads of one name never mix: each has a blob of its own, and whichever
is finished later becomes the newer version.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from workspace.cloud.blobs import BlobReader, SealedBlob, part_rows, parts_of
from workspace.cloud.entries import check_kind
from workspace.cloud.models import Part, Space, Upload
from workspace.cloud.parts import PartsWriter, SealedPart, discard
from workspace.cloud.quota import charge
from workspace.cloud.service import AddedFile, add_file, expect_file
from workspace.cloud.upload_rows import (
    FINAL,
    LIFE,
    UploadView,
    data_key,
    end,
    forget_rows,
    open_row,
    own_upload,
    view,
)
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import (
    ChecksumMismatch,
    DomainError,
    Forbidden,
    LengthMismatch,
    NotAcceptable,
    TooLarge,
    WrongState,
)
from workspace.kernel.ports import Ports
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action

MOST_PARTS = 20_000
METADATA = ("media_type", "kind", "sha256")
_HASH = re.compile("[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Appended:
    """Bytes that are durable and not yet written down. `sha256` is of the whole file, where all of it came at once."""

    offset: int
    size: int
    parts: tuple[SealedPart, ...]
    sha256: bytes | None


class Appender:
    """Takes the bytes of one PATCH and seals them into parts of their own."""

    def __init__(self, ports: Ports, key: bytes, blob_id: str, first: int, offset: int, length: int) -> None:
        self._parts = PartsWriter(ports.objects, key, blob_id, first)
        self._hash = hashlib.sha256()
        self._offset = offset
        self._length = length
        self._size = 0

    def write(self, data: memoryview) -> None:
        """Take bytes. Raises TooLarge beyond the announced length, StorageFull, StorageUnavailable."""
        if self._offset + self._size + len(data) > self._length:
            raise TooLarge(limit=self._length)
        self._hash.update(data)
        self._parts.write(data)
        self._size += len(data)

    def finish(self, checksum: bytes | None = None) -> Appended:
        """Make durable what came, also where the connection was cut: that much need not be sent again.

        `checksum` is the announced SHA-256 of this piece. Raises ChecksumMismatch, and then keeps nothing of it.
        """
        digest = self._hash.digest()
        if checksum is not None and not hmac.compare_digest(checksum, digest):
            self.abort()
            raise ChecksumMismatch()
        parts = self._parts.finish() if self._size else ()
        whole = self._offset == 0 and self._size == self._length
        return Appended(self._offset, self._size, parts, digest if whole else None)

    def abort(self) -> None:
        """Delete what was written. Never raises."""
        self._parts.abort()


def create_upload(work: Work, folder_id: str, name: str, length: int, **metadata: str) -> UploadView:
    """Open an upload and reserve its room. `metadata`: media_type, kind, sha256 (hex, compared at the end).

    Raises what `expect_file` raises, NotAcceptable for metadata that nobody knows.
    """
    if length < 0:
        raise NotAcceptable(field="length")
    check_metadata(metadata)
    place = expect_file(work, folder_id, name, length)
    charge(work, str(place.space_id), length)
    return view(open_row(work, place, length, {"name": name, **metadata}))


def check_metadata(metadata: Mapping[str, str]) -> None:
    """Raises NotAcceptable for a name that nobody knows, for a hash and a kind that are none."""
    if not metadata.keys() <= set(METADATA) or not _HASH.fullmatch(metadata.get("sha256", 64 * "0")):
        raise NotAcceptable(field="metadata")
    check_kind(metadata.get("kind", "other"))


def upload_state(work: Work, upload_id: str) -> UploadView:
    """Where an upload stands. Raises NotFound, also for an ended one and for somebody else's."""
    return view(own_upload(work, upload_id))


def begin_append(work: Work, upload_id: str, offset: int) -> Appender:
    """Take the next bytes of an upload. Raises NotFound, WrongState where `offset` is not where it stands, Forbidden
    for one that is put together from others."""
    upload = own_upload(work, upload_id)
    if upload.concat == FINAL:
        raise Forbidden("This upload is put together from others; it takes no bytes of its own.")
    if upload.item_id is not None or offset != upload.offset:
        raise WrongState("The upload stands elsewhere; ask where, and go on from there.", offset=upload.offset)
    count = work.session.scalar(select(func.count()).select_from(Part).where(Part.blob_id == upload.blob_id)) or 0
    if count >= MOST_PARTS:
        raise TooLarge("This upload came in too many pieces; send larger ones.", limit=MOST_PARTS)
    return Appender(work.ports, data_key(work, upload), upload.blob_id, count, offset, upload.length)


def end_append(work: Work, upload_id: str, appended: Appended) -> UploadView:
    """Write down the bytes that came. Raises WrongState where another request has sent the same piece meanwhile: then
    the caller discards its own."""
    upload = own_upload(work, upload_id)
    moved = work.session.execute(
        update(Upload)
        .where(Upload.id == upload_id, Upload.offset == appended.offset, Upload.item_id.is_(None))
        .values(offset=appended.offset + appended.size, expires_at=work.now + LIFE)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongState("The upload stands elsewhere; ask where, and go on from there.", offset=upload.offset)
    if appended.parts:
        work.session.execute(insert(Part), part_rows(upload.blob_id, appended.parts))
    work.session.refresh(upload)
    return view(upload)


def content_to_hash(work: Work, upload_id: str) -> BlobReader:
    """A reader of all that came, for the hash of an upload that came in more than one piece.

    The state of SHA-256 cannot be carried from one worker to another (no library hands it out), so the whole is read
    once more: and every seal is verified before the file is acknowledged.
    """
    upload = own_upload(work, upload_id)
    if upload.offset != upload.length:
        raise LengthMismatch(announced=upload.length, came=upload.offset)
    parts = parts_of(work, upload.blob_id)
    return BlobReader(work.ports.objects, upload.blob_id, upload.length, b"", data_key(work, upload), parts, None)


def finish_upload(work: Work, upload_id: str, sha256: bytes) -> AddedFile | None:
    """Make the file of an upload whose bytes are all there. None where it has been made before.

    Raises LengthMismatch, ChecksumMismatch, and what `add_file` raises: the right is asked for anew.
    """
    upload = own_upload(work, upload_id, lock=True)
    if upload.item_id is not None:
        return None
    if upload.offset != upload.length:
        raise LengthMismatch(announced=upload.length, came=upload.offset)
    metadata = upload.metadata_
    if metadata.get("sha256", sha256.hex()).lower() != sha256.hex():
        raise ChecksumMismatch()
    key, parts = data_key(work, upload), parts_of(work, upload.blob_id)
    # the blob's rows are written anew by `add_file`, in the same transaction
    forget_rows(work, [upload.blob_id])
    sealed = SealedBlob(upload.blob_id, upload.length, sha256, parts, None, key)
    added = add_file(
        work, upload.parent_id, metadata["name"], sealed, media_type=metadata.get("media_type"),
        kind=metadata.get("kind"), charged_in=upload.space_id,
    )  # fmt: skip
    upload.item_id = added.item.id
    work.session.flush()
    return added


def cancel_upload(work: Work, upload_id: str) -> None:
    """End an upload and give its room back; a finished one's file stays. With one that is put together from others,
    these end. Raises NotFound, WrongState for a piece of one."""
    upload = own_upload(work, upload_id, lock=True)
    if upload.final_id is not None:
        raise WrongState("It is being put together with others.")
    end(work, upload)


def end_old_uploads(work: Work, limit: int = 50) -> int:
    """For the worker: end uploads that nobody went on with for a week, at most `limit`; returns how many."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    whole = aliased(Upload)
    # pieces end with what is put together from them, unless that has gone with its folder
    alone = or_(Upload.final_id.is_(None), ~exists().where(whole.id == Upload.final_id))
    old = work.session.scalars(select(Upload).where(Upload.expires_at < work.now, alone).limit(limit)).all()
    for upload in old:
        end(work, upload)
    return len(old)


def end_unheld_uploads(work: Work, may_go_on: Callable[[Upload], bool]) -> int:
    """For the worker: end those uploads into clouds of others that may not go on; returns how many."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    others = (
        select(Upload)
        .join(Space, Space.id == Upload.space_id)
        .where(Upload.item_id.is_(None), Upload.final_id.is_(None), Upload.person_id.is_distinct_from(Space.owner_id))
    )
    gone = [one for one in work.session.scalars(others) if not may_go_on(one)]
    for upload in gone:
        end(work, upload)
    return len(gone)


def receive(
    runtime: Runtime,
    actor: Actor,
    upload_id: str,
    offset: int,
    pieces: Iterable[memoryview],
    checksum: bytes | None = None,
) -> UploadView:
    """One PATCH, all phases in turn; the file is made when all bytes are there.

    Where the pieces break off (a cut connection), what came is kept and the error goes on, unless a checksum was
    announced: half a piece cannot be checked. Also makes the file of an upload whose last bytes came and whose worker
    died before it was made: call it with the offset that the upload has and no pieces.
    """
    with runtime.reading(actor) as work:
        state = upload_state(work, upload_id)
        if state.item_id is not None and offset == state.offset:
            return state
        appender = begin_append(work, upload_id, offset)
    appended, broken = _take(appender, pieces, checksum)
    try:
        with runtime.writing(actor) as work:
            state = end_append(work, upload_id, appended)
            if state.becomes_a_file and appended.sha256 is not None:
                finish_upload(work, upload_id, appended.sha256)
                state = upload_state(work, upload_id)
            work.commit()
    except DomainError:
        # Refused before the commit. After anything else the commit may have stood: the sweep tells by the rows.
        discard(runtime.ports.objects, appended.parts)
        raise
    if broken is not None:
        raise broken
    return complete(runtime, actor, upload_id) if state.becomes_a_file else state


def complete(runtime: Runtime, actor: Actor, upload_id: str) -> UploadView:
    """Hash an upload whose bytes are all there, and make its file."""
    with runtime.reading(actor) as work:
        state = upload_state(work, upload_id)
        if state.item_id is not None:
            return state
        reader = content_to_hash(work, upload_id)
    digest = hashlib.sha256()
    for piece in reader.stream():
        digest.update(piece)
    with runtime.writing(actor) as work:
        finish_upload(work, upload_id, digest.digest())
        state = upload_state(work, upload_id)
        work.commit()
    return state


def _take(
    appender: Appender, pieces: Iterable[memoryview], checksum: bytes | None
) -> tuple[Appended, Exception | None]:
    broken: Exception | None = None
    try:
        try:
            for piece in pieces:
                appender.write(piece)
        except (LengthMismatch, OSError) as error:
            if checksum is not None:
                raise
            broken = error
        return appender.finish(checksum), broken
    except BaseException:
        appender.abort()
        raise
