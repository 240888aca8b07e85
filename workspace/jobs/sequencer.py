"""Keeps the log: the holder of the lease appends facts within a second, publishes heads, plans what is scheduled."""

import logging
import time

from sqlalchemy import select

from workspace.db.leases import Lease, give_back, take
from workspace.db.runtime import Runtime
from workspace.jobs.reactions import ask_for, consequences
from workspace.jobs.recovery import recover
from workspace.jobs.schedule import plan
from workspace.kernel.actors import WORKER
from workspace.kernel.errors import LeaseLost
from workspace.trust.log import SEQUENCER, append, continue_log, gather, keep_heads, publish, waiting

log = logging.getLogger(__name__)

LEASE_SECONDS = 10
RENEW_EVERY = 3.0
PLAN_EVERY = 60.0
IN_ONE_TURN, AT_ONCE = 100, 1000
"""Facts appended by one transaction: on SQLite all who write wait for its end, on PostgreSQL nobody does."""


class Sequencer:
    """One candidate for the one sequencer. `step` is called again and again by one thread."""

    def __init__(self, runtime: Runtime, holder: str) -> None:
        self._runtime = runtime
        self._holder = holder
        self._most = IN_ONE_TURN if runtime.database.sqlite else AT_ONCE
        self._holds = False
        self._renewed = float("-inf")
        self._planned = float("-inf")

    def step(self) -> bool:
        """Do what there is to do; True where there may be more at once."""
        try:
            if not self._leading():
                return False
            if time.monotonic() - self._planned >= PLAN_EVERY:
                self._planned = time.monotonic()
                self._plan()
            with self._runtime.reading(WORKER) as work:
                if not waiting(work):
                    return False
            return self._append()
        except LeaseLost:
            log.warning("another worker keeps the log now")
            self._holds = False
            return False

    def rest(self) -> None:
        """Give the lease back, so that the next worker need not wait for it to run out."""
        if self._holds:
            self._holds = False
            with self._runtime.writing(WORKER) as work:
                give_back(work, SEQUENCER, self._holder)
                work.commit()

    def _leading(self) -> bool:
        if self._holds and time.monotonic() - self._renewed < RENEW_EVERY:
            return True
        if not self._holds and not self._vacant():
            return False
        with self._runtime.writing(WORKER) as work:
            held = take(work, SEQUENCER, self._holder, LEASE_SECONDS)
            work.commit()
        self._renewed = time.monotonic()
        if held and not self._holds:
            self._take_over()
        self._holds = held
        return held

    def _vacant(self) -> bool:
        with self._runtime.reading(WORKER) as work:
            until = work.session.scalar(select(Lease.until).where(Lease.name == SEQUENCER))
            return until is None or until <= work.now

    def _take_over(self) -> None:
        """What a restored backup brought back is taken away again before anything is appended."""
        recover(self._runtime)
        with self._runtime.writing(WORKER) as work:
            newer = continue_log(work)
            work.commit()
        if newer is not None:
            log.warning("the log continues under the new name %s: the journal knew a later head", newer.id)
        log.info("this worker keeps the log")

    def _append(self) -> bool:
        with self._runtime.reading(WORKER) as work:
            gathered = gather(work, self._most)
            wanted = consequences(work, gathered.facts)
        with self._runtime.writing(WORKER) as work:
            count = append(work, self._holder, gathered, lambda work: ask_for(work, wanted))
            work.commit()
        with self._runtime.reading(WORKER) as work:
            sizes = keep_heads(work)
        with self._runtime.writing(WORKER) as work:
            publish(work, sizes)
            work.commit()
        return count == self._most

    def _plan(self) -> None:
        with self._runtime.writing(WORKER) as work:
            plan(work)
            work.commit()
