"""Sealed objects from one store into another, each read back: for backups, restores and moves.

Keys are never used twice and what lies under them never changes, so whatever is there already need not be copied again;
a copy that was killed goes on where it stopped.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

from workspace.kernel.errors import Damaged, NotFound
from workspace.kernel.ports import ObjectStore
from workspace.storage.filesystem import FilesystemStore
from workspace.storage.s3 import S3Store

CHUNK = 4 << 20
THREADS = 4
AHEAD = 4 * THREADS


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object to be copied: its key, its size as it lies there, and, where it is known, its SHA-256."""

    key: str
    size: int
    sha256: bytes | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """`sha256` is that of the sealed object, None where the source has none of this size. `fresh`: copied just now."""

    key: str
    size: int
    sha256: bytes | None
    fresh: bool


def copy_all(source: ObjectStore, target: ObjectStore, wanted: Iterable[Wanted]) -> Iterator[Copied]:
    """Copy what is not there yet, some at a time, in the order of `wanted`. Raises what the stores raise."""
    with ThreadPoolExecutor(THREADS) as pool:
        running: deque[Future[Copied]] = deque()
        try:
            for one in wanted:
                running.append(pool.submit(copy, source, target, one))
                if len(running) >= AHEAD:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def copy(source: ObjectStore, target: ObjectStore, wanted: Wanted) -> Copied:
    """Copy one object, unless it is there, and see that it is the same.

    What is there and of known hash was read back when it was copied. Raises Damaged where `wanted` names another hash
    than the source has, or the target does not give back what it took; nothing stays under the key then.
    """
    key, size = wanted.key, wanted.size
    there = target.size(key)
    if there == size and wanted.sha256 is not None:
        return Copied(key, size, wanted.sha256, False)
    if source.size(key) != size:
        return Copied(key, size, None, False)
    try:
        if there is None:
            digest = _carry(source, target, key, size)
        else:
            digest = fingerprint(source, key, size)
    except NotFound:
        return Copied(key, size, None, False)
    if wanted.sha256 not in (None, digest):
        raise Damaged(f"The object {key} is not what it was when it was kept.")
    if there not in (None, size) or fingerprint(target, key, size) != digest:
        target.delete(key)
        raise Damaged(f"The store does not give the object {key} back as it was written; begin again.")
    return Copied(key, size, digest, there is None)


def fingerprint(store: ObjectStore, key: str, size: int) -> bytes:
    """The SHA-256 of a sealed object, read from where it lies. Raises NotFound, Damaged, StorageUnavailable."""
    if isinstance(store, FilesystemStore):
        store.forget_cached(key)
    found = sha256()
    for piece in pieces(store, key, size):
        found.update(piece)
    return found.digest()


def pieces(store: ObjectStore, key: str, size: int) -> Iterator[bytes]:
    """A sealed object, 4 MiB at a time."""
    for offset in range(0, size, CHUNK):
        yield store.read(key, offset, min(CHUNK, size - offset))


def _carry(source: ObjectStore, target: ObjectStore, key: str, size: int) -> bytes:
    found = sha256()

    def passing() -> Iterator[bytes]:
        for piece in pieces(source, key, size):
            found.update(piece)
            yield piece

    if isinstance(target, S3Store) and size > target.part_limit:
        target.take(key, size, passing())
        return found.digest()
    writer = target.create(key)
    try:
        for piece in passing():
            writer.write(piece)
        writer.commit()
    finally:
        writer.abort()
    return found.digest()
