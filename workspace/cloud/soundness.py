"""Whether a blob is sound: every key of it opens, every seal holds, the bytes are those that were put in."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from workspace.cloud.blobs import BlobReader, open_blob
from workspace.cloud.models import Blob, Space, WrappedKey
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import Damaged, KeyDestroyed, NotFound
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action
from workspace.storage.wrapping import unwrap

Pace = Callable[[int], None]
"""Hears how many bytes were just read, and may wait."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a blob: `key` (it cannot be opened), `damaged` (its bytes are not what they were)."""

    kind: str
    text: str


def examine(runtime: Runtime, blob_id: str, pace: Pace = lambda size: None) -> list[Flaw]:
    """Open a blob's key for every space that has it, and read it whole through the first of them.

    Nothing of the content is kept or told. A blob that goes meanwhile, and one whose clouds were erased, has no flaw.
    Raises StorageUnavailable: then nothing is known.
    """
    flaws: list[Flaw] = []
    reader: BlobReader | None = None
    keys: set[bytes] = set()
    for space_id in _spaces_of(runtime, blob_id):
        try:
            with runtime.reading(COMMAND) as work:
                keys.add(_data_key(work, blob_id, space_id))
                reader = reader or open_blob(work, blob_id, space_id)
        except (Damaged, KeyDestroyed) as error:
            flaws.append(Flaw("key", f"Its key cannot be opened for space {space_id} ({error.code})."))
        except NotFound:
            continue  # let go in between
    if len(keys) > 1:
        flaws.append(Flaw("key", "Spaces hold different keys of the same blob."))
    if reader is not None and not _whole(reader, pace):
        flaws.append(Flaw("damaged", "Its bytes are not those that were put in, or some are missing."))
    return flaws if flaws and _spaces_of(runtime, blob_id) else []


def _spaces_of(runtime: Runtime, blob_id: str) -> list[str]:
    """The spaces, not erased, that hold a key of the blob; none where it is gone."""
    with runtime.reading(COMMAND) as work:
        authorize(work, Action.MAINTAIN, INSTANCE)
        wanted = select(WrappedKey.space_id).join(Space, Space.id == WrappedKey.space_id)
        wanted = wanted.join(Blob, Blob.id == WrappedKey.blob_id)
        return list(work.session.scalars(wanted.where(WrappedKey.blob_id == blob_id, Space.erased_at.is_(None))))


def _data_key(work: Work, blob_id: str, space_id: str) -> bytes:
    wrapped = work.session.scalar(
        select(WrappedKey.wrapped).where(WrappedKey.blob_id == blob_id, WrappedKey.space_id == space_id)
    )
    if wrapped is None:
        raise NotFound()
    return unwrap(wrapped, work.ports.keyring.key(space_id), blob_id, space_id)


def _whole(reader: BlobReader, pace: Pace) -> bool:
    digest, size = hashlib.sha256(), 0
    try:
        for piece in reader.stream():
            digest.update(piece)
            size += len(piece)
            pace(len(piece))
    except Damaged:
        return False
    return size == reader.size and digest.digest() == reader.sha256
