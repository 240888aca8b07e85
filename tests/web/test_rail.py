"""The rail of days puts every state where it belongs, also when the day is long past."""

from __future__ import annotations

import pytest

from workspace.web.rail import rail


def test_on_its_way() -> None:
    drawn = rail(17, 30)
    assert (drawn.state, drawn.dot, drawn.due, drawn.over) == ("running", 56.7, 100.0, 0)


def test_extended_shows_both_days() -> None:
    drawn = rail(38, 45, first=30, answered=True)
    assert drawn.state == "answered"
    assert drawn.first_at == 66.7
    assert drawn.gone == 66.7
    assert drawn.gone_extended == pytest.approx(17.7, abs=0.1)


def test_overdue_keeps_the_promised_day_on_the_rail() -> None:
    drawn = rail(39, 30)
    assert (drawn.state, drawn.over, drawn.dot) == ("overdue", 9, 100.0)
    assert drawn.due == pytest.approx(76.9, abs=0.1)


@pytest.mark.parametrize("day", [0, 1, 30, 31, 400])
@pytest.mark.parametrize("of", [0, 1, 20, 45])
@pytest.mark.parametrize("first", [None, 10, 20])
@pytest.mark.parametrize("answered", [False, True])
def test_nothing_leaves_the_rail(day: int, of: int, first: int | None, answered: bool) -> None:
    drawn = rail(day, of, first, answered)
    for at in (drawn.dot, drawn.due, drawn.first_at or 0, drawn.label_x, drawn.gone + drawn.gone_extended):
        assert 0 <= at <= 100
