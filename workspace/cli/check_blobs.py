"""Blobs against what they promise: parts, keys, and, deeply, every seal and hash."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import func, select

from workspace.cli.findings import Course, Finding
from workspace.cloud.blobs import BlobReader, open_blob
from workspace.cloud.models import Blob, Part, Space, WrappedKey
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import Damaged, DomainError, KeyDestroyed, NotFound
from workspace.storage.wrapping import unwrap

BATCH = 200


def check_blobs(course: Course) -> Iterator[Finding]:
    """Every blob, in order of its id; deeply, every byte of it."""
    after = ""
    while True:
        with course.runtime.reading(COMMAND) as work:
            rows = work.session.execute(
                select(Blob.id, Blob.size, Blob.parts, Blob.sealed.is_not(None).label("inline"))
                .where(Blob.id > after)
                .order_by(Blob.id)
                .limit(BATCH)
            ).all()
            ids = [row.id for row in rows]
            parts = _parts(work, ids)
            holders = _holders(work, ids)
        if not rows:
            return
        after = ids[-1]
        course.counted["blobs"] += len(rows)
        for row in rows:
            count, size = parts.get(row.id, (0, 0))
            if row.inline and count:
                yield Finding("parts", row.id, "A blob that lies in its row has objects as well.")
            if not row.inline and (count != row.parts or size != row.size):
                promised = f"{row.parts} parts and {row.size} bytes"
                yield Finding("parts", row.id, f"The blob promises {promised}, its parts are {count} and {size} bytes.")
            if row.id in holders and not holders[row.id]:
                continue  # its clouds were erased; the sweep takes it
            if row.id not in holders:
                yield Finding("key", row.id, "No space holds a key of this blob: nobody can ever open it.")
            elif course.deep:
                yield from _deeply(course, row.id, holders[row.id])


def check_keys(course: Course) -> Iterator[Finding]:
    """Every space that is not erased has its key."""
    with course.runtime.reading(COMMAND) as work:
        spaces = work.session.scalars(select(Space.id).where(Space.erased_at.is_(None))).all()
    for space_id in spaces:
        course.counted["spaces"] += 1
        try:
            course.runtime.ports.keyring.key(space_id)
        except KeyDestroyed:
            yield Finding("key", space_id, "The keyring has no key for this space.")


def _parts(work: Work, blob_ids: list[str]) -> dict[str, tuple[int, int]]:
    rows = work.session.execute(
        select(Part.blob_id, func.count(), func.sum(Part.size)).where(Part.blob_id.in_(blob_ids)).group_by(Part.blob_id)
    )
    return {blob_id: (count, int(size)) for blob_id, count, size in rows}


def _holders(work: Work, blob_ids: list[str]) -> dict[str, list[str]]:
    """By blob, the spaces that can open it; none where all of them were erased."""
    result: dict[str, list[str]] = {}
    rows = work.session.execute(
        select(WrappedKey.blob_id, WrappedKey.space_id, Space.erased_at)
        .join(Space, Space.id == WrappedKey.space_id)
        .where(WrappedKey.blob_id.in_(blob_ids))
    )
    for blob_id, space_id, erased_at in rows:
        result.setdefault(blob_id, []).extend([] if erased_at else [space_id])
    return result


def _deeply(course: Course, blob_id: str, spaces: list[str]) -> Iterator[Finding]:
    """Opens the blob's key for every space that has it, and reads the blob through the first of them."""
    reader: BlobReader | None = None
    keys: set[bytes] = set()
    for space_id in spaces:
        try:
            with course.runtime.reading(COMMAND) as work:
                wrapped = work.session.scalar(
                    select(WrappedKey.wrapped).where(WrappedKey.blob_id == blob_id, WrappedKey.space_id == space_id)
                )
                if wrapped is None:
                    continue  # let go in between
                keys.add(unwrap(wrapped, work.ports.keyring.key(space_id), blob_id, space_id))
                reader = reader or open_blob(work, blob_id, space_id)
        except (Damaged, KeyDestroyed) as error:
            yield Finding("key", blob_id, f"Its key cannot be opened for space {space_id} ({error.code}).")
        except NotFound:
            continue
    if len(keys) > 1:
        yield Finding("key", blob_id, "Spaces hold different keys of the same blob.")
    if reader is not None:
        yield from _read(course, reader)


def _read(course: Course, reader: BlobReader) -> Iterator[Finding]:
    digest, size = hashlib.sha256(), 0
    try:
        for piece in reader.stream():
            digest.update(piece)
            size += len(piece)
    except DomainError as error:
        if _still_there(course, reader.blob_id):
            yield Finding("damaged", reader.blob_id, f"The blob cannot be read to its end ({error.code}).")
        return
    course.counted["bytes"] += size
    if size != reader.size or digest.digest() != reader.sha256:
        yield Finding("damaged", reader.blob_id, "The blob's bytes are not those that were put in.")


def _still_there(course: Course, blob_id: str) -> bool:
    with course.runtime.reading(COMMAND) as work:
        return work.session.scalar(select(Blob.id).where(Blob.id == blob_id)) is not None
