"""Sessions are rows: the cookie carries a token, the row decides whether it still holds."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Select, select, update

from workspace.accounts.models import Person, SignIn
from workspace.accounts.people import find_row, tell
from workspace.accounts.permission import require_self
from workspace.db.epochs import raise_epoch
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import Forbidden, NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id

SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Begun:
    """A session just begun; the token (256 bits) exists only here and in the cookie."""

    id: str
    token: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as its owner sees it."""

    id: str
    agent: str
    address: str
    made_at: datetime
    last_seen_at: datetime


def begin_session(work: Work, person_id: str, *, agent: str, address: str, via: str) -> Begun:
    """Sign somebody in who has just proven who they are. `via`: password, code, recovery, passkey.

    Raises Forbidden where the account is closed or its address is not proven, whatever the proof was worth.
    """
    person = find_row(work, person_id)
    if person.disabled_at is not None or person.confirmed_at is None:
        raise Forbidden(action="sign_in")
    token = secrets.token_urlsafe(32)
    row = SignIn(
        id=new_id(),
        person_id=person.id,
        token_hash=_digest(token),
        agent=agent[:200],
        address=address[:45],
        made_at=work.now,
        last_seen_at=work.now,
        ended_at=None,
    )
    work.session.add(row)
    tell(work, FactKind.SIGNED_IN, person.id, session=row.id, via=via)
    return Begun(row.id, token)


def session_of(work: Work, token: str) -> tuple[SignIn, Person] | None:
    """The session behind a cookie's token and its person, if it holds now: not ended, not idle for too long, not too
    old, and the account open."""
    row = work.session.execute(_holding(work).where(SignIn.token_hash == _digest(token))).one_or_none()
    return None if row is None else (row[0], row[1])


def person_in(work: Work, session_id: str) -> Person | None:
    """Whose session this is, if it still holds as `session_of` would say."""
    row = work.session.execute(_holding(work).where(SignIn.id == session_id)).one_or_none()
    return None if row is None else row[1]


def _holding(work: Work) -> Select[SignIn, Person]:
    """Sessions that hold now, with their people."""
    settings = work.settings
    return (
        select(SignIn, Person)
        .join(Person, Person.id == SignIn.person_id)
        .where(
            SignIn.ended_at.is_(None),
            SignIn.last_seen_at > work.now - timedelta(seconds=settings.session_idle),
            SignIn.made_at > work.now - timedelta(seconds=settings.session_life),
            Person.disabled_at.is_(None),
            Person.confirmed_at.is_not(None),
        )
    )


def seen(work: Work, session_id: str) -> None:
    """Note that a session is in use; asked for at most every five minutes."""
    work.session.execute(
        update(SignIn)
        .where(SignIn.id == session_id, SignIn.last_seen_at <= work.now - SEEN_EVERY)
        .values(last_seen_at=work.now)
    )


def see_sessions(work: Work) -> list[SessionLine]:
    """One's own sessions that still hold, the one used last first."""
    rows = work.session.scalars(
        select(SignIn)
        .where(
            SignIn.person_id == require_self(work),
            SignIn.ended_at.is_(None),
            SignIn.last_seen_at > work.now - timedelta(seconds=work.settings.session_idle),
            SignIn.made_at > work.now - timedelta(seconds=work.settings.session_life),
        )
        .order_by(SignIn.last_seen_at.desc())
    )
    return [SessionLine(one.id, one.agent, one.address, one.made_at, one.last_seen_at) for one in rows]


def sign_out(work: Work, session_id: str) -> None:
    """End the session one is in. One that has ended already stays so."""
    if _end(work, require_self(work), session_id):
        tell(work, FactKind.SIGNED_OUT, require_self(work), session=session_id)


def end_session(work: Work, session_id: str) -> None:
    """End one of one's own sessions, at once. Raises NotFound."""
    person_id = require_self(work)
    if not _end(work, person_id, session_id):
        raise NotFound()
    tell(work, FactKind.SESSION_ENDED, person_id, session=session_id)


def end_others(work: Work, except_id: str) -> int:
    """End all one's own sessions but one; returns how many."""
    return end_all(work, require_self(work), except_id)


def end_all(work: Work, person_id: str, except_id: str = "") -> int:
    """End a person's sessions after what makes them worthless: a new password, a new address, a factor taken away."""
    gone = work.session.scalars(
        update(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.id != except_id)
        .values(ended_at=work.now)
        .returning(SignIn.id)
    ).all()
    for session_id in gone:
        tell(work, FactKind.SESSION_ENDED, person_id, session=session_id)
    if gone:
        raise_epoch(work, Principal(SubjectKind.PERSON, person_id))
    return len(gone)


def _end(work: Work, person_id: str, session_id: str) -> bool:
    ended = work.session.scalar(
        update(SignIn)
        .where(SignIn.id == session_id, SignIn.person_id == person_id, SignIn.ended_at.is_(None))
        .values(ended_at=work.now)
        .returning(SignIn.id)
    )
    if ended is not None:
        raise_epoch(work, Principal(SubjectKind.PERSON, person_id))
    return ended is not None


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
