"""One real server for all workers of a test run: started by whoever needs it first, gone when the run is.

The server lives in a keeper process of its own (`python -m tests.parts.<name>`), because the worker that needs it first
may end before the others. The keeper ends with the run's controlling process, even where that is killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = "WORKSPACE_TEST_RUN"
CONTROLLER = "WORKSPACE_TEST_CONTROLLER"
_keepers: list[subprocess.Popen[str]] = []


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process opens a folder for the run; its workers inherit the name."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="workspace-tests-")
        os.chmod(folder, 0o755)  # PostgreSQL, started as root, becomes another user and must get through
        os.environ[FOLDER] = folder
        os.environ[CONTROLLER] = str(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or FOLDER not in os.environ:
        return
    folder = Path(os.environ.pop(FOLDER))
    for state in folder.glob("*.json"):
        _stop(json.loads(state.read_text())["keeper"])
    shutil.rmtree(folder, ignore_errors=True)


def run_folder() -> Path:
    """The folder of this test run, the same in all its workers, removed at its end."""
    return Path(os.environ[FOLDER])


@contextmanager
def taking_turns(name: str) -> Iterator[None]:
    """One worker of the run at a time."""
    with (run_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared(name: str) -> dict[str, Any]:
    """What the keeper of the server `name` says about it; starts it where it does not run yet."""
    state = run_folder() / f"{name}.json"
    with taking_turns(name):
        if not state.exists():
            command = [sys.executable, "-m", f"tests.parts.{name}", str(run_folder() / name), os.environ[CONTROLLER]]
            keeper = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
            _keepers.append(keeper)
            assert keeper.stdout is not None
            said = keeper.stdout.readline()
            if not said:
                raise RuntimeError(f"{name} did not start; what it said stands above")
            state.write_text(json.dumps(json.loads(said) | {"keeper": keeper.pid}))
    values: dict[str, Any] = json.loads(state.read_text())
    return values


def keep(values: dict[str, Any], controller: int, *processes: int) -> None:
    """In the keeper: say where the server is, then wait until the run, or one of `processes`, ends.

    SIGTERM raises SystemExit here, so that the caller's `finally` clears up.
    """
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    waiting = select.poll()
    for process in (controller, *processes):
        waiting.register(os.pidfd_open(process), select.POLLIN)
    print(json.dumps(values), flush=True)  # noqa: T201 - this is how the starter hears of it
    waiting.poll()


def _stop(keeper: int) -> None:
    try:
        descriptor = os.pidfd_open(keeper)
    except ProcessLookupError:
        return
    try:
        os.kill(keeper, signal.SIGTERM)
        gone = select.poll()
        gone.register(descriptor, select.POLLIN)
        if not gone.poll(20_000):
            os.kill(keeper, signal.SIGKILL)
    finally:
        os.close(descriptor)
