"""What has to be done now and then so that the instance stays small and quick."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select

from workspace.accounts.guesses import forget_old
from workspace.accounts.models import Invitation, ProgramLogin, SignIn
from workspace.cloud.etags import fold_changes
from workspace.cloud.held import end_unheld
from workspace.cloud.models import QuotaCharge
from workspace.cloud.quota import fold
from workspace.cloud.trash import empty_old_trash
from workspace.cloud.uploads import end_old_uploads
from workspace.db import kept_answers
from workspace.db.folder_changes import FolderChange
from workspace.db.runtime import Runtime
from workspace.jobs.handler import Progress
from workspace.jobs.queue import forget_done
from workspace.kernel.actors import WORKER

# how long an ended session or invitation can still be looked up by somebody who asks what happened
REMEMBERED = timedelta(days=90)


def empty_trash(runtime: Runtime, _payload: dict[str, Any], progress: Progress) -> None:
    """Delete what has lain in any trash for `settings.trash_days`, a little at a time, so that nobody waits long."""
    gone = 0
    while True:
        with runtime.writing(WORKER) as work:
            count = empty_old_trash(work)
            work.commit()
        if not count:
            return
        gone += count
        progress({"items": gone})


def expire_uploads(runtime: Runtime, _payload: dict[str, Any], _progress: Progress) -> None:
    """End uploads that nobody has gone on with for a week; their room is given back, their parts are deleted."""
    while True:
        with runtime.writing(WORKER) as work:
            count = end_old_uploads(work)
            work.commit()
        if not count:
            return


def end_held(runtime: Runtime, _payload: dict[str, Any], _progress: Progress) -> None:
    """End what people hold open under a right that has ended."""
    with runtime.writing(WORKER) as work:
        end_unheld(work)
        work.commit()


def fold_quota(runtime: Runtime, _payload: dict[str, Any], _progress: Progress) -> None:
    """Draw charges of room together, a transaction for each space."""
    with runtime.reading(WORKER) as work:
        spaces = list(work.session.scalars(select(QuotaCharge.space_id).distinct()))
    for space_id in spaces:
        with runtime.writing(WORKER) as work:
            fold(work, space_id)
            work.commit()


def fold_folder_changes(runtime: Runtime, _payload: dict[str, Any], _progress: Progress) -> None:
    """Give folders their new ETags where nobody asks for them, so that rows of changes do not pile up."""
    with runtime.reading(WORKER) as work:
        spaces = list(work.session.scalars(select(FolderChange.space_id).distinct()))
    for space_id in spaces:
        with runtime.writing(WORKER) as work:
            fold_changes(work, space_id)
            work.commit()


def prune_sessions(runtime: Runtime, _payload: dict[str, Any], _progress: Progress) -> None:
    """Forget sessions that cannot hold any more, counters of guesses, and invitations long over."""
    with runtime.writing(WORKER) as work:
        settings = work.settings
        horizon = work.now - REMEMBERED
        dead = or_(
            SignIn.ended_at < horizon,
            SignIn.made_at < horizon - timedelta(seconds=settings.session_life),
            SignIn.last_seen_at < horizon - timedelta(seconds=settings.session_idle),
        )
        work.session.execute(delete(SignIn).where(dead))
        work.session.execute(delete(Invitation).where(Invitation.ends_at < horizon))
        work.session.execute(delete(ProgramLogin).where(ProgramLogin.ends_at < work.now))
        forget_old(work)
        work.commit()


def forget_answers(runtime: Runtime, _payload: dict[str, Any], _progress: Progress) -> None:
    """Forget answers that were kept for a day, in case a program asked again."""
    with runtime.writing(WORKER) as work:
        kept_answers.forget_old(work)
        work.commit()


def prune_jobs(runtime: Runtime, _payload: dict[str, Any], progress: Progress) -> None:
    """Forget jobs that were done a week ago."""
    gone = 0
    while count := forget_done(runtime):
        gone += count
        progress({"jobs": gone})
