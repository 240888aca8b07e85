"""Verbs of sharing: give, change, end, give again. Links have a module of their own.

Only the owner of a thing gives, so that nobody can hand on more than they have: there is no resharing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from workspace.db.epochs import raise_epoch
from workspace.db.folder_changes import record_change
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import NotAcceptable, NotFound, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import Located, ThingKind
from workspace.sharing.authorize import as_value, authorize, require_signed_in
from workspace.sharing.models import Grant
from workspace.sharing.rule import Action, Level

GRANTABLE = frozenset({Level.LOOK, Level.VIEW, Level.COMMENT, Level.CONTRIBUTE, Level.EDIT})
PURPOSE_LIMIT = 500
DOWNLOADS_LIMIT = 10_000
ADDRESSES_A_DAY = 100
"""So many times a day one person may let in an address; each time a letter leaves."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms something is given. `downloads`: how many, None for any number; `sign_in`: only to who is signed in
    (a link, else it says nothing)."""

    level: Level
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    purpose: str = ""
    legal_basis: str = ""
    downloads: int | None = None
    sign_in: bool = False


def grant(
    work: Work,
    thing: Located,
    subject: Principal,
    level: Level,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    purpose: str = "",
    legal_basis: str = "",
    downloads: int | None = None,
    sign_in: bool = False,
    addressed_to: str | None = None,
) -> Grant:
    """Let a person, a body, an office or a link do something with an item and all that lies in it.

    A grant that the subject already has on this very thing is changed instead, so that one line stays one line.
    `addressed_to`: the address by which the giver means the person (`accounts.awaited`). Raises NotAcceptable for an
    end in the past or before its beginning, and for giving to oneself.
    """
    authorize(work, Action.SHARE, thing)
    giver = require_signed_in(work.actor)
    terms = Terms(level, valid_from, valid_until, purpose, legal_basis, downloads, sign_in)
    _check(work, subject, terms)
    if addressed_to is not None:
        _check_letters(work, giver)
    standing = _standing(work, thing, subject)
    if standing is not None:
        return _change(work, thing, standing, terms)
    row = Grant(
        id=new_id(),
        subject_kind=subject.kind.value,
        subject_id=subject.id,
        thing_kind=thing.kind.value,
        thing_id=thing.id,
        space_id=thing.space_id,
        granted_by=giver,
        granted_at=work.now,
        revoked_at=None,
        revoked_by=None,
        addressed_to=addressed_to,
    )
    _set(row, terms)
    work.session.add(row)
    work.session.flush()
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
    legal_basis: str = "",
    downloads: int | None = None,
    sign_in: bool = False,
) -> Grant:
    """Extend, narrow or widen a grant that still holds. Raises NotFound, NotAcceptable, WrongState."""
    authorize(work, Action.SHARE, thing)
    row = _grant_on(work, thing, grant_id)
    terms = Terms(level, valid_from, valid_until, purpose, legal_basis, downloads, sign_in)
    _check(work, as_value(row).subject, terms)
    if row.level == Level.HANDLE.word or row.revoked_at is not None:
        raise WrongState()
    return _change(work, thing, row, terms)


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


def give_again(work: Work, thing: Located, grant_id: str) -> Grant:
    """Open a door again that was closed by hand, on the terms it had: a new grant, so that history stays.

    Raises WrongState for one that was not revoked, and where its end has passed meanwhile.
    """
    authorize(work, Action.SHARE, thing)
    old = as_value(_grant_on(work, thing, grant_id))
    if old.revoked_at is None or (old.valid_until is not None and old.valid_until <= work.now):
        raise WrongState()
    return grant(
        work,
        thing,
        old.subject,
        old.level,
        valid_from=old.valid_from,
        valid_until=old.valid_until,
        purpose=old.purpose,
        legal_basis=old.legal_basis,
        downloads=old.downloads,
        sign_in=old.sign_in,
        addressed_to=old.addressed_to,
    )


def for_each(
    work: Work, grant_ids: list[str], find: Callable[[Work, str], Located], act: Callable[[Work, Located, str], Grant]
) -> list[Grant]:
    """Revoke, or give again, many at once. `find` turns the id of what a grant lies on into a thing, in or out of the
    trash. Those that cannot be (of a delivery, ended otherwise) are left out; NotFound for one of somebody else's."""
    done = []
    for grant_id in dict.fromkeys(grant_ids):
        row = work.session.get(Grant, grant_id)
        if row is None:
            raise NotFound()
        thing = find(work, row.thing_id)
        authorize(work, Action.SHARE, thing)
        try:
            done.append(act(work, thing, grant_id))
        except WrongState:
            continue
    return done


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
        granted_by=require_signed_in(work.actor),
        granted_at=work.now,
        revoked_at=None,
        revoked_by=None,
    )
    _set(row, Terms(Level.HANDLE))
    work.session.add(row)
    raise_epoch(work, Principal(SubjectKind.BODY, body_id))
    return row


def collect(work: Work, thing: Located, body_id: str, level: Level) -> Grant:
    """What an official gathers for their body: all who work there may see it, or (`level`) work with it.

    Raises NotFound for a body that the actor does not work for.
    """
    if not work.actor.roles_in(body_id):
        raise NotFound()
    row = Grant(
        id=new_id(),
        subject_kind="body",
        subject_id=body_id,
        thing_kind=thing.kind.value,
        thing_id=thing.id,
        space_id=thing.space_id,
        granted_by=require_signed_in(work.actor),
        granted_at=work.now,
        revoked_at=None,
        revoked_by=None,
    )
    _set(row, Terms(level))
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


def _change(work: Work, thing: Located, row: Grant, terms: Terms) -> Grant:
    _set(row, terms)
    _tell(work, FactKind.GRANT_CHANGED, thing, row)
    return row


def _set(row: Grant, terms: Terms) -> None:
    row.level, row.valid_from, row.valid_until = terms.level.word, terms.valid_from, terms.valid_until
    row.purpose, row.legal_basis = terms.purpose, terms.legal_basis
    row.downloads, row.sign_in = terms.downloads, terms.sign_in


def _check(work: Work, subject: Principal, terms: Terms) -> None:
    if terms.level not in GRANTABLE:
        raise NotAcceptable(field="level")
    if subject.kind is SubjectKind.PERSON and subject.id == work.actor.person_id:
        raise NotAcceptable(field="subject")
    begin, end = terms.valid_from, terms.valid_until
    if end is not None and (end <= work.now or (begin is not None and end <= begin)):
        raise NotAcceptable(field="until")
    for field, text in (("purpose", terms.purpose), ("legal_basis", terms.legal_basis)):
        # half of a surrogate pair is no text: no database takes it
        if len(text) > PURPOSE_LIMIT or text.encode("utf-8", "ignore").decode() != text:
            raise NotAcceptable(field=field)
    if terms.downloads is not None and not 0 < terms.downloads <= DOWNLOADS_LIMIT:
        raise NotAcceptable(field="downloads")


def _check_letters(work: Work, giver: str) -> None:
    today = select(func.count()).where(
        Grant.granted_by == giver, Grant.addressed_to.is_not(None), Grant.granted_at > work.now - timedelta(days=1)
    )
    if (work.session.scalar(today) or 0) >= ADDRESSES_A_DAY:
        raise NotAcceptable(field="addresses", limit=ADDRESSES_A_DAY)


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
        downloads=row.downloads,
        sign_in=row.sign_in,
    )
