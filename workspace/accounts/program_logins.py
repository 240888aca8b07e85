"""How a program asks to be let in (Nextcloud's login flow, version 2): it shows a page, its person confirms there, and
the program fetches an app password of its own.

Two secrets of 256 bits, of which only hashes are kept: one for the page, one with which the program asks whether its
person has confirmed. The app password is made when the program fetches it: it is never stored, and there is never a
second one.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update

from workspace.accounts.app_password_rows import check_room, give_app_password
from workspace.accounts.guesses import Secret, try_once
from workspace.accounts.models import Person, ProgramLogin
from workspace.accounts.permission import require_self
from workspace.accounts.program_names import program_name
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import ANONYMOUS
from workspace.kernel.errors import NotFound, WrongState
from workspace.kernel.ids import new_id

LIFE = timedelta(minutes=20)
AT_ONCE = 30
"""How often programs at one address may ask in a quarter of an hour: an office behind one router, not a flood."""


@dataclass(frozen=True, slots=True)
class BegunLogin:
    """The two secrets of a login just begun: `page` for the browser, `poll` for the program."""

    page: str
    poll: str


@dataclass(frozen=True, slots=True)
class GrantedLogin:
    """What the program gets, once: the name and the app password that it sends from now on."""

    email: str
    app_password: str


def begin_program_login(runtime: Runtime, agent: str, address: str) -> BegunLogin:
    """A program asks to be let in. `agent`: what it calls itself; `address`: where it asks from.

    Raises TooManyTries. Call it while this thread holds no writing Work.
    """
    try_once(runtime, Secret.PROGRAM_LOGIN, address, limit=AT_ONCE)
    begun = BegunLogin(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    with runtime.writing(ANONYMOUS) as work:
        work.session.execute(delete(ProgramLogin).where(ProgramLogin.ends_at <= work.now))
        work.session.add(
            ProgramLogin(
                id=new_id(),
                page_hash=_digest(begun.page),
                poll_hash=_digest(begun.poll),
                program=program_name(agent),
                made_at=work.now,
                ends_at=work.now + LIFE,
                person_id=None,
            )
        )
        work.commit()
    return begun


def program_of_login(work: Work, page: str) -> str:
    """The name of the program that waits behind a page. Raises NotFound where nobody waits any more."""
    require_self(work)
    return _waiting(work, page).program


def grant_program_login(work: Work, page: str) -> str:
    """Let the program in as the person who acts; returns its name. Raises NotFound, WrongState (fifty are enough)."""
    person_id = require_self(work)
    check_room(work, person_id)
    program = _waiting(work, page).program
    confirmed = work.session.execute(
        update(ProgramLogin)
        .where(ProgramLogin.page_hash == _digest(page), ProgramLogin.person_id.is_(None))
        .values(person_id=person_id)
        .execution_options(synchronize_session=False)
    )
    if confirmed.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound()
    return program


def refuse_program_login(work: Work, page: str) -> None:
    """Send the program away. Idempotent."""
    require_self(work)
    mine = delete(ProgramLogin).where(ProgramLogin.page_hash == _digest(page), ProgramLogin.person_id.is_(None))
    work.session.execute(mine.execution_options(synchronize_session=False))


def fetch_program_login(work: Work, poll: str) -> GrantedLogin:
    """The app password, once. Raises NotFound until the person has confirmed, afterwards, and for any other secret."""
    row = work.session.execute(
        delete(ProgramLogin)
        .where(
            ProgramLogin.poll_hash == _digest(poll),
            ProgramLogin.ends_at > work.now,
            ProgramLogin.person_id.is_not(None),
        )
        .returning(ProgramLogin.person_id, ProgramLogin.program)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    person = work.session.get(Person, row.person_id) if row is not None else None
    if row is None or person is None or person.disabled_at is not None:
        raise NotFound()
    try:
        made = give_app_password(work, person, row.program)
    except WrongState:
        raise NotFound() from None  # fifty by now: the page had said so before
    return GrantedLogin(person.email, made.secret)


def _waiting(work: Work, page: str) -> ProgramLogin:
    row = work.session.scalar(
        select(ProgramLogin).where(
            ProgramLogin.page_hash == _digest(page),
            ProgramLogin.ends_at > work.now,
            ProgramLogin.person_id.is_(None),
        )
    )
    if row is None:
        raise NotFound()
    return row


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
