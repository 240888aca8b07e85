"""SQLite has one writer: let every writer of this machine queue fairly instead of racing for it.

`BEGIN IMMEDIATE` with a busy timeout alone lets one process starve another for seconds, and so do a plain lock and one
`flock`: whoever has just given the turn on is awake and takes it again before anybody else has woken. So in a process
the turn is handed to whoever waits longest; and between processes there is a second lock, which the next one in line
holds while it waits: who gives the turn on must get in line behind it.
"""

import errno
import fcntl
import os
import threading
from collections import deque
from pathlib import Path

from workspace.kernel.errors import StorageFull, StorageUnavailable


class WriteLock:
    """One turn to write, over the threads of this process and all processes that share the lock files: `path`, and
    beside it one that ends in `.next`."""

    def __init__(self, path: Path) -> None:
        self._paths = (path, path.with_name(path.name + ".next"))
        self._line = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False
        self._holder: int | None = None
        self._files: tuple[int, int] | None = None
        self._process: int | None = None

    def acquire(self) -> None:
        """Wait for the turn. Raises RuntimeError where this thread already has it: nested, it would wait for ever.

        Raises StorageFull or StorageUnavailable where the lock's files cannot be opened.
        """
        if self._holder == threading.get_ident():
            raise RuntimeError("this thread already holds a writing Work; finish it before beginning another")
        self._get_in_line()
        self._holder = threading.get_ident()
        try:
            turn, following = self._descriptors()
            fcntl.flock(following, fcntl.LOCK_EX)
            try:
                fcntl.flock(turn, fcntl.LOCK_EX)
            finally:
                fcntl.flock(following, fcntl.LOCK_UN)
        except OSError as error:
            # no room for the lock's file, no descriptor left: the next writer must not wait for this one for ever
            self._give_on()
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise StorageFull() if full else StorageUnavailable() from error

    def release(self) -> None:
        """Give the turn on."""
        try:
            fcntl.flock(self._descriptors()[0], fcntl.LOCK_UN)
        finally:
            self._give_on()

    def _get_in_line(self) -> None:
        with self._line:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        try:
            mine.acquire()
        except BaseException:
            # told to stop while waiting: leave the line, or give on at once what was just handed over
            with self._line:
                in_line = mine in self._waiting
                if in_line:
                    self._waiting.remove(mine)
            if not in_line:
                self._give_on()
            raise

    def _give_on(self) -> None:
        self._holder = None
        with self._line:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

    def _descriptors(self) -> tuple[int, int]:
        # a descriptor inherited by fork shares its lock with the parent: every process opens its own
        if self._files is None or self._process != os.getpid():
            turn, following = (os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for path in self._paths)
            self._files, self._process = (turn, following), os.getpid()
        return self._files
