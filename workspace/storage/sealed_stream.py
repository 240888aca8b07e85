"""A stream of bytes of unknown length as sealed files in a folder: compressed, cut into parts, each sealed as README.md
says, each read back after it was made durable. What is in the clear never touches a disk."""

import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from workspace.kernel.errors import Damaged, StorageUnavailable
from workspace.storage.filesystem import refusal
from workspace.storage.sealing import PartSealer, open_range

MIB = 1 << 20
PART = 64 * MIB


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One part: its content in bytes (compressed, before sealing) and the SHA-256 of the file, in hex."""

    size: int
    sha256: str


class StreamWriter:
    """Takes bytes, leaves `name.0000`, `name.0001`, … in a folder. `stream` is bound into every seal."""

    def __init__(self, folder: Path, name: str, key: bytes, stream: str, part: int = PART) -> None:
        self._folder, self._name, self._key, self._stream, self._limit = folder, name, key, stream, part
        self._squeeze = zlib.compressobj(1)
        self._parts: list[SealedFile] = []
        self._part: _Part | None = None

    def write(self, data: bytes) -> None:
        """Raises StorageFull, StorageUnavailable."""
        self._put(self._squeeze.compress(data))

    def finish(self) -> list[SealedFile]:
        """Make everything durable and read it back. Raises Damaged where it is not what was written."""
        self._put(self._squeeze.flush())
        self._roll()
        return self._parts

    def _put(self, data: bytes) -> None:
        if not data:
            return
        if self._part is None:
            ordinal = len(self._parts)
            path = self._folder / part_name(self._name, ordinal)
            self._part = _Part(path, PartSealer(self._key, self._stream, ordinal))
        self._part.write(data)
        if self._part.size >= self._limit:
            self._roll()

    def _roll(self) -> None:
        if self._part is not None:
            self._parts.append(self._part.finish())
            self._part = None


class _Part:
    """One file on its way: written, fsynced, read back."""

    def __init__(self, path: Path, sealer: PartSealer) -> None:
        self._path, self._sealer, self._hash = path, sealer, sha256()
        try:
            self._file = path.open("xb", buffering=MIB)
            os.chmod(path, 0o600)
        except OSError as error:
            raise refusal(error) from error
        self._out(sealer.header())

    @property
    def size(self) -> int:
        return self._sealer.plain_size

    def write(self, data: bytes) -> None:
        for piece in self._sealer.update(data):
            self._out(piece)

    def finish(self) -> SealedFile:
        self._out(self._sealer.finish())
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            # so that it is the disk that is read back, not what was kept in memory
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            self._file.close()
        except OSError as error:
            raise refusal(error) from error
        made = SealedFile(self.size, self._hash.hexdigest())
        if file_hash(self._path) != made.sha256:
            raise Damaged(f"The disk does not give {self._path.name} back as it was written.")
        return made

    def _out(self, data: bytes | memoryview) -> None:
        self._hash.update(data)
        try:
            self._file.write(data)
        except OSError as error:
            raise refusal(error) from error


def read_lines(folder: Path, name: str, key: bytes, stream: str, parts: Iterable[SealedFile]) -> Iterator[bytes]:
    """The lines of a stream, without their line feeds. Raises Damaged before it gives out a wrong byte."""
    held = b""
    for piece in _plain(folder, name, key, stream, parts):
        *whole, held = (held + piece).split(b"\n")
        yield from whole
    if held:
        raise Damaged(f"{name} ends in the middle of a line.")


def _plain(folder: Path, name: str, key: bytes, stream: str, parts: Iterable[SealedFile]) -> Iterator[bytes]:
    spread = zlib.decompressobj()
    for ordinal, part in enumerate(parts):
        path = folder / part_name(name, ordinal)
        try:
            with path.open("rb") as file:
                descriptor = file.fileno()

                def read(offset: int, length: int, descriptor: int = descriptor) -> bytes:
                    return os.pread(descriptor, length, offset)

                for piece in open_range(read, key, stream, ordinal, part.size, 0, part.size):
                    yield spread.decompress(piece)
        except OSError as error:
            raise StorageUnavailable(f"{path} cannot be read: {error.strerror}.") from error
    if not spread.eof:
        raise Damaged(f"{name} is cut off.")


def part_name(name: str, ordinal: int) -> str:
    return f"{name}.{ordinal:04}"


def file_hash(path: Path) -> str:
    """The SHA-256 of a file, in hex. Raises StorageUnavailable."""
    found = sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(MIB):
                found.update(piece)
    except OSError as error:
        raise refusal(error) from error
    return found.hexdigest()
