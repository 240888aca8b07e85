"""How much is broken in one run: a share in `make test`, everything in `make faults` (FAULTS=1); and the one table.

    @pytest.mark.faults                     # this test runs in `make faults` only
    def test_ten_gigabytes_come_back(fault_table: FaultTable) -> None:
        for point in share(ten_points, all_points):
            ...
        fault_table.row("restore", "10 GB", seconds=412)

Every row names what was done, to what, and what was measured; `make faults` prints them at its end, sorted, and
`docs/reliability.md` quotes them.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from tests.parts.services import run_folder, taking_turns

Amount = TypeVar("Amount")
FAULTS = "FAULTS"
_ROWS = "faults.jsonl"


def everything(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this run breaks everything (`make faults`), not only a share of it."""
    return environment.get(FAULTS, "") == "1"


def share(of_every_day: Amount, whole: Amount) -> Amount:
    """The one in `make test`, the other in `make faults`."""
    return whole if everything() else of_every_day


class FaultTable:
    """Where tests write down what they did and measured."""

    def row(self, what: str, to: str, **measured: float | str) -> None:
        """One line of the table. Whole numbers and short words; seconds with the digits that mean something."""
        with taking_turns(_ROWS), (run_folder() / _ROWS).open("a", encoding="utf-8") as file:
            file.write(json.dumps([what, to, measured], ensure_ascii=False) + "\n")


@pytest.fixture(scope="session")
def fault_table() -> FaultTable:
    return FaultTable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for `make faults` alone: deselected, not skipped, since nobody is to wonder about it."""
    if everything():
        return
    later = [item for item in items if item.get_closest_marker("faults")]
    if later:
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if not item.get_closest_marker("faults")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table, once, at the end of `make faults`."""
    if hasattr(config, "workerinput") or not everything():
        return
    path = run_folder() / _ROWS
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    terminalreporter.section(f"faults, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}")
    for line in lines(rows):
        terminalreporter.write_line(line)


def lines(rows: list[tuple[str, str, Mapping[str, float | str]]]) -> list[str]:
    """The rows as a table in Markdown, sorted, so that it can be quoted as it is."""
    told = sorted((what, to, ", ".join(f"{name} {value}" for name, value in found.items())) for what, to, found in rows)
    return ["| what | to | measured |", "|---|---|---|", *(f"| {what} | {to} | {found} |" for what, to, found in told)]
