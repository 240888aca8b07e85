"""App passwords: one for each program that speaks to us, shown once, revocable alone."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select

from workspace.accounts.app_password_rows import LABEL_LIMIT, MadeAppPassword, app_passwords_of, give_app_password
from workspace.accounts.guesses import Secret, shut, try_once
from workspace.accounts.models import AppPassword, Person
from workspace.accounts.people import find_row, tell
from workspace.accounts.permission import require_host, require_self
from workspace.db.epochs import raise_epoch
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import ANONYMOUS, Principal, SubjectKind
from workspace.kernel.errors import NotAcceptable, NotFound, TooManyTries, WrongSecret
from workspace.kernel.facts import FactKind

USED_EVERY = timedelta(minutes=5)
_SHAPE = re.compile(r"cw-([0-9a-z]{8})-([0-9a-z]{32})")


@dataclass(frozen=True, slots=True)
class AppPasswordLine:
    """An app password as its owner sees it."""

    id: str
    label: str
    made_at: datetime
    last_used_at: datetime | None


def make_app_password(work: Work, label: str, person_id: str | None = None) -> MadeAppPassword:
    """Make one for oneself; the host's programs make one for anybody.

    Raises NotAcceptable for a label empty or too long, WrongState at fifty.
    """
    if person_id is None:
        person_id = require_self(work)
    else:
        require_host(work)
    label = " ".join(label.split())
    if not label or len(label) > LABEL_LIMIT:
        raise NotAcceptable("Write which program it is for, in at most 80 characters.", field="label")
    return give_app_password(work, find_row(work, person_id), label)


def app_passwords(work: Work) -> list[AppPasswordLine]:
    """One's own, the newest first."""
    rows = app_passwords_of(work, require_self(work))
    return [AppPasswordLine(one.id, one.label, one.made_at, one.last_used_at) for one in rows]


def revoke_app_password(work: Work, app_password_id: str) -> None:
    """End one of one's own, at once. Raises NotFound."""
    person_id = require_self(work)
    row = work.session.get(AppPassword, app_password_id)
    if row is None or row.person_id != person_id or row.revoked_at is not None:
        raise NotFound()
    row.revoked_at = work.now
    tell(work, FactKind.APP_PASSWORD_REVOKED, person_id, app_password=row.id)
    raise_epoch(work, Principal(SubjectKind.PERSON, person_id))
    # durable outside the database before the answer: a restored backup must not open this door again
    work.ports.journal.write("revoked", {"app_password": row.id, "at": work.now.isoformat()})


def verify_app_password(runtime: Runtime, secret: str, email: str | None = None) -> tuple[str, Person]:
    """The app password's id and its person, for the doors of programs. `email`: the name given with Basic.

    With 160 random bits it is its failures that are counted, so that programs at work write nothing. The account's
    own password is never taken here: it would pass by the second factor. Trying it here counts against it all the same.
    Raises WrongSecret, TooManyTries. Call it while this thread holds no writing Work.
    """
    shape = _SHAPE.fullmatch(secret.strip())
    email = (email or "").strip().lower()
    if shape is None:
        try_once(runtime, Secret.PASSWORD, email)
        raise WrongSecret()
    with runtime.reading(ANONYMOUS) as work:
        found = work.session.execute(
            select(AppPassword, Person)
            .join(Person, Person.id == AppPassword.person_id)
            .where(AppPassword.prefix == shape[1])
        ).one_or_none()
        if found is not None and shut(work, Secret.APP_PASSWORD, found[0].id):
            raise TooManyTries()
        now = work.now
    if found is None:
        try_once(runtime, Secret.PROGRAM, email)
        raise WrongSecret()
    row, person = found
    right = hmac.compare_digest(row.secret_hash, sha256(secret.strip().encode()).digest())
    if not right or (email and email != person.email):
        try_once(runtime, Secret.APP_PASSWORD, row.id)
        raise WrongSecret()
    if row.revoked_at is not None or person.disabled_at is not None or person.confirmed_at is None:
        raise WrongSecret()
    if row.last_used_at is None or row.last_used_at <= now - USED_EVERY:
        _used(runtime, row.id)
    return row.id, person


def person_with(work: Work, app_password_id: str) -> Person | None:
    """Whose app password this is, if it still holds."""
    return work.session.scalar(
        select(Person)
        .join(AppPassword, AppPassword.person_id == Person.id)
        .where(
            AppPassword.id == app_password_id,
            AppPassword.revoked_at.is_(None),
            Person.disabled_at.is_(None),
            Person.confirmed_at.is_not(None),
        )
    )


def _used(runtime: Runtime, app_password_id: str) -> None:
    with runtime.writing(ANONYMOUS) as work:
        row = work.session.get(AppPassword, app_password_id)
        if row is not None:
            row.last_used_at = work.now
        work.commit()
