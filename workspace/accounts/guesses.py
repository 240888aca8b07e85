"""Guessing is limited in the database: at most ten tries in any quarter of an hour for a secret, through any door.

A try is counted, and committed, before the secret is looked at, so that many tries at once, a restart or a second
node change nothing. Counting stops while the limit stands: ten tries, then fifteen minutes after the tenth, ten more.
Sessions that are already open ask for no secret and go on.
"""

from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import case, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from workspace.accounts.models import Guess
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import ANONYMOUS
from workspace.kernel.errors import TooManyTries

LIMIT = 10
WINDOW = timedelta(minutes=15)


class Secret(StrEnum):
    """What can be guessed; the name beside it says whose."""

    PASSWORD = "password"  # noqa: S105 - a kind of secret, not one
    CODE = "code"
    RECOVERY = "recovery"
    RESET = "reset"
    CONFIRM = "confirm"
    INVITATION = "invitation"
    PASSKEY = "passkey"
    APP_PASSWORD = "app-password"  # noqa: S105
    PROGRAM = "program"
    PROGRAM_LOGIN = "program-login"
    LINK = "link"
    LETTER = "letter"


def try_once(runtime: Runtime, kind: Secret, name: str, limit: int = LIMIT) -> None:
    """Count one try at the secret `kind` of `name`, in a Work of its own. Raises TooManyTries.

    Call it while this thread holds no writing Work. `name` may be anything that names the secret, never the secret.
    """
    with runtime.writing(ANONYMOUS) as work:
        edge = work.now - WINDOW
        insert = sqlite.insert if work.on_sqlite else postgresql.insert
        counted = work.session.scalar(
            insert(Guess)
            .values(secret=_digest(kind, name), tries=1, last_at=work.now)
            .on_conflict_do_update(
                index_elements=[Guess.secret],
                set_={"tries": case((Guess.last_at <= edge, 1), else_=Guess.tries + 1), "last_at": work.now},
                where=or_(Guess.tries < limit, Guess.last_at <= edge),
            )
            .returning(Guess.tries)
        )
        work.commit()
    if counted is None:
        raise TooManyTries()


def clear(work: Work, kind: Secret, name: str) -> None:
    """The secret was known: its tries are forgotten, together with what the success changes."""
    work.session.execute(delete(Guess).where(Guess.secret == _digest(kind, name)))


def shut(work: Work, kind: Secret, name: str, limit: int = LIMIT) -> bool:
    """Whether tries are refused now. For secrets too long to be guessed, where only failures are counted."""
    row = work.session.get(Guess, _digest(kind, name))
    return row is not None and row.tries >= limit and row.last_at > work.now - WINDOW


def forget_old(work: Work) -> int:
    """Drop the counters of yesterday; returns how many went."""
    old = select(Guess.secret).where(Guess.last_at < work.now - timedelta(days=1))
    gone = work.session.execute(delete(Guess).where(Guess.secret.in_(old)).returning(Guess.secret))
    return len(gone.all())


def _digest(kind: Secret, name: str) -> bytes:
    return sha256(f"{kind.value}:{name}".encode()).digest()
