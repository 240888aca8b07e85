"""The outbox of letters: written with the change that asks for them, carried away by the worker."""

from urllib.parse import urlsplit

from sqlalchemy import delete, select

from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import WORKER
from workspace.kernel.ids import new_id
from workspace.mail.compose import compose, one_line
from workspace.mail.models import Letter

JOB = "letter.send"
SUBJECT_LIMIT = 200


def post(work: Work, *, recipient: str, subject: str, body: str, language: str, person_id: str | None = None) -> str:
    """Put a letter into the outbox; it leaves once this Work has committed. Returns its id.

    The job holds only the id: a link that opens an account lies in one place, until the letter has left.
    Raises NotAcceptable for a line break in the subject or the address.
    """
    letter_id = new_id()
    host = urlsplit(work.settings.base_url).hostname
    work.session.add(
        Letter(
            id=letter_id,
            person_id=person_id,
            recipient=one_line(recipient, "recipient"),
            subject=one_line(subject, "subject")[:SUBJECT_LIMIT],
            language=language,
            body=body,
            message_id=f"<{letter_id}@{host}>",
            made_at=work.now,
            sent_at=None,
        )
    )
    work.later(JOB, {"letter": letter_id})
    return letter_id


def forget_letters(runtime: Runtime, person_id: str) -> None:
    """Delete all letters to an erased person, together with what the mailer itself has kept of them."""
    with runtime.reading(WORKER) as work:
        rows = work.session.execute(select(Letter.id, Letter.message_id).where(Letter.person_id == person_id)).all()
    for row in rows:
        runtime.ports.mailer.forget(row.message_id)
    with runtime.writing(WORKER) as work:
        work.session.execute(delete(Letter).where(Letter.person_id == person_id))
        work.commit()


def deliver(runtime: Runtime, letter_id: str, *, keep_text: bool = False) -> None:
    """Hand a letter to the mailer and forget its text. No transaction is open while the wire is busy.

    A letter that has left, or is gone, is done. Whatever the mailer raises goes to the caller, who tries again later.
    """
    with runtime.reading(WORKER) as work:
        row = work.session.get(Letter, letter_id)
    if row is None or row.sent_at is not None or row.body is None:
        return
    sender = runtime.settings.sender
    message = compose(
        sender=sender,
        recipient=row.recipient,
        subject=row.subject,
        body=row.body,
        language=row.language,
        message_id=row.message_id,
        at=row.made_at,
    )
    runtime.ports.mailer.send(sender, row.recipient, message)
    with runtime.writing(WORKER) as work:
        kept = work.session.get(Letter, letter_id)
        if kept is not None:
            kept.sent_at = work.now
            kept.body = kept.body if keep_text else None
        work.commit()
