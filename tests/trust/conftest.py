"""A log of its own for each test, on both databases: the ground floor's tables and a journal, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.parts.postgres import Databases
from workspace.db.base import Base
from workspace.db.database import Database
from workspace.db.facts import FactRow
from workspace.db.leases import Lease, take
from workspace.db.outbox import Job
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import WORKER, Actor
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.ports import Ports
from workspace.kernel.things import Located, ThingKind
from workspace.settings import Settings
from workspace.trust.journal import FolderJournal
from workspace.trust.log import SEQUENCER, append, gather, keep_heads, publish
from workspace.trust.models import Log, LogEntry, LogHead, LogKey, LogNode
from workspace.trust.signing import Ed25519Signer

TABLES = [one.__table__ for one in (FactRow, Job, Lease, Log, LogKey, LogEntry, LogNode, LogHead)]


class Clock:
    """Moves on by a second each time it is asked, so that order shows."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def gathered_and_appended(
    work: Work, holder: str, react: Callable[[Work, list[FactRow]], None], limit: int = 1000
) -> int:
    """Both halves of the sequencer in one Work."""
    gathered = gather(work, limit)
    return append(work, holder, gathered, lambda work: react(work, gathered.facts))


@dataclass
class Bench:
    """A runtime with the parts of the log, and short ways to use them."""

    runtime: Runtime
    journal: FolderJournal
    clock: Clock
    reacted: list[str] = field(default_factory=list)

    def record(self, count: int = 1, **details: Any) -> list[str]:
        """Write facts of somebody who opened an item; returns their ids."""
        item = Located(ThingKind.ITEM, new_id(), None, ())
        with self.runtime.writing(Actor(person_id=new_id(), name="Olena")) as work:
            ids = [work.record(FactKind.OPENED, item, number=number, **details).id for number in range(count)]
            work.commit()
        return ids

    def sequence(self, holder: str = "one", limit: int = 1000) -> int:
        """What the sequencer does: lease, append, commit, publish."""
        with self.runtime.writing(WORKER) as work:
            assert take(work, SEQUENCER, holder, 60)
            work.commit()
        with self.runtime.writing(WORKER) as work:
            count = gathered_and_appended(work, holder, self.react, limit)
            work.commit()
        with self.runtime.reading(WORKER) as work:
            sizes = keep_heads(work)
        with self.runtime.writing(WORKER) as work:
            publish(work, sizes)
            work.commit()
        return count

    def react(self, _work: Work, facts: list[FactRow]) -> None:
        self.reacted += [one.id for one in facts]


@pytest.fixture(params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'log.db'}"
        _create(url)
    else:
        databases: Databases = request.getfixturevalue("postgres")
        name = databases.new_database(databases.template("trust", _create))
        url = databases.url(name)
    database = Database(url)
    journal, clock = FolderJournal(tmp_path / "journal"), Clock()
    signer = Ed25519Signer.create(tmp_path / "log.key")
    ports = Ports(objects=None, keyring=None, journal=journal, signer=signer, mailer=None, outbound=None)  # type: ignore[arg-type]
    yield Bench(Runtime(Settings(), database, ports, clock), journal, clock)
    database.dispose()
    if request.param == "postgresql":
        databases.drop_database(name)


def _create(url: str) -> None:
    database = Database(url)
    Base.metadata.create_all(database.engine, tables=TABLES)
    database.dispose()
