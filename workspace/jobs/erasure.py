"""Erasing those whose time has come, and clearing away what an erased citizen leaves: nobody can read it any more."""

import logging
from collections.abc import Callable
from typing import Any

from workspace.cases.erasure import end_cases_of, erase_facts_of
from workspace.cloud.erasure import erase_person, erased_spaces, sweep_space
from workspace.cloud.leaving import due_to_leave
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.exchange.erasure import forget_requests, withdraw_comments_of
from workspace.jobs.handler import Progress
from workspace.kernel.actors import WORKER
from workspace.kernel.errors import WrongState
from workspace.mail.outbox import forget_letters
from workspace.sharing.erasure import forget_looks, forget_sharing

log = logging.getLogger(__name__)


def erase_due(runtime: Runtime, _payload: dict[str, Any], _progress: Progress) -> None:
    """Erase those who asked for it two weeks ago. Who has taken office meanwhile waits until they are dismissed."""
    with runtime.reading(WORKER) as work:
        due = due_to_leave(work)
    for person_id in due:
        try:
            with runtime.writing(WORKER) as work:
                erase_person(work, person_id)
                work.commit()
        except WrongState as refusal:
            log.warning("an erasure that is due waits: %s", refusal.details.get("reason"))


def sweep_erased(runtime: Runtime, payload: dict[str, Any], progress: Progress) -> None:
    """Clear away the rows of an erased person, a little at a time; bytes follow by the sweep. Killed, it goes on."""
    person_id = str(payload["person"])
    with runtime.reading(WORKER) as work:
        spaces = erased_spaces(work, person_id)
    forget_letters(runtime, person_id)
    with runtime.writing(WORKER) as work:
        end_cases_of(work, person_id)
        withdraw_comments_of(work, person_id)
        forget_requests(work, person_id, spaces)
        forget_sharing(work, person_id, spaces)
        work.commit()
    gone = 0
    steps: list[Callable[[Work], int]] = [lambda work, one=one: sweep_space(work, one) for one in spaces]  # type: ignore[misc]
    steps += [lambda work: forget_looks(work, spaces), lambda work: erase_facts_of(work, person_id)]
    for step in steps:
        while True:
            with runtime.writing(WORKER) as work:
                count = step(work)
                work.commit()
            if not count:
                break
            gone += count
            progress({"rows": gone})
    log.info("cleared %d rows of an erased cloud away", gone)
