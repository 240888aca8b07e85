"""The one turn to write on SQLite is always given on, also by a writer that could not take it."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workspace.db import write_lock
from workspace.db.write_lock import WriteLock
from workspace.kernel.errors import StorageFull, StorageUnavailable


@pytest.mark.parametrize(("number", "told"), [(errno.ENOSPC, StorageFull), (errno.EMFILE, StorageUnavailable)])
def test_a_writer_that_cannot_open_the_lock_leaves_the_turn_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, told: type[Exception]
) -> None:
    lock = WriteLock(tmp_path / "db.lock")

    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(write_lock.os, "open", refuse)
        with pytest.raises(told):
            lock.acquire()
    lock.acquire()
    with pytest.raises(RuntimeError):
        lock.acquire()
    lock.release()


def test_the_turn_goes_to_whoever_waits_longest(tmp_path: Path) -> None:
    """Whoever has just given it on is awake, and would always be first; it has to get in line again."""
    lock, order = WriteLock(tmp_path / "db.lock"), []
    lock.acquire()

    def write(number: int) -> None:
        lock.acquire()
        order.append(number)
        lock.release()

    waiting = []
    for number in range(6):
        waiting.append(threading.Thread(target=write, args=(number,)))
        waiting[-1].start()
        until(lambda: len(lock._waiting) == len(waiting))
    lock.release()
    lock.acquire()
    assert order == list(range(6))
    lock.release()
    for one in waiting:
        one.join()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)
