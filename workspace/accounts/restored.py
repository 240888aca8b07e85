"""What becomes of sessions and app passwords when an older state of the database has come back."""

from sqlalchemy import func, select, update

from workspace.accounts.models import AppPassword, SignIn
from workspace.accounts.permission import require_administrator, require_host
from workspace.db.work import Work
from workspace.trust.journal import REVOKED


def end_every_session(work: Work) -> int:
    """Sign everybody out: a session that had ended after the backup must not hold again."""
    require_host(work)
    ended = work.session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=work.now))
    return int(ended.rowcount)  # type: ignore[attr-defined]


def suspend_app_passwords(work: Work) -> int:
    """End every app password until an administrator has looked: some may have been revoked meanwhile."""
    require_host(work)
    open_ones = update(AppPassword).where(AppPassword.revoked_at.is_(None))
    ended = work.session.execute(open_ones.values(revoked_at=work.now, suspended_at=work.now))
    return int(ended.rowcount)  # type: ignore[attr-defined]


def suspended_app_passwords(work: Work) -> int:
    """How many wait for an administrator."""
    require_administrator(work)
    waiting = select(func.count()).select_from(AppPassword).where(AppPassword.suspended_at.is_not(None))
    return work.session.scalar(waiting) or 0


def release_app_passwords(work: Work) -> None:
    """Let them open doors again; those that the journal knows as revoked stay so."""
    require_administrator(work)
    suspended = update(AppPassword).where(AppPassword.suspended_at.is_not(None))
    for entry in work.ports.journal.entries():
        if entry["kind"] == REVOKED and "app_password" in entry["values"]:
            known = AppPassword.id == entry["values"]["app_password"]
            work.session.execute(suspended.where(known).values(suspended_at=None))
    work.session.execute(suspended.values(revoked_at=None, suspended_at=None))


def end_suspended_app_passwords(work: Work) -> None:
    """Leave them ended for good; their owners make new ones."""
    require_administrator(work)
    suspended = AppPassword.suspended_at.is_not(None)
    for app_password_id in work.session.scalars(select(AppPassword.id).where(suspended)):
        work.ports.journal.write(REVOKED, {"app_password": app_password_id, "at": work.now.isoformat()})
    work.session.execute(update(AppPassword).where(suspended).values(suspended_at=None))
