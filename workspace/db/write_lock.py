"""SQLite has one writer: let every writer of this machine queue fairly instead of racing for it.

`BEGIN IMMEDIATE` with a busy timeout alone lets one process starve another for seconds (measured: worst wait 3 s);
a lock in the process and `flock` between processes keep the worst wait near the length of a transaction.
"""

import errno
import fcntl
import os
import threading
from pathlib import Path

from workspace.kernel.errors import StorageFull, StorageUnavailable


class WriteLock:
    """One turn to write, over the threads of this process and all processes that share the lock file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread_lock = threading.Lock()
        self._holder: int | None = None
        self._file: int | None = None
        self._process: int | None = None

    def acquire(self) -> None:
        """Wait for the turn. Raises RuntimeError where this thread already has it: nested, it would wait for ever.

        Raises StorageFull or StorageUnavailable where the lock's file cannot be opened.
        """
        if self._holder == threading.get_ident():
            raise RuntimeError("this thread already holds a writing Work; finish it before beginning another")
        self._thread_lock.acquire()
        self._holder = threading.get_ident()
        try:
            fcntl.flock(self._descriptor(), fcntl.LOCK_EX)
        except OSError as error:
            # no room for the lock's file, no descriptor left: the next writer must not wait for this one for ever
            self._give_on()
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise StorageFull() if full else StorageUnavailable() from error

    def release(self) -> None:
        """Give the turn on."""
        try:
            fcntl.flock(self._descriptor(), fcntl.LOCK_UN)
        finally:
            self._give_on()

    def _give_on(self) -> None:
        self._holder = None
        self._thread_lock.release()

    def _descriptor(self) -> int:
        # a descriptor inherited by fork shares its lock with the parent: every process opens its own
        if self._file is None or self._process != os.getpid():
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._process = os.getpid()
        return self._file
