"""What is to be reached, and what was: ratios of each round against the same round's peer, the median of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Steps = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Line:
    """A measure. With a `peer` a ratio against it, the more the better; without one our own value, the less the better.
    `floor` and `goal` may be left out (None): then it is only told."""

    name: str
    step: str
    value: str
    peer: str | None = None
    floor: float | None = None
    goal: float | None = None
    unit: str = ""

    def found(self, ours: Sequence[Steps], theirs: Sequence[Steps]) -> list[float]:
        """One number for each round in which both were measured."""
        values = []
        for own, other in zip(ours, theirs or ours, strict=False):
            mine = own.get(self.step, {}).get(self.value)
            peer = other.get(self.step, {}).get(self.value) if self.peer else 1
            if mine is not None and peer:
                values.append(mine / peer)
        return values

    def judged(self, number: float) -> str:
        """How the number stands to floor and goal."""
        if self.goal is None or self.floor is None:
            return ""
        more = self.peer is not None
        if number >= self.goal if more else number <= self.goal:
            return "goal"
        return "floor" if (number >= self.floor if more else number <= self.floor) else "BELOW FLOOR"


LINES = (
    Line("PUT 1 GiB, × nginx", "put_big", "MBps", "nginx", 0.45, 0.70),
    Line("wait after its last byte", "put_big", "after_last_byte_s", None, 0.3, 0.05, "s"),
    Line("GET 1 GiB, × nginx", "get_big", "MBps", "nginx", 0.35, 0.55),
    Line("GET 1 MiB ranges, 1 connection, × nginx", "range_1m_c1", "ops_s", "nginx"),
    Line("GET 1 MiB ranges, 8 connections, × nginx", "range_1m_c8", "ops_s", "nginx", 0.40, 0.60),
    Line("PUT 4 KiB durable, 1 connection, × sabre", "put_4k_c1", "ops_s", "sabre", 0.8, 1.8),
    Line("PUT 4 KiB durable, 8 connections, × sabre", "put_4k_c8", "ops_s", "sabre", 0.5, 1.2),
    Line("GET 4 KiB, 1 connection, × sabre", "get_4k_c1", "ops_s", "sabre", 1.5, 4.0),
    Line("GET 4 KiB, 8 connections, × sabre", "get_4k_c8", "ops_s", "sabre", 1.0, 2.2),
    Line("PROPFIND of 10,000, × sabre", "propfind_10000", "entries_s", "sabre", 3.5, 5.0),
    Line("MOVE of a folder of 1,000", "move_1000", "median_s", None, 0.005, 0.002, "s"),
    Line("DELETE of a folder of 1,000", "delete_1000", "median_s", None, 0.005, 0.002, "s"),
    Line("p99 of PUT 4 KiB, 8 connections", "put_4k_c8", "p99_ms", None, 60, 20, "ms"),
    Line("memory: growth in a PUT of 1 GiB", "put_big", "rss_growth_MiB", None, 16, 8, "MiB"),
    Line("memory: whole instance idle", "idle", "pss_MiB", None, 220, 160, "MiB"),
)
ON_POSTGRESQL = {
    "PUT 4 KiB durable, 8 connections, × sabre": (0.4, 0.8),
    "GET 4 KiB, 8 connections, × sabre": (0.7, 1.5),
}


def table(rounds: Mapping[str, Sequence[Steps]], ours: str) -> list[str]:
    """The table of one of our stacks against the peers, in Markdown."""
    lines = ["| measure | rounds | median | floor | goal | |", "|---|---|---|---|---|---|"]
    for line in LINES:
        floor, goal = line.floor, line.goal
        if ours == "postgresql":
            floor, goal = ON_POSTGRESQL.get(line.name, (None, None) if line.peer == "sabre" else (floor, goal))
        line = Line(line.name, line.step, line.value, line.peer, floor, goal, line.unit)
        found = line.found(rounds[ours], rounds.get(line.peer, ()) if line.peer else ())
        if not found:
            lines.append(f"| {line.name} | – | not measured | {_said(floor)} | {_said(goal)} | |")
            continue
        middle = median(found)
        each = " / ".join(_said(one) for one in found)
        cells = (
            line.name,
            each,
            f"{_said(middle)} {line.unit}".strip(),
            _said(floor),
            _said(goal),
            line.judged(middle),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def values(rounds: Mapping[str, Sequence[Steps]]) -> list[str]:
    """What each server did, median of the rounds: the numbers behind the ratios."""
    measures = {(line.step, line.value) for line in LINES}
    lines = [f"| step | {' | '.join(rounds)} |", "|---" * (len(rounds) + 1) + "|"]
    for step, value in sorted(measures):
        cells = []
        for steps in rounds.values():
            found = [one[step][value] for one in steps if one.get(step, {}).get(value) is not None]
            cells.append(_said(median(found)) if found else "–")
        lines.append(f"| {step} {value} | {' | '.join(cells)} |")
    return lines


def _said(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
