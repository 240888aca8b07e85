"""The rail of days of a case as plain numbers, drawn by `components/days.html`. Positions are per cent of its width."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

State = Literal["running", "soon", "extended", "answered", "overdue"]
NARROW = 24.0  # per cent a label needs before two of them touch on a phone


@dataclass(frozen=True)
class Rail:
    """Where everything stands. `first_at` is None without an extension; `label` is how the dot's label is anchored."""

    state: State
    day: int
    of: int
    dot: float
    due: float
    first_at: float | None
    label: Literal["start", "middle", "end"]
    label_x: float
    tall: bool

    @property
    def over(self) -> int:
        """Days past the last day, 0 before it."""
        return max(0, self.day - self.of) if self.state == "overdue" else 0

    @property
    def gone(self) -> float:
        """Length of the part in the first term."""
        return min(self.dot, self.first_at if self.first_at is not None else self.due)

    @property
    def gone_extended(self) -> float:
        """Length of the part in the extension."""
        return max(0.0, min(self.dot, self.due) - self.first_at) if self.first_at is not None else 0.0


def rail(day: int, of: int, first: int | None = None, answered: bool = False, soon: bool = False) -> Rail:
    """Place day `day` of `of` (the last day). `first` is the first last day, given when it was extended."""
    of, day = max(of, 1), max(day, 0)
    scale = max(of, day) if not answered else max(of, day, 1)
    dot, due = 100 * day / scale, 100 * of / scale
    first_at = None if first is None or first >= of else round(100 * first / scale, 1)
    state: State = (
        "answered" if answered else "overdue" if day > of else "soon" if soon else "extended" if first_at else "running"
    )
    label: Literal["start", "middle", "end"] = "start" if dot < 30 else "end" if dot > 70 else "middle"
    shift = {"start": 0.0, "middle": dot, "end": min(100.0, dot + 3)}[label]
    marks = [0.0, *([first_at] if first_at is not None else []), round(due, 1)]
    gaps = [right - left for left, right in pairwise(marks)]
    crowded = first_at is not None and (first_at < 2 * NARROW or min(gaps) < NARROW)
    return Rail(state, day, of, round(dot, 1), round(due, 1), first_at, label, round(shift, 1), crowded)
