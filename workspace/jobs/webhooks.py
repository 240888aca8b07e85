"""Messages to the document systems of bodies, on their way out."""

from typing import Any

from workspace.cases import webhook_sending as sending
from workspace.db.runtime import Runtime
from workspace.jobs.handler import Progress
from workspace.kernel.actors import WORKER
from workspace.kernel.errors import NotReached


def announce_fact(runtime: Runtime, payload: dict[str, Any], _progress: Progress) -> None:
    """Ask for a message to each webhook that wants to know of a fact."""
    with runtime.writing(WORKER) as work:
        sending.announce(work, payload["fact"])
        work.commit()


def send_message(runtime: Runtime, payload: dict[str, Any], _progress: Progress) -> None:
    """Send one message and write down how that went. A failure is an answer here: the next try is planned with it."""
    with runtime.reading(WORKER) as work:
        ready = sending.outgoing(work, payload["message"])
    if ready is None:
        return
    status, problem = None, ""
    try:
        status = runtime.ports.outbound.post(ready.url, ready.headers, ready.body)
    except NotReached as error:
        problem = str(error.details["reason"])
    with runtime.writing(WORKER) as work:
        sending.settle(work, ready.message_id, status, problem)
        work.commit()


def forget_messages(runtime: Runtime, _payload: dict[str, Any], progress: Progress) -> None:
    """Forget what was told more than thirty days ago."""
    gone = 0
    while True:
        with runtime.writing(WORKER) as work:
            count = sending.forget_messages(work)
            work.commit()
        if not count:
            return
        gone += count
        progress({"messages": gone})
