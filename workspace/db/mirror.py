"""Epochs in memory that the processes of one machine share, so that a remembered verdict can be doubted for nothing.

A slot of eight bytes for each name, in a mapped file of the instance. It holds no count: whoever raises an epoch writes
a fresh random value after the commit and before the answer, so two writers can never bring an old value back. Two names
that share a slot doubt each other's verdicts, which costs a question and is never wrong. The truth is in the rows
(`epochs.py`): they are read again within half a second, which also covers other machines and a writer that died between
its commit and this file.
"""

import mmap
import os
from functools import lru_cache
from pathlib import Path
from zlib import crc32

SLOTS = 1 << 15


class EpochMirror:
    """The slots of one instance on this machine. Safe for many threads and processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size != SLOTS * 8:
                os.ftruncate(descriptor, SLOTS * 8)
            self._slots = memoryview(mmap.mmap(descriptor, SLOTS * 8)).cast("Q")
        finally:
            os.close(descriptor)

    def slot(self, name: str) -> int:
        """The number of a name's slot: the same in every process."""
        return crc32(name.encode()) % SLOTS

    def read(self, slot: int) -> int:
        return self._slots[slot]

    def stir(self, name: str) -> None:
        """Make whatever was remembered under this name worthless."""
        self._slots[self.slot(name)] = int.from_bytes(os.urandom(8))


@lru_cache(maxsize=64)
def mirror_of(instance: Path) -> EpochMirror:
    """The mirror of the instance in this folder."""
    return EpochMirror(instance / "epochs")
