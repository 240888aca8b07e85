"""A deliberately wrong program: the row first, the object afterwards. Prints what a sweep finds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.faults.operations import OPERATIONS, Operation
from tests.faults.places import EmbeddedPlace
from tests.faults.sweep import kill_sweep
from tests.faults.town import Town, fill
from workspace.storage.filesystem import FileWriter


def wrongly(town: Town) -> dict[str, Any]:
    """A PUT whose object becomes durable only when the row has long been."""
    commit = FileWriter.commit
    waiting: list[FileWriter] = []
    FileWriter.commit = lambda writer: waiting.append(writer)  # type: ignore[method-assign]
    told = OPERATIONS["PUT"].steps[0](town)
    FileWriter.commit = commit  # type: ignore[method-assign]
    for writer in waiting:
        writer.commit()
    return told


if __name__ == "__main__":
    place = EmbeddedPlace(Path(sys.argv[1]))
    for one in kill_sweep(fill(place), Operation("wrong PUT", (wrongly,)), 30).found:
        print(one)  # noqa: T201 - this is how the test hears of it
