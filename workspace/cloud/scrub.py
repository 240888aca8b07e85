"""The scrub: everything that is stored is read once in thirty days, in small steps, so slowly that nobody feels it.

Where a round stands lies in a row: killed, the next step goes on. What is found damaged stays in a table until it is
found sound again or is gone. Nobody's name and nothing of any content comes into it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select

from workspace.cloud.models import Blob, Damage, Part, Scrub
from workspace.cloud.soundness import Flaw, examine
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import WORKER
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action

ROUND = timedelta(days=28)
"""A round is spread over so long; two days of thirty remain for those on which no worker ran."""
RATE = 32 << 20
"""Bytes a second, at most."""
STEP = 60.0
"""Seconds that a step may take, but for the blob that it is at."""
BATCH = 20
ONE = "blobs"


@dataclass(frozen=True, slots=True)
class ScrubView:
    """How far the present round has come (`share` from 0 to 1), since when, and when the last one ended."""

    began_at: datetime | None
    share: float
    finished_at: datetime | None
    damaged: int


@dataclass(frozen=True, slots=True)
class DamageView:
    """A blob that is not sound: what is wrong (`key`, `damaged`), since when it is known, which objects it lies in."""

    blob_id: str
    kind: str
    size: int
    found_at: datetime
    objects: tuple[str, ...]


def scrub_view(work: Work) -> ScrubView:
    """For administrators."""
    authorize(work, Action.ADMINISTER, INSTANCE)
    row = work.session.get(Scrub, ONE)
    damaged = work.session.scalar(select(func.count()).select_from(Damage)) or 0
    if row is None:
        return ScrubView(None, 0.0, None, damaged)
    return ScrubView(row.began_at, _share(row), row.finished_at, damaged)


def damages(work: Work) -> list[DamageView]:
    """What is known to be damaged, for administrators, the latest first."""
    authorize(work, Action.ADMINISTER, INSTANCE)
    rows = work.session.execute(
        select(Damage, Blob.size).join(Blob, Blob.id == Damage.blob_id).order_by(Damage.found_at.desc(), Damage.blob_id)
    ).all()
    keys: dict[str, list[str]] = {}
    parts = select(Part.blob_id, Part.object_key).where(Part.blob_id.in_([row.blob_id for row, _ in rows]))
    for blob_id, key in work.session.execute(parts.order_by(Part.ordinal)):
        keys.setdefault(blob_id, []).append(key)
    return [
        DamageView(one.blob_id, one.kind, size, one.found_at, tuple(keys.get(one.blob_id, ()))) for one, size in rows
    ]


def scrub_step(runtime: Runtime, pause: Callable[[float], None] = time.sleep) -> ScrubView:
    """Read what is due by now, at most for a minute; returns where the round stands.

    Raises StorageUnavailable: the next step begins where this one was.
    """
    pace = _Pace(pause)
    until = time.monotonic() + STEP
    with runtime.writing(WORKER) as work:
        _begin(work)
        work.commit()
    while time.monotonic() < until:
        with runtime.reading(WORKER) as work:
            row = work.session.get_one(Scrub, ONE)
            due = _is_due(row, work.now)
            wanted = select(Blob.id, Blob.size).where(Blob.id > row.cursor).order_by(Blob.id).limit(BATCH)
            batch = work.session.execute(wanted).all() if due else []
        found = {blob_id: examine(runtime, blob_id, pace) for blob_id, _ in batch}
        with runtime.writing(WORKER) as work:
            _keep(work, found, sum(size for _, size in batch), ended=due and not batch)
            work.commit()
        if not batch:
            break
    with runtime.reading(WORKER) as work:
        return scrub_view(work)


class _Pace:
    """Keeps a reader below the rate."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        self._pause, self._began, self._read = pause, time.monotonic(), 0

    def __call__(self, size: int) -> None:
        self._read += size
        ahead = self._read / RATE - (time.monotonic() - self._began)
        if ahead > 0.01:
            self._pause(ahead)


def _begin(work: Work) -> None:
    """A round, where none is under way."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    row = work.session.get(Scrub, ONE)
    if row is None:
        row = Scrub(name=ONE, began_at=None, finished_at=None, cursor="", blobs=0, size=0, all_blobs=0, all_size=0)
        work.session.add(row)
    if row.began_at is None:
        row.began_at, row.cursor, row.blobs, row.size = work.now, "", 0, 0
        row.all_blobs = work.session.scalar(select(func.count()).select_from(Blob)) or 0
        row.all_size = int(work.session.scalar(select(func.coalesce(func.sum(Blob.size), 0))) or 0)
    work.session.flush()


def _is_due(row: Scrub, now: datetime) -> bool:
    """Whether the round is behind the clock."""
    return row.began_at is not None and _share(row) <= (now - row.began_at) / ROUND


def _share(row: Scrub) -> float:
    """How much was read, by bytes or by number, whichever is less: many small blobs take their time, too."""
    if row.began_at is None:
        return 1.0
    return min(1.0, row.blobs / max(1, row.all_blobs), row.size / max(1, row.all_size) if row.all_size else 1.0)


def _keep(work: Work, found: dict[str, list[Flaw]], size: int, *, ended: bool) -> None:
    authorize(work, Action.MAINTAIN, INSTANCE)
    row = work.session.get_one(Scrub, ONE)
    work.session.execute(delete(Damage).where(~exists().where(Blob.id == Damage.blob_id)))
    for blob_id, flaws in found.items():
        known = work.session.get(Damage, blob_id)
        if flaws and known is None:
            work.session.add(Damage(blob_id=blob_id, kind=flaws[-1].kind, found_at=work.now))
        elif not flaws and known is not None:
            work.session.delete(known)
    if found:
        row.cursor, row.blobs, row.size = max(found), row.blobs + len(found), row.size + size
    if ended:
        row.began_at, row.finished_at = None, work.now
    work.session.flush()
