"""The letters that left, for administrators: to whom, about what, when. Their text only in a demo instance."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from workspace.accounts.instance import instance
from workspace.accounts.permission import require_administrator
from workspace.db.work import Work
from workspace.kernel.errors import NotFound
from workspace.mail.models import Letter


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter. `text` is None outside a demo: a reset link in other hands would be everyone's account."""

    id: str
    recipient: str
    subject: str
    made_at: datetime
    sent_at: datetime | None
    text: str | None


@dataclass(frozen=True, slots=True)
class LettersPage:
    """Some letters, the newest first, and the cursor of the next page."""

    letters: tuple[LetterLine, ...]
    next: str | None


def letters(work: Work, after: str | None = None, limit: int = 50) -> LettersPage:
    """A page of the letters, without their text."""
    require_administrator(work)
    wanted = select(Letter).order_by(Letter.id.desc()).limit(limit + 1)
    rows = work.session.scalars(wanted.where(Letter.id < after) if after else wanted).all()
    lines = tuple(_line(row, None) for row in rows[:limit])
    return LettersPage(lines, lines[-1].id if len(rows) > limit else None)


def letter(work: Work, letter_id: str) -> LetterLine:
    """One letter; in a demo instance with its text. Raises NotFound."""
    require_administrator(work)
    row = work.session.get(Letter, letter_id)
    if row is None:
        raise NotFound()
    return _line(row, row.body if instance(work).demo else None)


def _line(row: Letter, text: str | None) -> LetterLine:
    return LetterLine(row.id, row.recipient, row.subject, row.made_at, row.sent_at, text)
