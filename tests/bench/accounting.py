"""What a server costs while it is measured: processor time and memory of its processes and all their descendants."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
MIB = 1 << 20


def family(roots: Iterable[int]) -> set[int]:
    """These processes and all their descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                parent = int(_status(int(path.name))[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(path.name))
    seen: set[int] = set()
    ahead = list(roots)
    while ahead:
        present = ahead.pop()
        if present not in seen:
            seen.add(present)
            ahead += children.get(present, [])
    return seen


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time so far, that of children that have ended included."""
    total = 0
    for process in family(roots):
        try:
            total += sum(map(int, _status(process)[11:15]))
        except OSError:
            continue
    return total / TICK


def resident(processes: Iterable[int]) -> int:
    """Bytes in memory, pages that several share counted once for each (as `ps` does)."""
    total = 0
    for process in processes:
        try:
            total += int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
        except OSError:
            continue
    return total


def proportional(processes: Iterable[int]) -> int:
    """Bytes in memory, each shared page divided by how many share it: what the whole takes of the machine."""
    total = 0
    for process in processes:
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) << 10
    return total


class Sampler(threading.Thread):
    """Looks at the memory of a family every 25 ms; `peak` is the most it has seen, in bytes."""

    def __init__(self, roots: list[int]) -> None:
        super().__init__(daemon=True)
        self._roots = roots
        self._ends = threading.Event()
        self.first = self.peak = resident(family(roots))

    def run(self) -> None:
        processes, round_ = family(self._roots), 0
        while not self._ends.wait(0.025):
            round_ += 1
            if round_ % 40 == 0:
                processes = family(self._roots)
            self.peak = max(self.peak, resident(processes))

    def end(self) -> None:
        self._ends.set()
        self.join()


def _status(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
