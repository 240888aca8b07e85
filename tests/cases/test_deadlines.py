"""Days are counted as people count them: from the day after, without weekends, to the end of the last day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.cases.deadlines import Why, day_number, days, days_left, due, end_of, local_day
from workspace.cases.procedure import procedure

GENERIC = procedure("generic")
CALENDAR, ANSWER, ACKNOWLEDGE = GENERIC.calendar, GENERIC.answer, GENERIC.acknowledge
KYIV = "Europe/Kyiv"
DATES = st.dates(date(2020, 1, 1), date(2035, 1, 1))


def test_a_letter_of_monday_is_acknowledged_by_thursday_and_answered_in_twenty_working_days() -> None:
    assert due(CALENDAR, ACKNOWLEDGE, date(2026, 3, 2)) == date(2026, 3, 5)
    assert due(CALENDAR, ANSWER, date(2026, 3, 2)) == date(2026, 3, 30)


def test_a_letter_of_friday_evening_does_not_lose_the_weekend() -> None:
    assert due(CALENDAR, ACKNOWLEDGE, date(2026, 3, 6)) == date(2026, 3, 11)


def test_the_proof_shows_every_day_and_why() -> None:
    shown = list(days(CALENDAR, ACKNOWLEDGE, date(2026, 3, 5)))
    assert [(day.date.day, day.number, day.why) for day in shown] == [
        (5, 0, Why.EVENT),
        (6, 1, Why.COUNTED),
        (7, 1, Why.WEEKEND),
        (8, 1, Why.WEEKEND),
        (9, 2, Why.COUNTED),
        (10, 3, Why.COUNTED),
    ]


def test_a_holiday_is_skipped_by_name_and_a_calendar_clock_counts_every_day() -> None:
    festive = replace(CALENDAR, holidays={date(2026, 3, 9): {"en": "A day off", "uk": "Вихідний"}})
    assert due(festive, ACKNOWLEDGE, date(2026, 3, 5)) == date(2026, 3, 11)
    assert due(festive, replace(ACKNOWLEDGE, working=False), date(2026, 3, 5)) == date(2026, 3, 8)


def test_the_day_is_the_local_one_and_ends_at_local_midnight_also_when_clocks_change() -> None:
    late = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    assert local_day(late, KYIV) == date(2026, 3, 2)
    assert end_of(date(2026, 3, 28), KYIV).astimezone(UTC) == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert end_of(date(2026, 3, 29), KYIV).astimezone(UTC) == datetime(2026, 3, 29, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "left"), [((2026, 3, 27), 1), ((2026, 3, 30), 0), ((2026, 3, 31), -1), ((2026, 4, 5), -4)]
)
def test_days_left_reach_nought_on_the_last_day(today: tuple[int, int, int], left: int) -> None:
    assert days_left(CALENDAR, ANSWER, date(*today), date(2026, 3, 30)) == left


def test_a_deadline_missed_over_a_weekend_is_a_day_over() -> None:
    assert days_left(CALENDAR, ANSWER, date(2026, 3, 28), date(2026, 3, 27)) == -1


@given(DATES)
def test_the_number_of_the_last_day_is_the_length_of_the_clock(start: date) -> None:
    last = due(CALENDAR, ANSWER, start)
    assert day_number(CALENDAR, ANSWER, start, last) == ANSWER.days
    assert day_number(CALENDAR, ANSWER, start, last - timedelta(days=1)) == ANSWER.days - 1
    assert last.isoweekday() not in CALENDAR.weekend


@given(DATES, st.integers(0, 60))
def test_used_and_left_make_up_the_whole_while_the_clock_runs(start: date, later: int) -> None:
    last = due(CALENDAR, ANSWER, start)
    today = min(start + timedelta(days=later), last)
    assert day_number(CALENDAR, ANSWER, start, today) + days_left(CALENDAR, ANSWER, today, last) == ANSWER.days
