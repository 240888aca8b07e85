"""The two ways in which bytes lie in a store, bare and sealed, so that one contract can ask the same of both."""

import hashlib
import os
import random
from functools import partial

from workspace.kernel.ids import new_id
from workspace.kernel.ports import ObjectStore
from workspace.storage.sealing import PartSealer, open_range, sealed_size

PIECE = 100_000  # what a network might hand over at a time; divides no segment evenly


def content(size: int, seed: int = 0) -> bytes:
    """`size` bytes that are the same each time and repeat nowhere."""
    return random.Random(seed).randbytes(size)


def pieces(data: bytes, length: int = PIECE) -> list[memoryview]:
    view = memoryview(data)
    return [view[at : at + length] for at in range(0, len(view), length)]


class Bare:
    """Bytes as they are."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self.key = new_id()

    def put(self, data: bytes) -> None:
        writer = self.store.create(self.key)
        for piece in pieces(data):
            writer.write(piece)
        writer.commit()

    def get(self, size: int, start: int, stop: int) -> bytes:
        return self.store.read(self.key, start, stop - start)

    def stored(self, size: int) -> int:
        return size


class Sealed(Bare):
    """Bytes as one sealed part."""

    def __init__(self, store: ObjectStore) -> None:
        super().__init__(store)
        self.data_key = os.urandom(32)
        self.blob_id = new_id()

    def put(self, data: bytes) -> None:
        writer = self.store.create(self.key)
        sealer = PartSealer(self.data_key, self.blob_id, 0)
        writer.write(sealer.header())
        for piece in pieces(data):
            for chunk in sealer.update(piece):
                writer.write(chunk)
        writer.write(sealer.finish())
        writer.commit()

    def get(self, size: int, start: int, stop: int) -> bytes:
        read = partial(self.store.read, self.key)
        return b"".join(map(bytes, open_range(read, self.data_key, self.blob_id, 0, size, start, stop)))

    def stored(self, size: int) -> int:
        return sealed_size(size)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
