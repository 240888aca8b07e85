"""Secret links: made, entered, given another password. A link ends like any other grant, by `service.revoke`."""

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import and_, or_, select

from workspace.db.epochs import raise_epoch
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import AccessEnded, NotAcceptable, NotFound, PasswordRequired, WrongSecret, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import Located, ThingKind
from workspace.sharing.authorize import as_value, authorize
from workspace.sharing.models import Grant, Link
from workspace.sharing.rule import Action, Level
from workspace.sharing.service import grant

SHORTEST_PASSWORD = 8

Entered = tuple[str, int]
"""A link that a browser has entered, and the `entry` of then."""


def make_link(
    work: Work,
    thing: Located,
    level: Level,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    password: str | None = None,
    label: str = "",
    purpose: str = "",
    legal_basis: str = "",
    downloads: int | None = None,
    sign_in: bool = False,
) -> tuple[Grant, str]:
    """A secret address to a thing. Returns the grant and the token, which is shown once and kept only as a hash."""
    authorize(work, Action.SHARE, thing)
    token = secrets.token_urlsafe(32)
    link = Link(
        id=new_id(),
        token_hash=sha256(token.encode()).digest(),
        label=label[:120],
        made_at=work.now,
        password_hash=_hashed(work, password),
        entry=1,
    )
    work.session.add(link)
    work.session.flush()
    subject = Principal(SubjectKind.LINK, link.id)
    row = grant(
        work, thing, subject, level, valid_from=valid_from, valid_until=valid_until, purpose=purpose,
        legal_basis=legal_basis, downloads=downloads, sign_in=sign_in,
    )  # fmt: skip
    return row, token


def set_link_password(work: Work, thing: Located, grant_id: str, password: str | None) -> Link:
    """Give a link another password, or none. Whoever has entered it has to enter again, and what they read is cut.

    Raises NotFound, NotAcceptable for less than 8 characters, WrongState for a link that has ended.
    """
    authorize(work, Action.SHARE, thing)
    row = work.session.get(Grant, grant_id)
    if row is None or row.thing_id != thing.id or row.subject_kind != SubjectKind.LINK.value:
        raise NotFound()
    if as_value(row).ended_at(work.now):
        raise WrongState()
    link = work.session.get_one(Link, row.subject_id)
    link.password_hash = _hashed(work, password)
    link.entry += 1
    raise_epoch(work, Principal(SubjectKind.LINK, link.id))
    work.record(
        FactKind.GRANT_CHANGED, thing, link_id=link.id, space_id=thing.space_id, grant_id=row.id,
        subject=f"link:{link.id}", level=row.level, password=password is not None,
    )  # fmt: skip
    return link


def enter_link(work: Work, token: str, password: str | None = None) -> tuple[Link, Grant]:
    """The link of a token and what it opens, if it still holds and the password is right.

    Raises NotFound, AccessEnded, PasswordRequired, WrongSecret. The door counts guesses before it asks here.
    """
    digest = sha256(token.encode()).digest()
    link = work.session.scalar(select(Link).where(Link.token_hash == digest))
    if link is None or not hmac.compare_digest(link.token_hash, digest):
        raise NotFound()
    newest = (
        select(Grant)
        .where(Grant.subject_kind == "link", Grant.subject_id == link.id)
        .order_by(Grant.id.desc())
        .limit(1)
    )
    row = work.session.scalar(newest)
    if row is None:
        raise NotFound()
    thing = Located(ThingKind(row.thing_kind), row.thing_id, None, (row.thing_id,), row.space_id)
    by = Principal(SubjectKind.LINK, link.id)
    if not as_value(row).holds_at(work.now):
        raise AccessEnded(thing=thing, link=by)
    if link.password_hash is not None:
        if password is None:
            raise PasswordRequired()
        try:
            _hasher(work).verify(link.password_hash, password)
        except VerificationError as error:
            raise WrongSecret(thing=thing, link=by) from error
    work.record(FactKind.LINK_ENTERED, thing, link_id=link.id, space_id=row.space_id, grant_id=row.id)
    return link, row


def open_links(work: Work, entered: Iterable[Entered]) -> frozenset[str]:
    """Those of these links whose password is still the one by which they were entered."""
    wanted = [and_(Link.id == link_id, Link.entry == entry) for link_id, entry in entered]
    if not wanted:
        return frozenset()
    return frozenset(work.session.scalars(select(Link.id).where(or_(*wanted))))


def _hashed(work: Work, password: str | None) -> str | None:
    if not password:
        return None
    if len(password) < SHORTEST_PASSWORD:
        raise NotAcceptable(field="password")
    return _hasher(work).hash(password)


def _hasher(work: Work) -> PasswordHasher:
    return PasswordHasher(time_cost=work.settings.password_hash_cost)
