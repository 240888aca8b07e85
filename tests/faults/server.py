"""The fork server: a process without threads that has read in everything, filled a town, and forks for every run.

`python -m tests.faults.server FOLDER` and, for PostgreSQL and S3, `URI BUCKET_URL` behind it. One line of JSON in, one
line out: `{"act": "kill", "operation": "share", "most": 8}`.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.faults.errors import error_sweep
from tests.faults.operations import OPERATIONS
from tests.faults.places import EmbeddedPlace, GrownPlace, Place
from tests.faults.sweep import Result, kill_sweep
from tests.faults.town import Town, fill
from tests.parts.postgres import Databases

ACTS: dict[str, Callable[..., Result]] = {"kill": kill_sweep, "error": error_sweep}


def answer(town: Town, asked: dict[str, Any]) -> dict[str, Any]:
    """Do one thing that was asked for."""
    operation = OPERATIONS[asked.pop("operation")]
    return asdict(ACTS[asked.pop("act")](town, operation, **asked))


def main(folder: str, *grown: str) -> None:
    logging.disable(logging.CRITICAL)  # what a struck process says about it is expected
    path = Path(folder)
    place: Place = GrownPlace(path, Databases(grown[0]), grown[1]) if grown else EmbeddedPlace(path)
    try:
        town = fill(place)
        print(json.dumps("ready"), flush=True)  # noqa: T201 - this is how the tests hear of it
        for line in sys.stdin:
            print(json.dumps(answer(town, json.loads(line))), flush=True)  # noqa: T201
    finally:
        if isinstance(place, GrownPlace):
            place.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
