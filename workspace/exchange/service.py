"""Verbs of exchange: comment on an item, take a comment back."""

from workspace.cloud.texts import seal_text
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.exchange.models import Comment
from workspace.kernel.errors import Forbidden, NotAcceptable, NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.sharing.authorize import authorize, require_signed_in
from workspace.sharing.rule import Action

TEXT_LIMIT = 5_000


def comment(work: Work, item_id: str, text: str) -> Comment:
    """Say something about a file or folder; everybody who can see it can read it.

    Raises NotAcceptable for an empty text or one of more than 5,000 characters.
    """
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.COMMENT, thing)
    text = text.strip()
    if not text or len(text) > TEXT_LIMIT:
        raise NotAcceptable(field="text", limit=TEXT_LIMIT)
    subject = verdict.grant.subject if verdict.grant else None
    row = Comment(
        id=new_id(),
        item_id=item.id,
        author_id=require_signed_in(work.actor),
        body_id=subject.id if subject is not None and subject.kind == "body" else None,
        text_id=seal_text(work, text, item.space_id),
        made_at=work.now,
        withdrawn_at=None,
    )
    work.session.add(row)
    work.record(
        FactKind.COMMENTED,
        thing,
        space_id=item.space_id,
        grant_id=verdict.grant_id,
        body_id=row.body_id,
        comment=row.id,
    )
    return row


def withdraw_comment(work: Work, comment_id: str) -> Comment:
    """Take one's own comment back; the owner of the item may take back any. The line stays, the words go."""
    row = work.session.get(Comment, comment_id)
    if row is None:
        raise NotFound()
    item, thing = locate_item(work, row.item_id)
    verdict = authorize(work, Action.SEE, thing)
    if row.author_id != work.actor.person_id and not verdict.owner:
        raise Forbidden(action="withdraw_comment")
    if row.withdrawn_at is None:
        row.withdrawn_at, row.text_id = work.now, None
        work.record(FactKind.COMMENT_WITHDRAWN, thing, space_id=item.space_id, comment=row.id)
    return row
