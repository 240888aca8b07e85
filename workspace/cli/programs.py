"""What the command is given by whoever wires: it stands beside the worker and below the wiring, and imports neither."""

import gc
import signal
import threading
from dataclasses import dataclass
from importlib import import_module
from types import FrameType
from typing import Any

from sqlalchemy.orm import configure_mappers

from workspace.db.migrations import newest, require_newest
from workspace.db.runtime import Runtime
from workspace.settings import Settings, SettingsError, from_environment


@dataclass(frozen=True, slots=True)
class Programs:
    """The rest of the program, by the names of its modules, imported when a command needs it.

    `serve` has to say first where numbers are kept, since prometheus_client looks for that as soon as it is imported;
    and `workspace settings` needs none of it.
    """

    app: str
    worker: str
    recovery: str

    def load(self) -> None:
        """Import everything now, so that processes forked afterwards share it."""
        for name in (self.app, self.worker, self.recovery):
            import_module(name)
        # what each process would else do for itself at its first question
        configure_mappers()
        newest()
        _keep()

    def wire(self, settings: Settings) -> Runtime:
        """A wired instance. Raises SettingsError, MasterKeyError."""
        runtime: Runtime = import_module(self.app).wire(settings)
        return runtime

    def application(self, settings: Settings) -> Any:
        """The WSGI application over a wired instance of its own. Nothing of it is open: processes forked afterwards
        share it, and each opens what it needs."""
        runtime = self.wire(settings)
        application = import_module(self.app).create_app(runtime)
        runtime.close()
        _keep()
        return application

    def work(self, runtime: Runtime, stop: threading.Event) -> None:
        """Run a worker until `stop` is set."""
        import_module(self.worker).work(runtime, stop)

    def recover(self, runtime: Runtime) -> int:
        """End again what the journal knows as ended; returns how many."""
        count: int = import_module(self.recovery).recover(runtime)
        return count

    def outstanding(self, runtime: Runtime) -> int:
        """How many endings that the journal knows do not hold."""
        count: int = import_module(self.recovery).outstanding(runtime)
        return count

    def open(self) -> Runtime:
        """The instance that the environment names. Raises SettingsError where it is not prepared for this program."""
        settings = from_environment()
        if not settings.secrets.is_dir() and not settings.master_key_path.exists():
            raise SettingsError(f"The instance {settings.instance} is not prepared; `workspace init` does it.")
        runtime = self.wire(settings)
        require_newest(runtime.database)
        return runtime


def _keep() -> None:
    """What is here now stays: were the collector to look through it, each process would have to copy it first."""
    gc.collect()
    gc.freeze()


def until_told() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, tell)
    signal.signal(signal.SIGINT, tell)
    return stop
