"""A wired instance: what the doors are given so that they can begin Works."""

from dataclasses import dataclass

from workspace.db.database import Database
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.clock import Clock
from workspace.kernel.ports import Ports
from workspace.settings import Settings


@dataclass(frozen=True, slots=True)
class Runtime:
    """Settings, database, clock and the outside. Built by `app.wire`, nowhere else."""

    settings: Settings
    database: Database
    ports: Ports
    clock: Clock

    def reading(self, actor: Actor) -> Work:
        """A Work that only reads."""
        return Work(self.database, self.ports, self.settings, actor, self.clock.now(), writes=False)

    def writing(self, actor: Actor) -> Work:
        """A Work that may write; on SQLite it waits for its turn at its first statement."""
        return Work(self.database, self.ports, self.settings, actor, self.clock.now(), writes=True)

    def close(self) -> None:
        """Close what this thread has open, so that nothing open goes through a fork; the next question opens others."""
        self.database.dispose()
        self.ports.keyring.close()
