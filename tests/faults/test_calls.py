"""The mechanism strikes where it says it does, and the oracle sees what it is there to see."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.faults.calls import KILL, SYNCS, kill_at, let_be, watch
from tests.parts.services import ROOT

pytestmark = pytest.mark.slow


def write_two(folder: Path) -> None:
    for name in ("one", "two"):
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(descriptor, name.encode())
        os.fsync(descriptor)
        os.close(descriptor)


def test_every_call_that_changes_something_is_seen_and_named(tmp_path: Path) -> None:
    ending = watch(lambda: write_two(tmp_path), let_be, str(tmp_path))
    assert ending.status == 0
    assert [f"{call.name} {call.about}" for call in ending.calls] == [
        "openat one", "write one", "fsync one", "openat two", "write two", "fsync two"
    ]  # fmt: skip


def test_it_dies_before_the_call_has_done_anything(tmp_path: Path) -> None:
    ending = watch(lambda: write_two(tmp_path), kill_at(5), str(tmp_path))
    assert ending.status == -signal.SIGKILL
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "one", "two": ""}


def test_a_call_fails_as_it_is_told_without_having_happened(tmp_path: Path) -> None:
    def act() -> None:
        try:
            write_two(tmp_path)
        except OSError as error:
            os._exit(error.errno or 0)

    full = watch(act, lambda call: errno.ENOSPC if call.name == "write" else 0, str(tmp_path))
    assert full.status == errno.ENOSPC
    assert (tmp_path / "one").read_bytes() == b""
    failing = watch(act, lambda call: errno.EIO if call.name in SYNCS else 0, str(tmp_path))
    assert failing.status == errno.EIO


def test_other_threads_are_struck_as_well(tmp_path: Path) -> None:
    def act() -> None:
        other = threading.Thread(target=write_two, args=(tmp_path,))
        other.start()
        other.join()

    judge = lambda call: KILL if call.about == "two" else 0  # noqa: E731
    assert watch(act, judge, str(tmp_path)).status == -signal.SIGKILL
    assert not (tmp_path / "two").exists()


def test_a_wrong_order_of_writes_is_found_out(tmp_path: Path) -> None:
    """The row before the object: what the sweep must see at once, or it sees nothing."""
    script = "tests.faults.wrong_order"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = done.stdout.splitlines()
    assert any("missing" in one for one in found), done.stdout
    assert any("damaged" in one for one in found), done.stdout
