"""A worker as a process of its own, to be killed: `python -m tests.jobs.processes DATABASE_URL FOLDER`.

Its one kind of job, `test.slow`, writes a line when it begins, waits for the file `go`, and writes a line when it ends.
"""

import signal
import sys
import threading
from pathlib import Path

from workspace.db.database import Database
from workspace.db.runtime import Runtime
from workspace.jobs.worker import Worker
from workspace.kernel.clock import SystemClock
from workspace.settings import Settings


def main(url: str, folder: Path) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    runtime = Runtime(Settings(), Database(url), None, SystemClock())  # type: ignore[arg-type]

    def slow(_runtime, payload, _progress):
        with (folder / "lines").open("a") as file:
            file.write(f"began {payload['n']}\n")
        while not (folder / "go").exists():
            threading.Event().wait(0.02)
        with (folder / "lines").open("a") as file:
            file.write(f"ended {payload['n']}\n")

    Worker(runtime, {"test.slow": slow}, threads=1, reacts=False).run(stop)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
