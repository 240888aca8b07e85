"""Blobs: bytes on their way in (hashed, sealed, stored in one pass) and on their way out (verified, range by range).

No Work is open while bytes travel: a writer is finished before the transaction that names its blob, and a reader goes
on after the transaction that allowed it has ended.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import insert, select

from workspace.cloud.models import Blob, Part, WrappedKey
from workspace.cloud.parts import PartsWriter, SealedPart, discard
from workspace.db.work import Work
from workspace.kernel.errors import Damaged, NotFound, RangeNotSatisfiable, TooLarge
from workspace.kernel.ids import new_id
from workspace.kernel.ports import ObjectStore, Ports
from workspace.settings import Settings
from workspace.storage.sealing import open_range, open_small, seal_small
from workspace.storage.wrapping import new_data_key, unwrap, wrap

GATHER = 256 << 10
BATCH = 500


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """A blob that is durable, or, where small, waits in `inline` for the transaction that names it.

    `key` is its data key; `keep` wraps it for a space, and nothing else may hold on to it.
    """

    blob_id: str
    size: int
    sha256: bytes
    parts: tuple[SealedPart, ...]
    inline: bytes | None
    key: bytes = field(repr=False)


class BlobWriter:
    """Hashes, seals and stores a stream in one pass. Memory stays flat whatever the size.

    Up to `settings.inline_limit` bytes stay in memory and go into the database row; anything larger becomes parts in
    the object store. Use it as a context manager, or call `abort` where anything fails, also after `finish`: unless
    `finish` has returned and the blob was kept, nothing may remain.
    """

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self.blob_id = new_id()
        self.size = 0
        self._key = new_data_key()
        self._hash = hashlib.sha256()
        self._parts = PartsWriter(ports.objects, self._key, self.blob_id)
        self._inline_limit = settings.inline_limit
        self._gather = max(GATHER, settings.inline_limit + 1)
        self._held = bytearray()
        self._stored = False
        self._finished = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes; they may be changed when this returns. Raises StorageFull, StorageUnavailable.

        Little pieces are gathered first: hashing and sealing let other threads run only while they have much to do.
        """
        view = memoryview(data).cast("B")
        self.size += len(view)
        if len(self._held) + len(view) >= self._gather:
            self._flush()
            if len(view) >= GATHER:
                self._store(view)
                return
        self._held += view

    def finish(self) -> SealedBlob:
        """Everything is in: make it durable. Raises StorageFull, StorageUnavailable."""
        inline = None
        parts: tuple[SealedPart, ...] = ()
        if not self._stored and len(self._held) <= self._inline_limit:
            self._hash.update(self._held)
            inline = seal_small(self._key, self.blob_id, bytes(self._held))
        else:
            self._flush()
            parts = self._parts.finish()
        self._finished = True
        return SealedBlob(self.blob_id, self.size, self._hash.digest(), parts, inline, self._key)

    def abort(self) -> None:
        """Delete whatever was written. Never raises."""
        self._held = bytearray()
        self._parts.abort()

    def __enter__(self) -> "BlobWriter":
        return self

    def __exit__(self, *error: object) -> None:
        if not self._finished:
            self.abort()

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, bytearray()
            self._store(memoryview(held))

    def _store(self, view: memoryview) -> None:
        self._stored = True
        self._hash.update(view)
        self._parts.write(view)


class BlobReader:
    """A blob opened for reading; it needs no Work any more."""

    def __init__(
        self,
        objects: ObjectStore,
        blob_id: str,
        size: int,
        sha256: bytes,
        key: bytes,
        parts: Sequence[SealedPart],
        inline: bytes | None,
    ) -> None:
        self.blob_id = blob_id
        self.size = size
        self.sha256 = sha256
        self._objects = objects
        self._key = key
        self._parts = parts
        self._inline = inline
        if inline is None and sum(part.size for part in parts) != size:
            raise Damaged

    def stream(self, start: int = 0, stop: int | None = None) -> Iterator[memoryview]:
        """The bytes from `start` up to, not including, `stop` (None: the end), in pieces of 1 MiB at most.

        Opens only the segments that the range needs and verifies each before a byte of it is yielded. A piece is valid
        until the next step. Raises RangeNotSatisfiable at once; Damaged, StorageUnavailable on the way.
        """
        stop = self.size if stop is None else stop
        if not 0 <= start <= stop <= self.size:
            raise RangeNotSatisfiable(size=self.size)
        return self._pieces(start, stop)

    def read_all(self, limit: int) -> bytes:
        """Everything at once. Raises TooLarge beyond `limit` bytes, and what `stream` raises."""
        if self.size > limit:
            raise TooLarge(limit=limit)
        return b"".join(map(bytes, self.stream()))

    def _pieces(self, start: int, stop: int) -> Iterator[memoryview]:
        if self._inline is not None:
            content = open_small(self._key, self.blob_id, self._inline)
            if len(content) != self.size:
                raise Damaged
            if start < stop:
                yield memoryview(content)[start:stop]
            return
        begin = 0
        for part in self._parts:
            end = begin + part.size
            if start < end and stop > begin:
                first, beyond = max(start, begin) - begin, min(stop, end) - begin
                read = partial(self._read, part.object_key)
                yield from open_range(read, self._key, self.blob_id, part.ordinal, part.size, first, beyond)
            begin = end

    def _read(self, object_key: str, offset: int, length: int) -> bytes:
        try:
            return self._objects.read(object_key, offset, length)
        except NotFound as error:
            raise Damaged from error  # the row is there and the bytes are not: that is no "not found"


def keep(work: Work, sealed: SealedBlob, *space_ids: str) -> None:
    """Write down a blob in this transaction, readable in these spaces. Raises KeyDestroyed, StorageUnavailable."""
    wraps = [
        {
            "blob_id": sealed.blob_id,
            "space_id": one,
            "wrapped": wrap(sealed.key, work.ports.keyring.key(one), sealed.blob_id, one),
        }
        for one in space_ids
    ]
    work.session.execute(
        insert(Blob).values(
            id=sealed.blob_id,
            size=sealed.size,
            sha256=sealed.sha256,
            parts=len(sealed.parts),
            made_at=work.now,
            sealed=sealed.inline,
        )
    )
    if sealed.parts:
        work.session.execute(insert(Part), part_rows(sealed.blob_id, sealed.parts))
    work.session.execute(insert(WrappedKey), wraps)


def part_rows(blob_id: str, parts: Iterable[SealedPart]) -> list[dict[str, object]]:
    return [
        {"blob_id": blob_id, "ordinal": one.ordinal, "object_key": one.object_key, "size": one.size} for one in parts
    ]


def forget(ports: Ports, sealed: SealedBlob) -> None:
    """Delete the objects of a blob that came to nothing (its transaction was refused). Never raises."""
    discard(ports.objects, sealed.parts)


def open_blob(work: Work, blob_id: str, space_id: str) -> BlobReader:
    """A reader of a blob through the key of one space; whoever calls has asked whether the actor may.

    Raises NotFound where the space has no key for it, KeyDestroyed, Damaged, StorageUnavailable.
    """
    row = work.session.execute(
        select(Blob.size, Blob.sha256, Blob.parts, WrappedKey.wrapped, Blob.sealed)
        .join(WrappedKey, WrappedKey.blob_id == Blob.id)
        .where(Blob.id == blob_id, WrappedKey.space_id == space_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    key = unwrap(row.wrapped, work.ports.keyring.key(space_id), blob_id, space_id)
    parts = parts_of(work, blob_id) if row.sealed is None else ()
    return BlobReader(work.ports.objects, blob_id, row.size, row.sha256, key, parts, row.sealed)


def parts_of(work: Work, blob_id: str) -> tuple[SealedPart, ...]:
    rows = work.session.execute(
        select(Part.ordinal, Part.object_key, Part.size).where(Part.blob_id == blob_id).order_by(Part.ordinal)
    )
    return tuple(SealedPart(*row) for row in rows)


def share_key(work: Work, blob_ids: Iterable[str], from_space_id: str, to_space_id: str) -> None:
    """Wrap the data keys of these blobs for another space, too. No byte is copied, whatever their size.

    Raises NotFound where the first space cannot read one of them itself, KeyDestroyed, StorageUnavailable.
    """
    wanted = list(dict.fromkeys(blob_ids))
    if from_space_id == to_space_id or not wanted:
        return
    from_key, to_key = work.ports.keyring.key(from_space_id), work.ports.keyring.key(to_space_id)
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        known = _wraps(work, batch, to_space_id)
        wraps = _wraps(work, [one for one in batch if one not in known], from_space_id)
        if len(known) + len(wraps) != len(batch):
            raise NotFound()
        rows = [
            {
                "blob_id": blob_id,
                "space_id": to_space_id,
                "wrapped": wrap(unwrap(wrapped, from_key, blob_id, from_space_id), to_key, blob_id, to_space_id),
            }
            for blob_id, wrapped in wraps.items()
        ]
        if rows:
            work.session.execute(insert(WrappedKey), rows)


def _wraps(work: Work, blob_ids: Sequence[str], space_id: str) -> dict[str, bytes]:
    rows = work.session.execute(
        select(WrappedKey.blob_id, WrappedKey.wrapped).where(
            WrappedKey.blob_id.in_(blob_ids), WrappedKey.space_id == space_id
        )
    )
    return {row.blob_id: row.wrapped for row in rows}
