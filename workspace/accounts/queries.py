"""Reads about people. Administrators see who has an account and how it stands, never what anybody keeps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from workspace.accounts.addresses import normal_email
from workspace.accounts.models import Passkey, Person, SignIn
from workspace.accounts.people import find_row, row_by_email
from workspace.accounts.permission import require_administrator, require_self
from workspace.db.work import Work
from workspace.kernel.errors import NotAcceptable


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as another one may know them."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person has chosen for themselves."""

    language: str | None
    weekly_letter: bool


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person as an administrator sees them."""

    id: str
    name: str
    email: str
    administrator: bool
    made_at: datetime
    confirmed_at: datetime | None
    disabled_at: datetime | None
    second_factor: bool
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some people and the cursor of the next page, if there is one."""

    people: tuple[PersonLine, ...]
    next: str | None


def people(work: Work, text: str = "", after: str | None = None, limit: int = 50) -> PeoplePage:
    """Everybody with an account, the newest first; `text` is looked for in names and addresses."""
    require_administrator(work)
    seen = select(func.max(SignIn.last_seen_at)).where(SignIn.person_id == Person.id).scalar_subquery()
    keys = select(func.count()).where(Passkey.user_id == Person.id).scalar_subquery()
    wanted = select(Person, seen, keys).where(Person.erased_at.is_(None)).order_by(Person.id.desc()).limit(limit + 1)
    if text.strip():
        part = text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        like = f"%{part}%"
        wanted = wanted.where(or_(Person.email.like(like, escape="\\"), Person.name.ilike(like, escape="\\")))
    if after:
        wanted = wanted.where(Person.id < after)
    rows = work.session.execute(wanted).all()
    lines = tuple(_line(person, last, count) for person, last, count in rows[:limit])
    return PeoplePage(lines, lines[-1].id if len(rows) > limit else None)


def person_line(work: Work, person_id: str) -> PersonLine:
    """One person as an administrator sees them. Raises NotFound."""
    require_administrator(work)
    person = find_row(work, person_id)
    last = work.session.scalar(select(func.max(SignIn.last_seen_at)).where(SignIn.person_id == person_id))
    keys = work.session.scalar(select(func.count()).where(Passkey.user_id == person_id))
    return _line(person, last, keys or 0)


def count_people(work: Work) -> int:
    """How many accounts are open."""
    require_administrator(work)
    return work.session.scalar(select(func.count()).where(Person.disabled_at.is_(None))) or 0


def count_administrators(work: Work) -> int:
    """How many people can open the administration."""
    require_administrator(work)
    wanted = select(func.count()).where(Person.administrator, Person.disabled_at.is_(None))
    return work.session.scalar(wanted) or 0


def person_card(work: Work, person_id: str) -> PersonCard:
    """One's own name and address. Raises NotFound for anybody else's."""
    row = find_row(work, require_self(work, person_id))
    return PersonCard(row.id, row.name, row.email)


def preferences(work: Work) -> Preferences:
    """One's own language, None where none was chosen, and which letters one wants."""
    row = find_row(work, require_self(work))
    return Preferences(row.language, row.weekly_letter)


def person_by_email(work: Work, email: str) -> PersonCard | None:
    """Who has this address, for sharing and appointing; only open, proven accounts.

    Whoever asks must answer the same way when it is None: having an account is nobody else's business.
    """
    if not work.actor.host:
        require_self(work)
    try:
        row = row_by_email(work, normal_email(email))
    except NotAcceptable:
        return None
    if row is None or row.disabled_at is not None or row.confirmed_at is None:
        return None
    return PersonCard(row.id, row.name, row.email)


def names_of(work: Work, person_ids: Iterable[str]) -> dict[str, str]:
    """Names by id, for lines that name who did what; the caller has been allowed to read those lines."""
    rows = work.session.execute(select(Person.id, Person.name).where(Person.id.in_(set(person_ids))))
    return {row.id: row.name for row in rows}


def _line(person: Person, last: datetime | None, passkeys: int) -> PersonLine:
    return PersonLine(
        id=person.id,
        name=person.name,
        email=person.email,
        administrator=person.administrator,
        made_at=person.made_at,
        confirmed_at=person.confirmed_at,
        disabled_at=person.disabled_at,
        second_factor=bool(person.tf_primary_method or passkeys),
        last_seen_at=last,
    )
