"""Uploads as folders of chunks that one move puts together: how sync clients send large files (Nextcloud chunking v1).

Each chunk is sealed into parts of the blob as it comes, on any node, in any order; they are put together by number.
Where the file will lie is told at the end, so the room is the person's own until then. Chunks that came in order become
the file as they are; where they did not, the content is sealed once more in its order, since a part is bound to its
place in the blob.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select

from workspace.cloud.blobs import BlobReader, BlobWriter, SealedBlob, part_rows, parts_of
from workspace.cloud.models import Chunk, Part, Upload, WrappedKey
from workspace.cloud.names import check_name
from workspace.cloud.parts import PartsWriter, SealedPart, discard
from workspace.cloud.quota import charge, room
from workspace.cloud.spaces import personal_space, root_of
from workspace.cloud.things import locate_folder
from workspace.cloud.upload_rows import data_key, end, forget_rows
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import DomainError, NameTaken, NotAcceptable, NotFound, OverQuota, TooLarge, WrongState
from workspace.kernel.ids import new_id
from workspace.sharing.authorize import authorize, require_signed_in
from workspace.sharing.rule import Action
from workspace.storage.wrapping import new_data_key, wrap

IDLE = timedelta(hours=24)
MOST_CHUNKS = 10_000
_NAME = re.compile(r"(\d{1,18})(?:-\d{1,18})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ChunkView:
    """A chunk that has come: its name, its place among the others, its size in bytes."""

    name: str
    number: int
    size: int


@dataclass(frozen=True, slots=True)
class ChunkFolder:
    """A folder of chunks, in the order in which they are put together."""

    name: str
    chunks: tuple[ChunkView, ...]
    made_at: datetime
    expires_at: datetime

    @property
    def size(self) -> int:
        return sum(one.size for one in self.chunks)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All chunks of a folder, in order, ready to become a file. `space_id`: where their room is charged."""

    upload_id: str
    space_id: str
    reader: BlobReader
    parts: tuple[SealedPart, ...]
    key: bytes = field(repr=False)

    @property
    def in_order(self) -> bool:
        """Whether they can stay as they are."""
        ordinals = [one.ordinal for one in self.parts]
        return bool(ordinals) and ordinals == sorted(ordinals)


def open_chunk_folder(work: Work, name: str, length: int | None = None) -> None:
    """A new folder for chunks. `length`: of the whole file in bytes, where the program tells.

    Raises NameNotAllowed, NameTaken, TooLarge, OverQuota, NotFound where the person has no cloud yet.
    """
    check_name(name)
    space_id, root_id = _home(work)
    if length is not None and length > work.settings.upload_limit:
        raise TooLarge(limit=work.settings.upload_limit)
    if length is not None and length > (left := room(work, space_id)):
        raise OverQuota(needed=length, free=left)
    old = _find(work, name)
    if old is not None and old.expires_at > work.now:
        raise NameTaken()
    if old is not None:
        end(work, old)
    upload = Upload(
        id=new_id(),
        space_id=space_id,
        parent_id=root_id,
        person_id=work.actor.person_id,
        blob_id=new_id(),
        length=0,
        reserved=0,
        offset=0,
        concat="",
        metadata_={"name": name},
        made_at=work.now,
        expires_at=work.now + IDLE,
        item_id=None,
        chunk_folder=name,
    )
    wrapped = wrap(new_data_key(), work.ports.keyring.key(space_id), upload.blob_id, space_id)
    work.session.add(upload)
    work.session.add(WrappedKey(blob_id=upload.blob_id, space_id=space_id, wrapped=wrapped))
    work.session.flush()


def chunk_folder(work: Work, name: str) -> ChunkFolder:
    """What has come of it so far. Raises NotFound."""
    upload = _mine(work, name)
    chunks = tuple(ChunkView(one.name, one.number, one.size or 0) for one in _come(work, upload))
    return ChunkFolder(name, chunks, upload.made_at, upload.expires_at)


def receive_chunk(
    runtime: Runtime, actor: Actor, folder: str, name: str, size: int | None, pieces: Iterable[memoryview]
) -> None:
    """Take a chunk; one of that name that has come before is replaced. `size`: as announced, None where it is not.

    No Work is open while its bytes travel; nothing of it is kept where it breaks off. Raises NotFound, NotAcceptable
    (field `name`), TooLarge, OverQuota, and what the pieces raise.
    """
    with runtime.writing(actor) as work:
        writer, first = _begin(work, folder, name, size)
        work.commit()
    try:
        came = 0
        for piece in pieces:
            came += len(piece)
            writer.write(piece)
        parts = writer.finish() if came else ()
    except BaseException:
        writer.abort()
        raise
    try:
        with runtime.writing(actor) as work:
            _end(work, folder, first, parts)
            work.commit()
    except DomainError:
        # refused before the commit; after anything else the sweep tells by the rows
        discard(runtime.ports.objects, parts)
        raise


def drop_chunk_folder(work: Work, name: str) -> None:
    """Forget a folder of chunks and give its room back. Raises NotFound."""
    end(work, _mine(work, name, lock=True))


def gather(work: Work, name: str) -> Gathered:
    """All chunks that have come. Raises NotFound."""
    upload = _mine(work, name)
    return _gathered(work, upload)


def join(runtime: Runtime, gathered: Gathered, seen: Callable[[memoryview], None]) -> SealedBlob:
    """Hash the content, showing each piece to `seen`, and make one blob of it. Every seal is verified on the way.

    Where that is another blob than the chunks were, `blobs.forget` takes it back. Raises Damaged, StorageUnavailable.
    """
    if gathered.in_order:
        hashed = _hashed(gathered, seen)
        return SealedBlob(gathered.reader.blob_id, gathered.reader.size, hashed, gathered.parts, None, gathered.key)
    with BlobWriter(runtime.ports, runtime.settings) as writer:
        for piece in gathered.reader.stream():
            seen(piece)
            writer.write(piece)
        return writer.finish()


def release(work: Work, name: str, gathered: Gathered, sealed: SealedBlob) -> None:
    """The folder ends; the verb that now stores `sealed` takes its room over (`charged_in`), in the same Work.

    Raises NotFound, WrongState where chunks have come or gone meanwhile.
    """
    upload = _mine(work, name, lock=True)
    if upload.id != gathered.upload_id or _gathered(work, upload).parts != gathered.parts:
        raise WrongState("More of this has come meanwhile; put it together again.")
    forget_rows(work, [upload.blob_id])
    work.session.delete(upload)
    work.session.flush()
    if sealed.blob_id != upload.blob_id:
        objects, parts = work.ports.objects, gathered.parts
        work.after_commit(lambda: discard(objects, parts))


def _home(work: Work) -> tuple[str, str]:
    """The person's space and its root, which they may add to."""
    space = personal_space(work, require_signed_in(work.actor))
    _, place = locate_folder(work, root_of(work, space.id).id)
    authorize(work, Action.ADD, place)
    return space.id, place.id


def _find(work: Work, name: str, *, lock: bool = False) -> Upload | None:
    query = select(Upload).where(Upload.person_id == work.actor.person_id, Upload.chunk_folder == name)
    if lock and not work.on_sqlite:
        query = query.with_for_update().execution_options(populate_existing=True)
    return work.session.scalar(query)


def _mine(work: Work, name: str, *, lock: bool = False) -> Upload:
    _home(work)
    upload = _find(work, name, lock=lock)
    if upload is None or upload.expires_at <= work.now:
        raise NotFound()
    return upload


def _come(work: Work, upload: Upload) -> list[Chunk]:
    """The chunks that are there, in the order of their numbers."""
    query = select(Chunk).where(Chunk.upload_id == upload.id, Chunk.size.is_not(None))
    return list(work.session.scalars(query.order_by(Chunk.number, Chunk.name)))


def _gathered(work: Work, upload: Upload) -> Gathered:
    parts = parts_of(work, upload.blob_id)
    chunks = _come(work, upload)
    ordered = tuple(
        part for one in chunks for part in parts if one.first <= part.ordinal < one.first + one.span and part.size
    )
    key, size = data_key(work, upload), sum(one.size or 0 for one in chunks)
    reader = BlobReader(work.ports.objects, upload.blob_id, size, b"", key, ordered, None)
    return Gathered(upload.id, upload.space_id, reader, ordered, key)


def _begin(work: Work, folder: str, name: str, size: int | None) -> tuple[PartsWriter, int]:
    """A writer for a chunk, and the first of the ordinals that are kept for its parts."""
    shape = _NAME.fullmatch(name)
    if shape is None:
        raise NotAcceptable("Name chunks by numbers.", field="name")
    upload = _mine(work, folder, lock=True)
    most = work.settings.upload_limit - upload.offset
    if size is not None and size > most:
        raise TooLarge(limit=work.settings.upload_limit)
    if size is not None and size > (left := room(work, upload.space_id)):
        raise OverQuota(needed=size, free=left)
    count = work.session.scalar(select(func.count()).select_from(Chunk).where(Chunk.upload_id == upload.id)) or 0
    if count >= MOST_CHUNKS:
        raise TooLarge("This upload came in too many pieces; send larger ones.", limit=MOST_CHUNKS)
    first = work.session.scalar(select(func.max(Chunk.first + Chunk.span)).where(Chunk.upload_id == upload.id)) or 0
    # parts may be half as large as the store allows; counted generously, for ordinals cost nothing
    span = 1 + (most if size is None else size) // (work.ports.objects.part_limit // 4)
    work.session.add(Chunk(upload_id=upload.id, first=first, span=span, name=name, number=int(shape[1]), size=None))
    upload.expires_at = work.now + IDLE
    work.session.flush()
    return PartsWriter(work.ports.objects, data_key(work, upload), upload.blob_id, first), first


def _end(work: Work, folder: str, first: int, parts: tuple[SealedPart, ...]) -> None:
    """Write down a chunk whose bytes are durable."""
    size = sum(one.size for one in parts)
    upload = _mine(work, folder)
    charge(work, upload.space_id, size)
    upload = _mine(work, folder, lock=True)
    chunk = work.session.get(Chunk, (upload.id, first))
    if chunk is None or len(parts) > chunk.span:
        raise NotFound()
    for old in _come(work, upload):
        if old.name == chunk.name:
            _forget_chunk(work, upload, old)
    chunk.size = size
    upload.length = upload.reserved = upload.offset = upload.offset + size
    if upload.offset > work.settings.upload_limit:
        raise TooLarge(limit=work.settings.upload_limit)
    upload.expires_at = work.now + IDLE
    if parts:
        work.session.execute(insert(Part), part_rows(upload.blob_id, parts))
    work.session.flush()


def _forget_chunk(work: Work, upload: Upload, chunk: Chunk) -> None:
    """Another try of the same chunk takes its place."""
    within = (Part.ordinal >= chunk.first) & (Part.ordinal < chunk.first + chunk.span)
    parts = tuple(
        one for one in parts_of(work, upload.blob_id) if chunk.first <= one.ordinal < chunk.first + chunk.span
    )
    gone = delete(Part).where(Part.blob_id == upload.blob_id, within)
    work.session.execute(gone.execution_options(synchronize_session=False))
    upload.length = upload.reserved = upload.offset = upload.offset - (chunk.size or 0)
    charge(work, upload.space_id, -(chunk.size or 0))
    work.session.delete(chunk)
    objects = work.ports.objects
    work.after_commit(lambda: discard(objects, parts))


def _hashed(gathered: Gathered, seen: Callable[[memoryview], None]) -> bytes:
    digest = hashlib.sha256()
    for piece in gathered.reader.stream():
        seen(piece)
        digest.update(piece)
    return digest.digest()
