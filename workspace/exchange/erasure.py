"""What an erased person said about the things of others: the lines stay, the words go. What they asked for goes."""

from sqlalchemy import delete, select, update

from workspace.db.work import Work
from workspace.exchange.models import Comment, FileRequest, RequestedDocument, SentDocument
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.models import Grant
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


def forget_requests(work: Work, person_id: str, space_ids: list[str]) -> None:
    """Delete the requests for files into erased spaces, and take the person's address from those that others made."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    made = select(FileRequest.id).where(FileRequest.space_id.in_(space_ids))
    lines = select(RequestedDocument.id).where(RequestedDocument.request_id.in_(made))
    asked = select(Grant.thing_id).where(Grant.subject_kind == "person", Grant.subject_id == person_id)
    for statement in (
        delete(SentDocument).where(SentDocument.document_id.in_(lines)),
        delete(RequestedDocument).where(RequestedDocument.request_id.in_(made)),
        delete(FileRequest).where(FileRequest.space_id.in_(space_ids)),
        update(FileRequest).where(FileRequest.id.in_(asked)).values(addressed_to=None),
    ):
        work.session.execute(statement.execution_options(synchronize_session=False))
