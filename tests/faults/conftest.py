"""The towns that are struck, each in a fork server of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parts.instances import end_with_parent
from tests.parts.postgres import Databases
from tests.parts.seaweed import Seaweed
from tests.parts.services import ROOT

MEMORY = Path("/dev/shm")


class StruckTown:
    """A fork server's other end."""

    def __init__(self, folder: Path, *grown: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.faults.server", str(folder), *grown],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        assert self._answer() == "ready"

    def strike(self, act: str, operation: str, **how: Any) -> dict[str, Any]:
        """Strike an operation at many points: `points`, `seconds`, and what was `found`, in sentences."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"act": act, "operation": operation, **how}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = self._answer()
        return answer

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the fork server has ended; what it said stands above"
        return json.loads(line)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture(scope="module")
def embedded_town() -> Iterator[StruckTown]:
    """SQLite and files, in memory: a process that dies takes nothing back that the kernel has got, so the disk does not
    matter here; where it does, `test_power.py` cuts its power."""
    folder = Path(tempfile.mkdtemp(prefix="workspace-town-", dir=MEMORY if MEMORY.is_dir() else None))
    town = StruckTown(folder)
    yield town
    town.end()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def grown_town(postgres: Databases, seaweed: Seaweed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StruckTown]:
    """PostgreSQL and S3."""
    town = StruckTown(tmp_path_factory.mktemp("town"), postgres.uri, seaweed.url(seaweed.new_bucket()))
    yield town
    town.end()
