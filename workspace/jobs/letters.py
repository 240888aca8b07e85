"""Letters on their way out."""

from typing import Any

from workspace.accounts.instance import instance
from workspace.db.runtime import Runtime
from workspace.jobs.handler import Progress
from workspace.jobs.notices import compose_notices
from workspace.kernel.actors import WORKER
from workspace.mail.outbox import deliver, post


def send_letter(runtime: Runtime, payload: dict[str, Any], _progress: Progress) -> None:
    """Hand one letter to the mailer. In a demo its text stays readable, so that somebody trying things out can read
    what would have been sent."""
    with runtime.reading(WORKER) as work:
        demo = instance(work).demo
    deliver(runtime, payload["letter"], keep_text=demo)


def send_notices(runtime: Runtime, payload: dict[str, Any], _progress: Progress) -> None:
    """Put the letters that a fact asks for into the outbox, to each recipient in their language."""
    with runtime.writing(WORKER) as work:
        for one in compose_notices(work, payload["fact"]):
            post(
                work,
                recipient=one.recipient,
                subject=one.subject,
                body=one.body,
                language=one.language,
                person_id=one.person_id,
            )
        work.commit()
