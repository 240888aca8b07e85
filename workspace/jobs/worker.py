"""The worker: some threads that do jobs, one that keeps their leases, one that keeps the log and the schedule.

Several workers may run, on several machines: a job is claimed by one of them, the log is kept by the holder of a lease.
Whatever dies in the middle is taken up again when its lease has run out.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from workspace.db.runtime import Runtime
from workspace.jobs import queue
from workspace.jobs.failures import UnknownJob, sentence
from workspace.jobs.handler import Handler
from workspace.jobs.queue import Claim
from workspace.jobs.registry import HANDLERS
from workspace.jobs.sequencer import Sequencer

log = logging.getLogger(__name__)

POLL = 0.25
CHECKPOINT = 0.5
HEARTBEAT = 20.0
PATIENCE = 30.0
"""How long jobs in flight may go on after SIGTERM, in seconds; what is not done by then is done by the next worker."""


class Worker:
    """One process's worth of jobs. `run` returns once `stop` is set and the jobs in flight are done."""

    def __init__(
        self, runtime: Runtime, handlers: Mapping[str, Handler] = HANDLERS, *, threads: int = 2, reacts: bool = True
    ) -> None:
        self.holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._runtime = runtime
        self._handlers = handlers
        self._threads = threads
        self._sequencer = Sequencer(runtime, self.holder) if reacts else None
        self._held: dict[str, Claim] = {}
        self._lock = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        jobs = [self._start(self._do_jobs, stop, f"jobs-{number}") for number in range(self._threads)]
        finished = threading.Event()
        side = [self._start(self._keep_leases, finished, "leases")]
        if self._sequencer is not None:
            side.append(self._start(self._keep_log, stop, "log"))
            if self._runtime.database.sqlite:
                side.append(self._start(self._keep_database, stop, "database"))
        log.info("worker %s is ready", self.holder)
        stop.wait()
        until = time.monotonic() + PATIENCE
        for one in jobs:
            one.join(max(0.0, until - time.monotonic()))
        finished.set()
        for one in side:
            one.join(PATIENCE)
        log.info("worker %s has ended", self.holder)

    def do_one(self) -> bool:
        """Do the next job that is due; False where there is none."""
        taken = queue.claim(self._runtime, self.holder)
        if taken is None:
            return False
        with self._lock:
            self._held[taken.id] = taken
        try:
            self._do(taken)
        finally:
            with self._lock:
                del self._held[taken.id]
        return True

    def _do(self, taken: Claim) -> None:
        try:
            handler = self._handlers.get(taken.kind)
            if handler is None:
                raise UnknownJob(f"No handler knows the kind {taken.kind}.")
            handler(self._runtime, taken.payload, self._progress(taken))
        except Exception as error:
            log.debug("job %s %s", taken.kind, taken.id, exc_info=True)
            queue.fail(self._runtime, taken, sentence(error))
        else:
            queue.finish(self._runtime, taken)

    def _progress(self, taken: Claim) -> Callable[[dict[str, Any]], None]:
        last = 0.0

        def tell(progress: dict[str, Any]) -> None:
            nonlocal last
            if time.monotonic() - last >= 1.0:
                last = time.monotonic()
                queue.tell_progress(self._runtime, taken, progress)

        return tell

    def _do_jobs(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.do_one():
                stop.wait(POLL)

    def _keep_leases(self, finished: threading.Event) -> None:
        while not finished.wait(HEARTBEAT):
            with self._lock:
                held = list(self._held.values())
            if held:
                queue.renew(self._runtime, held)

    def _keep_log(self, stop: threading.Event) -> None:
        assert self._sequencer is not None
        while not stop.is_set():
            if not self._sequencer.step():
                stop.wait(POLL)
        self._sequencer.rest()

    def _keep_database(self, stop: threading.Event) -> None:
        """Checkpoint now and then, so that no request has to: it would hold up all that write."""
        while not stop.wait(CHECKPOINT):
            self._runtime.database.checkpoint()

    def _start(self, loop: Callable[[threading.Event], None], stop: threading.Event, name: str) -> threading.Thread:
        thread = threading.Thread(target=_again, args=(loop, stop), name=name, daemon=True)
        thread.start()
        return thread


def _again(loop: Callable[[threading.Event], None], stop: threading.Event) -> None:
    """Run a loop, and run it again after a pause where the database or a disk was away."""
    while not stop.is_set():
        try:
            loop(stop)
        except Exception as error:
            log.error("%s stopped: %s", threading.current_thread().name, sentence(error))
            stop.wait(2.0)


def work(runtime: Runtime, stop: threading.Event) -> None:
    """Run a worker over an instance until `stop` is set."""
    Worker(runtime).run(stop)
