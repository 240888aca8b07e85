"""Connections are spread over the processes that answer, and none waits for a process that does not take it."""

from __future__ import annotations

import time
from contextlib import contextmanager

import pytest

from tests.http.test_worker import PATIENCE, Line, serving
from workspace.http import fair_share
from workspace.http.fair_share import FairShare


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [time.monotonic()]
    monkeypatch.setattr(fair_share.time, "monotonic", lambda: now[0])
    return now


def test_a_connection_is_left_to_who_holds_fewer(clock: list[float]) -> None:
    share = FairShare()
    share.tell(1, 3)
    share.tell(2, 2)
    assert share.leaves_it(1, 3)
    assert not share.leaves_it(2, 2)
    share.tell(2, 3)
    assert not share.leaves_it(1, 3)


def test_it_is_not_left_to_them_for_long(clock: list[float]) -> None:
    share = FairShare()
    share.tell(1, 3)
    share.tell(2, 0)
    assert share.leaves_it(1, 3)
    clock[0] += 2 * fair_share.PATIENCE
    assert not share.leaves_it(1, 3)
    assert share.leaves_it(1, 4), "the next one has its own time"


def test_who_has_ended_is_not_waited_for(clock: list[float]) -> None:
    share = FairShare()
    share.tell(1, 3)
    share.tell(2, 0)
    clock[0] += 2 * fair_share.FORGOTTEN
    share.tell(1, 3)
    assert not share.leaves_it(1, 3)


def test_many_connections_are_answered_by_all_processes() -> None:
    with contextmanager(serving)(threads=2, lean=1, workers=2) as port:
        lines, found, deadline = [], set(), time.monotonic() + PATIENCE
        while len(found) < 2:  # the second process may begin later than the first
            assert time.monotonic() < deadline
            lines.append(Line(port))
            found.add(lines[-1].asks("/process")[1])
