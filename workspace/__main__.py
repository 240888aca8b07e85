"""Handle for `python -m workspace` and the `workspace` command."""

import importlib
import sys
import threading
from types import ModuleType
from typing import Any

from workspace.cli import cli
from workspace.cli.programs import Programs
from workspace.db.runtime import Runtime
from workspace.settings import Settings, SettingsError


class Whole(Programs):
    """The whole program, imported when a command needs it: `serve` has to say first where numbers are kept, since
    prometheus_client looks for that as soon as it is imported; and `workspace settings` needs none of it."""

    def load(self) -> None:
        _app(), _worker(), _recovery()

    def wire(self, settings: Settings) -> Runtime:
        runtime: Runtime = _app().wire(settings)
        return runtime

    def application(self, settings: Settings) -> Any:
        return _app().create_app(self.wire(settings))

    def work(self, runtime: Runtime, stop: threading.Event) -> None:
        _worker().work(runtime, stop)

    def recover(self, runtime: Runtime) -> int:
        count: int = _recovery().recover(runtime)
        return count


def _app() -> ModuleType:
    return importlib.import_module("workspace.app")


def _worker() -> ModuleType:
    return importlib.import_module("workspace.jobs.worker")


def _recovery() -> ModuleType:
    return importlib.import_module("workspace.jobs.recovery")


PROGRAMS = Whole()


def main() -> None:
    """Run the command; a bad setting ends it with one sentence."""
    try:
        cli(obj=Whole())
    except SettingsError as error:
        sys.exit(f"workspace: {error}")


if __name__ == "__main__":
    main()
