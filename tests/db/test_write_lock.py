"""The one turn to write on SQLite is always given on, also by a writer that could not take it."""

from __future__ import annotations

import errno
import os
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
