"""`workspace up`: one word starts everything, Ctrl-C ends everything, the second start is quick and keeps the data."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from tests.world import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKSPACE_")}
    return {**kept, "WORKSPACE_INSTANCE": str(tmp_path / "instance"), "PORT": str(port), "DEMO": "0"}


def wait_for(what: Callable[[], object], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen"
        threading.Event().wait(0.05)


class Running:
    """One `workspace up`, its output and its processes."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.output = folder / "output"
        self.address = f"http://127.0.0.1:{environment['PORT']}"
        with self.output.open("wb") as output:
            command = [sys.executable, "-m", "workspace", "up"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        wait_for(lambda: "Ctrl-C stops everything" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        wait_for(lambda: len(self._below()) >= 4)  # the worker, gunicorn and two that answer, the first of them alone
        self.all = [self.process, *self._below()]

    def _below(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def said(self) -> str:
        return self.output.read_text()

    def spent(self) -> float:
        """Seconds of processor, of all its processes: what it takes on a machine with nothing else to do."""
        parts = [psutil.Process(one.pid).cpu_times() for one in self.all]
        return sum(one.user + one.system for one in parts)

    def gone(self) -> bool:
        return not any(psutil.pid_exists(one.pid) and _runs(one.pid) for one in self.all)


def _runs(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def up(environment, tmp_path):
    started: list[Running] = []

    def start() -> Running:
        started.append(Running(environment, tmp_path))
        return started[-1]

    yield start
    for one in started:
        for process in one.all:
            if _runs(process.pid):
                os.kill(process.pid, signal.SIGKILL)
        one.process.wait()


def ready(running: Running) -> bool:
    try:
        with urlopen(running.address + "/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_it_starts_ends_with_ctrl_c_and_starts_again_quickly_with_the_data(up, environment):
    first = up()
    assert f"Citizen Workspace is at http://localhost:{environment['PORT']}" in first.said()
    wait_for(lambda: ready(first))
    command = [sys.executable, "-m", "workspace", "user", "add", "olena@example.org", "--name", "Olena"]
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(40) == 0
    assert first.said().endswith("Stopped.\n")
    assert first.gone()
    second = up()
    assert second.spent() < 5.0
    again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 1, "she is here already"
    second.process.send_signal(signal.SIGTERM)
    assert second.process.wait(40) == 0


def test_nothing_stays_behind_when_it_is_killed(up):
    running = up()
    running.process.kill()
    running.process.wait()
    wait_for(running.gone, 40)


def test_it_ends_with_a_sentence_when_a_part_of_it_dies(up):
    running = up()
    worker = psutil.Process(running.process.pid).children()[0]
    worker.kill()
    assert running.process.wait(40) == 1
    assert "`workspace worker` has ended with status -9" in running.said()
    assert running.gone()
