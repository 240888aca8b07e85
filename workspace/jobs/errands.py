"""What a person has asked for and need not wait for: large copies, uploads put together from pieces.

A refusal is an outcome: it is told, not tried again. What may pass by itself (a store that is away) is.
"""

from collections.abc import Callable
from typing import Any

from workspace.accounts.errands import PROBLEM, outcome_of, settle
from workspace.bodies.acting import acting_for
from workspace.cloud import transfer
from workspace.cloud.concatenation import concatenate
from workspace.cloud.uploads import cancel_upload
from workspace.db.runtime import Runtime
from workspace.jobs.handler import Progress
from workspace.kernel.actors import WORKER, Actor
from workspace.kernel.errors import DomainError, StorageFull, StorageUnavailable

PASSES = (StorageUnavailable, StorageFull)


def copy_item(runtime: Runtime, payload: dict[str, Any], progress: Progress) -> None:
    """Copy a file or a folder. One transaction: all of it is there, or nothing."""

    def act(actor: Actor) -> None:
        with runtime.writing(actor) as work:
            made = transfer.copy(work, payload["item"], payload["parent"], payload["name"])
            settle(work, payload["job"], {"item": made.id})
            work.commit()

    _on_errand(runtime, payload, act)


def join_upload(runtime: Runtime, payload: dict[str, Any], progress: Progress) -> None:
    """Put an upload together from its pieces; where that is refused, it ends, and its pieces with it."""

    def act(actor: Actor) -> None:
        told = _teller(progress)
        try:
            made = concatenate(runtime, actor, payload["upload"], told)
        except PASSES:
            raise
        except DomainError:
            _end_upload(runtime, actor, payload["upload"])
            raise
        with runtime.writing(actor) as work:
            settle(work, payload["job"], {"item": made.item_id})
            work.commit()

    _on_errand(runtime, payload, act)


def _on_errand(runtime: Runtime, payload: dict[str, Any], act: Callable[[Actor], None]) -> None:
    with runtime.reading(WORKER) as work:
        if outcome_of(work, payload["job"]) is not None:
            return
    try:
        with runtime.reading(WORKER) as work:
            actor = acting_for(work, payload["person"])
        act(actor)
    except PASSES:
        raise
    except DomainError as error:
        refused = {PROBLEM: error.code, "detail": str(error)}
        with runtime.writing(Actor(person_id=payload["person"])) as work:
            settle(work, payload["job"], refused)
            work.commit()


def _end_upload(runtime: Runtime, actor: Actor, upload_id: str) -> None:
    try:
        with runtime.writing(actor) as work:
            cancel_upload(work, upload_id)
            work.commit()
    except DomainError:
        return  # it has gone with its folder, or with the right to it; the sweep ends what is left


def _teller(progress: Progress) -> Callable[[int, int], None]:
    def tell(done: int, whole: int) -> None:
        progress({"bytes": done, "of": whole})

    return tell
