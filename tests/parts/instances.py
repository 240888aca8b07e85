"""Whole instances as a host runs them: `workspace init`, people, then `serve` and `worker` as processes of their own.

    def test_something(instances: Instances) -> None:
        place = instances.start("embedded", demo=True)
        httpx.get(place.address + "/readyz")

Settings come from the environment, data lie in a folder of the test, everything listens on loopback alone. What the
programs said stands in the report of a test that fails while they run. All of it ends with the module.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psutil
import pytest
from click.testing import CliRunner

from tests.parts.postgres import Databases
from tests.parts.seaweed import Seaweed
from tests.parts.services import ROOT
from workspace.__main__ import PROGRAMS
from workspace.cli import cli
from workspace.settings import Settings

PATIENCE = 60.0
TAIL = 6000
_PR_SET_PDEATHSIG = 1
_running: list[Instance] = []


@dataclass
class Instance:
    """One instance: a folder, an address, and the programs that serve it."""

    folder: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"  # a name: passkeys do not work under a number

    @property
    def home(self) -> Path:
        return Path(self.settings.get("WORKSPACE_INSTANCE", self.folder / "instance"))

    @property
    def temp(self) -> Path:
        return self.folder / "tmp"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def environment(self) -> dict[str, str]:
        """What the programs of this instance find around them."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("WORKSPACE_", "DEMO", "PORT"))
        }
        own = {
            "WORKSPACE_INSTANCE": str(self.home),
            "WORKSPACE_BASE_URL": self.address,
            "WORKSPACE_BIND": f"127.0.0.1:{self.port}",
            "WORKSPACE_PASSWORD_HASH_COST": "1",
            "TMPDIR": str(self.temp),
        }
        return kept | own | self.settings

    # the command -------------------------------------------------------------------------------------------------
    def command(self, *arguments: str, text: str = "", expect: int = 0) -> str:
        """Run the `workspace` command as a process, to its end; gives back what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "workspace", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=PATIENCE * 2,
        )
        said = f"workspace {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        assert done.returncode == expect, said
        return done.stdout

    def quick(self, *arguments: str, text: str = "") -> str:
        """The same command without a process of its own, where many are given."""
        given = CliRunner().invoke(cli, arguments, input=text, env=self._only(), obj=PROGRAMS, catch_exceptions=False)
        assert given.exit_code == 0, given.output
        return given.stdout

    def _only(self) -> dict[str, str | None]:
        """The environment as a change: what others set and this instance does not is taken out."""
        gone = {name: None for name in os.environ if name.startswith("WORKSPACE_") and "_TEST_" not in name}
        own = {name: value for name, value in self.environment.items() if name.startswith("WORKSPACE_")}
        return gone | own

    def add_person(self, email: str, name: str, *more: str) -> str:
        """An account; its password stands in `passwords`. Returns the id."""
        self.passwords[email] = "-".join(secrets.token_hex(3) for _ in range(3))
        arguments = ("user", "add", email, "--name", name, "--password-stdin", *more)
        return self.quick(*arguments, text=self.passwords[email] + "\n").strip()

    def fill_with_demo(self) -> None:
        """The demo city; its accounts stand in `passwords`."""
        for line in self.quick("demo").splitlines():
            email, password, _who = line.split(maxsplit=2)
            self.passwords[email] = password

    # its programs ------------------------------------------------------------------------------------------------
    def start(self, *programs: str) -> None:
        """Start `serve` and `worker` (or those named) and wait until they do their part."""
        for program in programs or ("serve", "worker"):
            with (self.logs / f"{program}.log").open("ab") as log:
                self.processes[program] = subprocess.Popen(
                    [sys.executable, "-m", "workspace", program],
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=end_with_parent,
                )
        self.wait_for("/readyz" if "worker" in self.processes else "/healthz")
        if "serve" in (programs or ("serve",)):
            self._wait_for_all_that_answer()

    def _wait_for_all_that_answer(self) -> None:
        """The first may answer before gunicorn has begun the others."""
        deadline = time.monotonic() + PATIENCE
        while len(self.web_processes()) < int(self.environment.get("WORKSPACE_WORKERS", Settings().workers)):
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)  # gunicorn tells nobody how many there are

    def wait_for(self, path: str, status: int = 200) -> None:
        """Wait until this address answers so."""
        deadline = time.monotonic() + PATIENCE
        answered = 0
        while time.monotonic() < deadline:
            dead = [name for name, process in self.processes.items() if process.poll() is not None]
            assert not dead, f"{dead} ended by themselves\n{self.said()}"
            answered = self.status(path)
            if answered == status:
                return
            time.sleep(0.05)  # a program says nowhere else that it is ready
        raise AssertionError(f"{path} answered {answered} to the end\n{self.said()}")

    def status(self, path: str) -> int:
        """What a GET of this path answers; 0 where nobody listens."""
        try:
            with urlopen(self.address + path, timeout=5) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except (URLError, OSError):
            return 0

    def stop(self, *programs: str) -> None:
        """End `serve` and `worker` (or those named) as a host does, and wait for it."""
        ending = [self.processes.pop(name) for name in programs or tuple(self.processes)]
        for process in ending:
            process.send_signal(signal.SIGTERM)
        for process in ending:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._kill(process)

    def kill(self) -> None:
        """End whatever still runs, at once."""
        for process in self.processes.values():
            self._kill(process)
        self.processes.clear()

    @staticmethod
    def _kill(process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own: its children go with it
            process.wait()

    def web_processes(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        return psutil.Process(self.processes["serve"].pid).children()

    # looking from outside ----------------------------------------------------------------------------------------
    def said(self) -> str:
        """The end of what the programs said."""
        logs = sorted(self.logs.glob("*.log"))
        tails = [f"--- {log.name}\n{log.read_text(errors='replace')[-TAIL:]}" for log in logs]
        return "\n".join(tails)


class Instances:
    """Makes instances, and ends them all."""

    def __init__(self, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> None:
        self._request, self._factory = request, factory
        self._endings = ExitStack()

    def prepare(self, stack: str = "embedded", **settings: str) -> Instance:
        """An instance after `workspace init`, with nobody in it and nothing running."""
        folder = self._factory.mktemp(f"instance-{stack}")
        place = Instance(folder, free_port(), {f"WORKSPACE_{name.upper()}": value for name, value in settings.items()})
        for part in (place.temp, place.logs):
            part.mkdir()
        if stack == "grown":
            place.settings |= self._grown()
        _running.append(place)
        self._endings.callback(_running.remove, place)
        self._endings.callback(place.kill)
        place.quick("init")
        return place

    def beside(self, first: Instance) -> Instance:
        """A second node of a grown instance: a folder of its own, the secrets and the journal of the first."""
        folder = self._factory.mktemp("node")
        node = Instance(folder, free_port(), first.settings | {"WORKSPACE_JOURNAL_DIR": str(first.home / "journal")})
        for part in (node.temp, node.logs, node.home):
            part.mkdir()
        (node.home / "secrets").symlink_to(first.home / "secrets")
        _running.append(node)
        self._endings.callback(_running.remove, node)
        self._endings.callback(node.kill)
        return node

    def start(self, stack: str = "embedded", *, demo: bool = False, **settings: str) -> Instance:
        """An instance that serves, with the demo city or without anybody."""
        place = self.prepare(stack, **settings)
        if demo:
            place.fill_with_demo()
        place.start()
        return place

    def _grown(self) -> dict[str, str]:
        """PostgreSQL for data and for keys, one bucket of S3."""
        postgres: Databases = self._request.getfixturevalue("postgres")
        seaweed: Seaweed = self._request.getfixturevalue("seaweed")
        settings = {"WORKSPACE_OBJECTS_URL": seaweed.url(seaweed.new_bucket())}
        for name in ("WORKSPACE_DATABASE_URL", "WORKSPACE_KEYRING_URL"):
            database = postgres.new_database()
            self._endings.callback(postgres.drop_database, database)
            settings[name] = postgres.url(database)
        return settings

    def end(self) -> None:
        self._endings.close()


@pytest.fixture(scope="module")
def instances(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instances]:
    """Instances for the tests of one module."""
    made = Instances(request, tmp_path_factory)
    try:
        yield made
    finally:
        made.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what the running instances said."""
    report = yield
    if report.failed:
        report.sections += [(f"instance at {place.address}", place.said()) for place in _running]
    return report


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
