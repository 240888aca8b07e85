"""Verbs of sharing: give, change, revoke; links."""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select

from workspace.db.epochs import raise_epoch
from workspace.db.folder_changes import record_change
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import (
    AccessEnded,
    NotAcceptable,
    NotFound,
    PasswordRequired,
    WrongSecret,
    WrongState,
)
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import Located, ThingKind
from workspace.sharing.authorize import as_value, authorize, require_signed_in
from workspace.sharing.models import Grant, Link
from workspace.sharing.rule import Action, Level

GRANTABLE = frozenset({Level.VIEW, Level.COMMENT, Level.CONTRIBUTE, Level.EDIT})
PURPOSE_LIMIT = 500


def grant(
    work: Work,
    thing: Located,
    subject: Principal,
    level: Level,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    purpose: str = "",
) -> Grant:
    """Let a person, a body, an office or a link do something with an item and all that lies in it.

    A grant that the subject already has on this very thing is changed instead, so that one line stays one line.
    Raises NotAcceptable for an end in the past or before its beginning, and for giving to oneself.
    """
    authorize(work, Action.SHARE, thing)
    giver = require_signed_in(work.actor)
    _check(work, subject, level, valid_from, valid_until, purpose)
    standing = _standing(work, thing, subject)
    if standing is not None:
        return change_grant(
            work, thing, standing.id, level=level, valid_from=valid_from, valid_until=valid_until, purpose=purpose
        )
    row = Grant(
        id=new_id(),
        subject_kind=subject.kind.value,
        subject_id=subject.id,
        thing_kind=thing.kind.value,
        thing_id=thing.id,
        space_id=thing.space_id,
        level=level.word,
        valid_from=valid_from,
        valid_until=valid_until,
        purpose=purpose,
        granted_by=giver,
        granted_at=work.now,
        revoked_at=None,
        revoked_by=None,
    )
    work.session.add(row)
    _tell(work, FactKind.GRANTED, thing, row)
    return row


def change_grant(
    work: Work,
    thing: Located,
    grant_id: str,
    *,
    level: Level,
    valid_from: datetime | None,
    valid_until: datetime | None,
    purpose: str,
) -> Grant:
    """Extend, narrow or widen a grant that still holds."""
    authorize(work, Action.SHARE, thing)
    row = _grant_on(work, thing, grant_id)
    _check(work, as_value(row).subject, level, valid_from, valid_until, purpose)
    if row.level == Level.HANDLE.word or row.revoked_at is not None:
        raise WrongState()
    row.level, row.valid_from, row.valid_until, row.purpose = level.word, valid_from, valid_until, purpose
    _tell(work, FactKind.GRANT_CHANGED, thing, row)
    return row


def revoke(work: Work, thing: Located, grant_id: str) -> Grant:
    """End a grant at once. Idempotent. What was delivered stays delivered: WrongState for a grant of a delivery."""
    authorize(work, Action.SHARE, thing)
    row = _grant_on(work, thing, grant_id)
    if row.level == Level.HANDLE.word:
        raise WrongState()
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = work.now, work.actor.person_id
        _tell(work, FactKind.REVOKED, thing, row)
        # durable outside the database before the answer: a restored backup must not open this door again
        work.ports.journal.write("revoked", {"grant": row.id, "at": work.now.isoformat()})
    return row


def make_link(
    work: Work,
    thing: Located,
    level: Level,
    *,
    valid_until: datetime | None = None,
    password: str | None = None,
    label: str = "",
    purpose: str = "",
) -> tuple[Grant, str]:
    """A secret address to a thing. Returns the grant and the token, which is shown once and kept only as a hash."""
    authorize(work, Action.SHARE, thing)
    if password is not None and len(password) < 8:
        raise NotAcceptable(field="password")
    token = secrets.token_urlsafe(32)
    link = Link(
        id=new_id(),
        token_hash=sha256(token.encode()).digest(),
        label=label[:120],
        made_at=work.now,
        password_hash=_hasher(work).hash(password) if password else None,
    )
    work.session.add(link)
    work.session.flush()
    row = grant(work, thing, Principal(SubjectKind.LINK, link.id), level, valid_until=valid_until, purpose=purpose)
    return row, token


def enter_link(work: Work, token: str, password: str | None = None) -> Link:
    """The link of a token, if it still holds and the password is right.

    Raises NotFound, AccessEnded, PasswordRequired, WrongSecret. The door counts guesses before it asks here.
    """
    digest = sha256(token.encode()).digest()
    link = work.session.scalar(select(Link).where(Link.token_hash == digest))
    if link is None or not hmac.compare_digest(link.token_hash, digest):
        raise NotFound()
    row = work.session.scalar(select(Grant).where(Grant.subject_kind == "link", Grant.subject_id == link.id))
    if row is None:
        raise NotFound()
    if not as_value(row).holds_at(work.now):
        raise AccessEnded()
    if link.password_hash is not None:
        if password is None:
            raise PasswordRequired()
        try:
            _hasher(work).verify(link.password_hash, password)
        except VerificationError as error:
            raise WrongSecret() from error
    thing = Located(ThingKind(row.thing_kind), row.thing_id, None, (row.thing_id,), row.space_id)
    work.record(FactKind.LINK_ENTERED, thing, link_id=link.id, space_id=row.space_id, grant_id=row.id)
    return link


def deliver_grant(work: Work, case: Located, body_id: str) -> Grant:
    """What a delivery gives a body: to handle this case, for good."""
    authorize(work, Action.DELIVER, case)
    standing = _standing(work, case, Principal(SubjectKind.BODY, body_id))
    if standing is not None and standing.level == Level.HANDLE.word:
        return standing
    row = Grant(
        id=new_id(),
        subject_kind="body",
        subject_id=body_id,
        thing_kind=ThingKind.CASE.value,
        thing_id=case.id,
        space_id=case.space_id,
        level=Level.HANDLE.word,
        valid_from=None,
        valid_until=None,
        purpose="",
        granted_by=require_signed_in(work.actor),
        granted_at=work.now,
        revoked_at=None,
        revoked_by=None,
    )
    work.session.add(row)
    raise_epoch(work, Principal(SubjectKind.BODY, body_id))
    return row


def _standing(work: Work, thing: Located, subject: Principal) -> Grant | None:
    rows = work.session.scalars(
        select(Grant).where(
            Grant.thing_id == thing.id,
            Grant.subject_kind == subject.kind.value,
            Grant.subject_id == subject.id,
            Grant.revoked_at.is_(None),
        )
    )
    return next((row for row in rows if not as_value(row).ended_at(work.now)), None)


def _grant_on(work: Work, thing: Located, grant_id: str) -> Grant:
    row = work.session.get(Grant, grant_id)
    if row is None or row.thing_id != thing.id:
        raise NotFound()
    return row


def _check(
    work: Work,
    subject: Principal,
    level: Level,
    valid_from: datetime | None,
    valid_until: datetime | None,
    purpose: str,
) -> None:
    if level not in GRANTABLE:
        raise NotAcceptable(field="level")
    if subject.kind is SubjectKind.PERSON and subject.id == work.actor.person_id:
        raise NotAcceptable(field="subject")
    if valid_until is not None and (valid_until <= work.now or (valid_from is not None and valid_until <= valid_from)):
        raise NotAcceptable(field="until")
    if len(purpose) > PURPOSE_LIMIT:
        raise NotAcceptable(field="purpose")


def _tell(work: Work, kind: FactKind, thing: Located, row: Grant) -> None:
    subject = as_value(row).subject
    raise_epoch(work, subject)
    if thing.kind is ThingKind.ITEM:
        record_change(work, str(thing.space_id), thing.id)
    work.record(
        kind,
        thing,
        body_id=row.subject_id if row.subject_kind == "body" else None,
        link_id=row.subject_id if row.subject_kind == "link" else None,
        space_id=thing.space_id,
        grant_id=row.id,
        subject=str(subject),
        level=row.level,
        valid_until=row.valid_until.isoformat() if row.valid_until else None,
    )


def _hasher(work: Work) -> PasswordHasher:
    return PasswordHasher(time_cost=work.settings.password_hash_cost)
