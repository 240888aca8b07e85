"""One process full of threads that write as fast as they can; prints how long each write waited and what went wrong.

`python -m tests.faults.writers INSTANCE PERSON ROOT EACH THREADS`. They begin together with the other process.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from tests.world import Stack, World
from workspace.cloud import service
from workspace.kernel.actors import Actor


def main(folder: str, person_id: str, root_id: str, each: str, threads: str) -> None:
    path = Path(folder)
    stack = Stack(
        "embedded", f"sqlite:///{path / 'workspace.db'}", f"file://{path / 'objects'}",
        f"sqlite:///{path / 'keyring' / 'keyring.db'}", path / "secrets" / "master.key",
    )  # fmt: skip
    world = World(path, stack)
    actor = Actor(person_id=person_id, name="Olena")
    waits: list[float] = []
    errors: list[str] = []
    together = threading.Barrier(int(threads))

    def write(number: int) -> None:
        together.wait()
        for turn in range(int(each)):
            began = time.monotonic()
            try:
                with world.writing(actor) as work:
                    service.make_folder(work, root_id, f"{id(world)}-{number}-{turn}-{began}")
                waits.append(time.monotonic() - began)
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}")

    running = [threading.Thread(target=write, args=(number,)) for number in range(int(threads))]
    for one in running:
        one.start()
    for one in running:
        one.join()
    print(json.dumps({"waits": waits, "errors": errors[:5], "written": len(waits)}))  # noqa: T201 - this is its answer


if __name__ == "__main__":
    main(*sys.argv[1:])
