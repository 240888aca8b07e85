"""Sealed parts on their way into the object store: rolled over at its limit, taken back where something fails."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from workspace.kernel.errors import DomainError, StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.kernel.ports import ObjectStore, ObjectWriter
from workspace.storage.sealing import PartSealer, plain_capacity

SLOWEST = 20 * 3600.0
"""Seconds after which parts that no row names yet are not safe any more; the sweep spares them for a day."""

BUFFERED = 16 << 20
"""A store with a limit up to this many bytes keeps an object in memory until it is put. Two are on their way at once,
so each is half as large as it might be."""


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A part that is durable. `size` is its content in bytes, before sealing."""

    ordinal: int
    object_key: str
    size: int


class PartsWriter:
    """Seals a stream into parts, each a new object under a key that is never used again.

    While one part is being made durable, in a thread of its own, the next one is already filled; never more than one is
    on its way, so that memory stays flat on a store that buffers parts. Every method may raise StorageFull or
    StorageUnavailable; call `abort` then.
    """

    def __init__(self, objects: ObjectStore, key: bytes, blob_id: str, first: int = 0) -> None:
        self._objects = objects
        self._key = key
        self._blob_id = blob_id
        buffers = objects.part_limit <= BUFFERED
        self._capacity = plain_capacity(objects.part_limit // 2 if buffers else objects.part_limit)
        self._next = first
        self._began = time.monotonic()
        self._open: tuple[str, PartSealer, ObjectWriter] | None = None
        self._parts: list[SealedPart] = []
        self._background: ThreadPoolExecutor | None = None
        self._pending: Future[None] | None = None

    def write(self, data: memoryview) -> None:
        """Take content; `data` may be used again when this returns."""
        while data:
            _, sealer, writer = self._open or self._begin()
            room = self._capacity - sealer.plain_size
            if not room:
                self._roll()
                continue
            for sealed in sealer.update(data[:room]):
                writer.write(sealed)
            data = data[room:]

    def finish(self) -> tuple[SealedPart, ...]:
        """Make everything durable and return the parts; at least one, if nothing was written an empty one.

        Raises StorageUnavailable also where this took so long that the sweep may have taken first parts for orphans.
        """
        if time.monotonic() - self._began > SLOWEST:
            raise StorageUnavailable("This took most of a day; send it in pieces, which are kept as they come.")
        if self._open is None and not self._parts:
            self._begin()
        if self._open is not None:
            writer = self._seal_last()
            self._settle()
            writer.commit()
        self._settle()
        self._end_background()
        return tuple(self._parts)

    def abort(self) -> None:
        """Take back everything, committed parts too. Never raises: what cannot be deleted now is an orphan, which the
        sweep finds."""
        if self._open is not None:
            self._open[2].abort()
            self._open = None
        if self._pending is not None:
            self._pending.exception()
            self._pending = None
        self._end_background()
        discard(self._objects, self._parts)
        self._parts = []

    def _begin(self) -> tuple[str, PartSealer, ObjectWriter]:
        key = new_id()
        writer = self._objects.create(key)
        sealer = PartSealer(self._key, self._blob_id, self._next)
        self._open = (key, sealer, writer)
        writer.write(sealer.header())
        return self._open

    def _roll(self) -> None:
        writer = self._seal_last()
        self._settle()
        if self._background is None:
            self._background = ThreadPoolExecutor(1, thread_name_prefix="part")
        self._pending = self._background.submit(writer.commit)

    def _seal_last(self) -> ObjectWriter:
        assert self._open is not None
        key, sealer, writer = self._open
        writer.write(sealer.finish())
        # listed before it is durable: should the commit fail half-way, `abort` deletes whatever came of it
        self._parts.append(SealedPart(self._next, key, sealer.plain_size))
        self._next += 1
        self._open = None
        return writer

    def _settle(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            pending.result()

    def _end_background(self) -> None:
        if self._background is not None:
            self._background.shutdown()
            self._background = None


def discard(objects: ObjectStore, parts: list[SealedPart] | tuple[SealedPart, ...]) -> None:
    """Delete objects that nothing names. Never raises."""
    for part in parts:
        try:
            objects.delete(part.object_key)
        except DomainError:
            continue  # the store is away: the sweep finds it later
