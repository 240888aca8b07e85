"""What is done by the clock. Each line is planned as one job at a time, so that no night is done twice."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from workspace.db.work import Work
from workspace.jobs import kinds

KEY = "schedule:"


@dataclass(frozen=True, slots=True)
class Nightly:
    """Once a day at a time of the instance's time zone."""

    at: time

    def next(self, now: datetime, zone: ZoneInfo) -> datetime:
        local = now.astimezone(zone)
        today = datetime.combine(local.date(), self.at, zone)
        return today if today > local else datetime.combine(local.date() + timedelta(days=1), self.at, zone)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Once a week, on a day (0: Monday) at a time of the instance's time zone."""

    weekday: int
    at: time

    def next(self, now: datetime, zone: ZoneInfo) -> datetime:
        local = now.astimezone(zone)
        day = local.date() + timedelta(days=(self.weekday - local.weekday()) % 7)
        found = datetime.combine(day, self.at, zone)
        return found if found > local else datetime.combine(day + timedelta(days=7), self.at, zone)


@dataclass(frozen=True, slots=True)
class Every:
    """Again after so many minutes."""

    minutes: int

    def next(self, now: datetime, _zone: ZoneInfo) -> datetime:
        return now + timedelta(minutes=self.minutes)


SCHEDULE: dict[str, Nightly | Weekly | Every] = {
    kinds.WEEKLY: Weekly(0, time(7, 30)),
    kinds.EMPTY_TRASH: Nightly(time(2, 30)),
    kinds.SWEEP_BLOBS: Nightly(time(3, 0)),
    kinds.SWEEP_OBJECTS: Nightly(time(3, 30)),
    kinds.PRUNE_SESSIONS: Nightly(time(4, 0)),
    kinds.PRUNE_JOBS: Nightly(time(4, 10)),
    kinds.EXPIRE_UPLOADS: Every(30),
    # what ends by the clock; what somebody ends is followed at once (`reactions.py`)
    kinds.END_HELD: Every(5),
    kinds.FORGET_MESSAGES: Nightly(time(4, 20)),
    kinds.FORGET_ANSWERS: Every(60),
    kinds.FOLD_QUOTA: Every(15),
    kinds.ERASE_DUE: Every(30),
    kinds.SCRUB: Every(10),
    kinds.FOLD_CHANGES: Every(15),
}


def plan(work: Work) -> None:
    """Ask for the next occurrence of everything that is not asked for yet."""
    zone = ZoneInfo(work.settings.timezone)
    for kind, when in SCHEDULE.items():
        work.later(kind, {}, due_at=when.next(work.now, zone), key=KEY + kind)
