"""What the command is given by whoever wires: it stands beside the worker and below the wiring, and imports neither."""

import signal
import threading
from abc import ABC, abstractmethod
from types import FrameType
from typing import Any

from workspace.db.migrations import require_newest
from workspace.db.runtime import Runtime
from workspace.settings import Settings, SettingsError, from_environment


class Programs(ABC):
    """The rest of the program, as the command uses it."""

    @abstractmethod
    def load(self) -> None:
        """Import everything now, so that processes forked afterwards share it."""

    @abstractmethod
    def wire(self, settings: Settings) -> Runtime:
        """A wired instance. Raises SettingsError, MasterKeyError."""

    @abstractmethod
    def application(self, settings: Settings) -> Any:
        """The WSGI application over an instance wired in this very process."""

    @abstractmethod
    def work(self, runtime: Runtime, stop: threading.Event) -> None:
        """Run a worker until `stop` is set."""

    @abstractmethod
    def recover(self, runtime: Runtime) -> int:
        """End again what the journal knows as ended; returns how many."""

    def open(self) -> Runtime:
        """The instance that the environment names. Raises SettingsError where it is not prepared for this program."""
        settings = from_environment()
        if not settings.secrets.is_dir() and not settings.master_key.exists():
            raise SettingsError(f"The instance {settings.instance} is not prepared; `workspace init` does it.")
        runtime = self.wire(settings)
        require_newest(runtime.database)
        return runtime


def until_told() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, tell)
    signal.signal(signal.SIGINT, tell)
    return stop
