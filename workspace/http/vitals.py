"""How the instance is: whether its parts answer, what waits. Counts and times only; nothing about any person."""

import logging
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from workspace.cloud.models import Space
from workspace.cloud.scrub import scrub_view
from workspace.db.facts import FactRow
from workspace.db.leases import Lease
from workspace.db.outbox import Job
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import DomainError, KeyDestroyed, StorageFull, StorageUnavailable
from workspace.trust.log import SEQUENCER
from workspace.trust.models import LogHead

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a host watches. `worker_absent`: for how many seconds no worker has held the sequencer's lease, 0 while one
    does, None where none ever did. `scrubbed`: how much of the present round of reading everything is done, 0 to 1;
    `scrub_age`: seconds since a round was last ended, None before the first; `damaged`: blobs found unsound."""

    waiting: int
    running: int
    failed: int
    log_size: int
    unsequenced: int
    worker_absent: float | None
    scrubbed: float
    scrub_age: float | None
    damaged: int


def vitals(instance: Runtime) -> Vitals | None:
    """The present numbers, or None while the database does not answer."""
    try:
        with instance.reading(COMMAND) as work:
            return _read(work)
    except SQLAlchemyError as error:
        log.error("database: %s", type(error).__name__)
        return None


def objects_ready(instance: Runtime) -> bool:
    """Whether the object store would take a write now."""
    try:
        instance.ports.objects.ready()
    except (StorageFull, StorageUnavailable) as error:
        log.error("objects: %s", error.code)
        return False
    return True


def keyring_ready(instance: Runtime) -> bool:
    """Whether the keyring answers and holds the key of the newest cloud; true where there is no cloud yet."""
    try:
        with instance.reading(COMMAND) as work:
            newest = work.session.scalar(select(func.max(Space.id)).where(Space.erased_at.is_(None)))
        if newest is not None:
            instance.ports.keyring.key(newest)
    except KeyDestroyed:
        return True
    except (DomainError, SQLAlchemyError) as error:
        log.error("keyring: %s", type(error).__name__)
        return False
    return True


def _read(work: Work) -> Vitals:
    undone = select(func.count()).select_from(Job).where(Job.done_at.is_(None))
    open_jobs = undone.where(Job.given_up_at.is_(None))
    leased = Job.lease_until > work.now
    count = work.session.scalar
    seen = scrub_view(work)
    return Vitals(
        waiting=count(open_jobs.where(Job.lease_until.is_(None) | ~leased)) or 0,
        running=count(open_jobs.where(leased)) or 0,
        failed=count(undone.where(Job.given_up_at.is_not(None))) or 0,
        log_size=count(select(func.max(LogHead.size))) or 0,
        unsequenced=count(select(func.count()).select_from(FactRow).where(FactRow.leaf.is_(None))) or 0,
        worker_absent=_worker_absent(work),
        scrubbed=seen.share,
        scrub_age=None if seen.finished_at is None else max(0.0, (work.now - seen.finished_at).total_seconds()),
        damaged=seen.damaged,
    )


def _worker_absent(work: Work) -> float | None:
    """Every worker tries to hold this lease all the time, so an old one means that none is there."""
    until = work.session.scalar(select(Lease.until).where(Lease.name == SEQUENCER))
    return None if until is None else max(0.0, (work.now - until).total_seconds())
