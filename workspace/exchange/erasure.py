"""What an erased person said about the things of others: the lines stay, the words go."""

from sqlalchemy import update

from workspace.db.work import Work
from workspace.exchange.models import Comment
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action


def withdraw_comments_of(work: Work, person_id: str) -> None:
    """Take back all comments of a person but those they wrote for a body."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    work.session.execute(
        update(Comment)
        .where(Comment.author_id == person_id, Comment.body_id.is_(None), Comment.withdrawn_at.is_(None))
        .values(withdrawn_at=work.now, text_id=None)
        .execution_options(synchronize_session=False)
    )
