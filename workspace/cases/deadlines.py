"""Deadlines, pure: which local days count, and which day is the last one.

The day of the event itself is not counted; day 1 is the first counted day after it. A deadline ends with the end of
its day in the instance's time zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from workspace.cases.procedure import Calendar, Clock

LONGEST = 4000


class Why(StrEnum):
    """Why a day counts or does not."""

    COUNTED = "counted"
    EVENT = "event"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Day:
    """One local day of a deadline: counted as day `number`, or skipped, and why."""

    date: date
    counted: bool
    number: int
    why: Why


def local_day(instant: datetime, zone: str) -> date:
    """The local date of an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def end_of(day: date, zone: str) -> datetime:
    """The instant at which a local day is over (the first that no longer belongs to it)."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def days(calendar: Calendar, clock: Clock, start: date) -> Iterator[Day]:
    """Every day from that of the event to the last day of the clock, counted or skipped."""
    yield Day(start, False, 0, Why.EVENT)
    number = 0
    for one in _after(start):
        why = _why(calendar, clock, one)
        number += why is Why.COUNTED
        yield Day(one, why is Why.COUNTED, number, why)
        if number >= clock.days:
            return


def due(calendar: Calendar, clock: Clock, start: date) -> date:
    """The last day of a clock that the event of `start` has set going."""
    return list(days(calendar, clock, start))[-1].date


def day_number(calendar: Calendar, clock: Clock, start: date, today: date) -> int:
    """How many days have counted from the event up to `today`, today included; 0 on the day of the event."""
    if today <= start:
        return 0
    passed = (start + timedelta(days=step) for step in range(1, min((today - start).days, LONGEST) + 1))
    return sum(_why(calendar, clock, one) is Why.COUNTED for one in passed)


def days_left(calendar: Calendar, clock: Clock, today: date, last: date) -> int:
    """Counted days between today and the last day, the last one included; negative by as many as it is over."""
    if today <= last:
        return day_number(calendar, clock, today, last)
    return -max(1, day_number(calendar, clock, last, today))


def _why(calendar: Calendar, clock: Clock, one: date) -> Why:
    if not clock.working:
        return Why.COUNTED
    if one in calendar.holidays:
        return Why.HOLIDAY
    return Why.WEEKEND if one.isoweekday() in calendar.weekend else Why.COUNTED


def _after(start: date) -> Iterator[date]:
    return (start + timedelta(days=step) for step in range(1, LONGEST))
