"""Invitations that have not been taken up yet, for administrators."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from workspace.accounts.models import Invitation
from workspace.accounts.permission import require_administrator
from workspace.db.work import Work
from workspace.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """An invitation that still opens the door, until `ends_at`."""

    id: str
    email: str
    made_at: datetime
    ends_at: datetime


def open_invitations(work: Work) -> list[InvitationLine]:
    """The invitations that still hold, the newest first."""
    require_administrator(work)
    rows = work.session.scalars(
        select(Invitation)
        .where(Invitation.used_at.is_(None), Invitation.ends_at > work.now)
        .order_by(Invitation.id.desc())
    )
    return [InvitationLine(row.id, row.email, row.made_at, row.ends_at) for row in rows]


def withdraw_invitation(work: Work, invitation_id: str) -> str:
    """End an invitation at once; returns its address. Idempotent. Raises NotFound."""
    require_administrator(work)
    row = work.session.get(Invitation, invitation_id)
    if row is None:
        raise NotFound()
    if row.used_at is None and row.ends_at > work.now:
        row.ends_at = work.now
    return row.email
