"""Verbs of accounts: joining, inviting, changing, disabling."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select, update

from workspace.accounts.addresses import normal_email
from workspace.accounts.awaited import id_for
from workspace.accounts.instance import SignUp, instance
from workspace.accounts.models import AppPassword, Invitation, Person, SignIn
from workspace.accounts.passwords import hash_password, reasons_against
from workspace.accounts.people import clean_name, find_row, row_by_email, tell
from workspace.accounts.permission import require_administrator, require_self
from workspace.db.epochs import raise_epoch
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import AccessEnded, Forbidden, NameTaken, NotAcceptable, NotFound, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import INSTANCE
from workspace.trust.journal import DISABLED, ENABLED

LANGUAGES = ("en", "uk")
INVITATION_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation just made; the token exists only here and in the letter."""

    id: str
    email: str
    token: str


def sign_up(work: Work, *, email: str, name: str, password_hash: str, language: str | None = None) -> Person:
    """Join by oneself; the address is still to be proven. Raises Forbidden where the host lets nobody join so."""
    if instance(work).sign_up is not SignUp.ANYONE:
        raise Forbidden(action="sign_up")
    return _join(work, email, name, password_hash, language)


def add_person(
    work: Work,
    email: str,
    name: str,
    *,
    password: str | None = None,
    language: str | None = None,
    administrator: bool = False,
) -> Person:
    """Add somebody whose address the host vouches for. Without a password they set one by "forgotten password".

    Raises NameTaken for an address that is here already, NotAcceptable for an address, name or password not taken.
    """
    require_administrator(work)
    if password is not None and (reasons := reasons_against(password, email, name)):
        reason = reasons[0].value
        raise NotAcceptable(f"This password is not taken: {reason}.", field="password", reason=reason)
    known = hash_password(password, work.settings.password_hash_cost) if password is not None else None
    person = _join(work, email, name, known, language)
    person.confirmed_at = work.now
    person.administrator = administrator
    return person


def invite(work: Work, email: str) -> Invited:
    """Invite an address; an earlier invitation of it ends. Raises NameTaken where somebody has that address."""
    require_administrator(work)
    email = normal_email(email)
    if row_by_email(work, email) is not None:
        raise NameTaken(field="email")
    work.session.execute(
        update(Invitation).where(Invitation.email == email, Invitation.used_at.is_(None)).values(ends_at=work.now)
    )
    token = secrets.token_urlsafe(32)
    row = Invitation(
        id=new_id(),
        email=email,
        token_hash=sha256(token.encode()).digest(),
        invited_by=work.actor.person_id,
        made_at=work.now,
        ends_at=work.now + INVITATION_LIFE,
        used_at=None,
    )
    work.session.add(row)
    work.record(FactKind.PERSON_INVITED, INSTANCE, invitation=row.id)
    return Invited(row.id, email, token)


def invitation_of(work: Work, token: str) -> Invitation:
    """The invitation behind a token. Raises NotFound, AccessEnded."""
    row = work.session.scalar(
        select(Invitation).where(Invitation.token_hash == sha256(token.encode()).digest()).with_for_update()
    )
    if row is None:
        raise NotFound()
    if row.used_at is not None or row.ends_at <= work.now:
        raise AccessEnded()
    return row


def accept_invitation(work: Work, token: str, *, name: str, password: str, language: str | None = None) -> Person:
    """Join by an invitation: whoever holds its token reads at that address, so it counts as proven.

    Raises NotFound, AccessEnded, NameTaken, NotAcceptable (field `name` or `password`, with `reason`).
    """
    row = invitation_of(work, token)
    name = clean_name(name)
    if reasons := reasons_against(password, row.email, name):
        raise NotAcceptable("Choose another password.", field="password", reason=reasons[0].value)
    person = _join(work, row.email, name, hash_password(password, work.settings.password_hash_cost), language)
    person.confirmed_at = row.used_at = work.now
    return person


def change_name(work: Work, name: str) -> None:
    """Change one's own name. Raises NotAcceptable."""
    person = find_row(work, require_self(work))
    person.name = clean_name(name)
    tell(work, FactKind.PERSON_CHANGED, person.id, what="name")


def change_language(work: Work, language: str) -> None:
    """Change the language of one's pages and letters. Raises NotAcceptable."""
    person = find_row(work, require_self(work))
    if language not in LANGUAGES:
        raise NotAcceptable(field="language")
    person.language = language
    tell(work, FactKind.PERSON_CHANGED, person.id, what="language")


def want_weekly_letter(work: Work, wanted: bool) -> None:
    """Say whether one wants the weekly letter about who opened one's files."""
    person = find_row(work, require_self(work))
    person.weekly_letter = wanted
    tell(work, FactKind.PERSON_CHANGED, person.id, what="weekly_letter")


def set_administrator(work: Work, person_id: str, administrator: bool) -> None:
    """Make somebody an administrator, or no longer. Raises WrongState for oneself and for the last one."""
    require_administrator(work)
    person = find_row(work, person_id)
    if person.id == work.actor.person_id:
        raise WrongState()
    if not administrator:
        _keep_an_administrator(work, person)
    person.administrator = administrator
    tell(work, FactKind.PERSON_CHANGED, person.id, what="administrator", administrator=administrator)
    raise_epoch(work, Principal(SubjectKind.PERSON, person.id))


def disable(work: Work, person_id: str) -> None:
    """Close an account: its sessions and app passwords end at once, also after a restored backup (journal).

    What the person owns stays as it is. Raises NotFound; WrongState for oneself and for the last administrator.
    """
    require_administrator(work)
    person = find_row(work, person_id)
    if person.id == work.actor.person_id:
        raise WrongState()
    if person.disabled_at is not None:
        return
    _keep_an_administrator(work, person)
    person.disabled_at = work.now
    work.session.execute(
        update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None)).values(ended_at=work.now)
    )
    work.session.execute(
        update(AppPassword)
        .where(AppPassword.person_id == person.id, AppPassword.revoked_at.is_(None))
        .values(revoked_at=work.now)
    )
    tell(work, FactKind.PERSON_DISABLED, person.id)
    raise_epoch(work, Principal(SubjectKind.PERSON, person.id))
    work.session.flush()
    work.ports.journal.write(DISABLED, {"person_id": person.id})


def enable(work: Work, person_id: str) -> None:
    """Open a closed account again; its former sessions and app passwords stay ended.

    Raises NotFound, WrongState for one that was erased.
    """
    require_administrator(work)
    person = find_row(work, person_id)
    if person.erased_at is not None:
        raise WrongState()
    if person.disabled_at is None:
        return
    person.disabled_at = None
    tell(work, FactKind.PERSON_ENABLED, person.id)
    raise_epoch(work, Principal(SubjectKind.PERSON, person.id))
    work.session.flush()
    work.ports.journal.write(ENABLED, {"person_id": person.id})


def _keep_an_administrator(work: Work, person: Person) -> None:
    """Raises WrongState where nobody else could open the administration. Two who end each other take turns here."""
    open_ones = select(Person.id).where(Person.administrator, Person.disabled_at.is_(None)).order_by(Person.id)
    present = list(work.session.scalars(open_ones.with_for_update()))
    if present == [person.id]:
        raise WrongState(reason="last_administrator")


def _join(work: Work, email: str, name: str, password_hash: str | None, language: str | None) -> Person:
    email = normal_email(email)
    if row_by_email(work, email) is not None:
        raise NameTaken(field="email")
    person = Person(
        id=id_for(work, email),
        email=email,
        name=clean_name(name),
        language=language if language in LANGUAGES else None,
        administrator=False,
        made_at=work.now,
        confirmed_at=None,
        disabled_at=None,
        password=password_hash,
        password_changed_at=work.now if password_hash else None,
        fs_uniquifier=secrets.token_hex(32),
        fs_webauthn_user_handle=secrets.token_hex(32),
        mf_recovery_codes=[],
    )
    work.session.add(person)
    work.session.flush()
    tell(work, FactKind.PERSON_JOINED, person.id)
    return person
