"""Rows of app passwords: counted and made. Verbs use these once the person has been asked."""

import secrets
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import select

from workspace.accounts.models import AppPassword, Person
from workspace.accounts.people import tell
from workspace.db.work import Work
from workspace.kernel.errors import WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import ALPHABET, new_id

LABEL_LIMIT = 80
MOST = 50


@dataclass(frozen=True, slots=True)
class MadeAppPassword:
    """An app password just made; `secret` is shown this once."""

    id: str
    secret: str = field(repr=False)


def app_passwords_of(work: Work, person_id: str) -> list[AppPassword]:
    """Those that open the door, the newest first."""
    return list(
        work.session.scalars(
            select(AppPassword)
            .where(AppPassword.person_id == person_id, AppPassword.revoked_at.is_(None))
            .order_by(AppPassword.id.desc())
        )
    )


def check_room(work: Work, person_id: str) -> None:
    """Raises WrongState where somebody has fifty."""
    if len(app_passwords_of(work, person_id)) >= MOST:
        raise WrongState("There are fifty app passwords already. Revoke one first.")


def give_app_password(work: Work, person: Person, label: str) -> MadeAppPassword:
    """Make one. Raises WrongState at fifty."""
    check_room(work, person.id)
    prefix, rest = _letters(8), _letters(32)
    secret = f"cw-{prefix}-{rest}"
    row = AppPassword(
        id=new_id(),
        person_id=person.id,
        label=label,
        prefix=prefix,
        secret_hash=sha256(secret.encode()).digest(),
        made_at=work.now,
        last_used_at=None,
        revoked_at=None,
    )
    work.session.add(row)
    tell(work, FactKind.APP_PASSWORD_MADE, person.id, app_password=row.id)
    return MadeAppPassword(row.id, secret)


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))
