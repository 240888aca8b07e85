"""Comments on items."""

from workspace.api.operations import Answer, Operations
from workspace.api.paging import paged
from workspace.api.shapes.sharing import Comment, CommentNew, Comments
from workspace.api.values import PageQuery
from workspace.exchange import queries, service
from workspace.exchange.queries import CommentView
from workspace.http.request import current_work
from workspace.kernel.errors import Forbidden

operations = Operations("comments")


@operations(
    "GET",
    "/items/{item_id}/comments",
    "Comments, oldest first",
    query=PageQuery,
    response=Comments,
    conditional=True,
)
def list_comments(item_id: str, query: PageQuery) -> Comments:
    found, following = paged(queries.comments(current_work(), item_id), query, lambda one: one.id)
    return Comments(items=[_comment(one) for one in found], next=following)


@operations(
    "POST",
    "/items/{item_id}/comments",
    "Say something",
    request=CommentNew,
    response=Comment,
    status=201,
    errors=(Forbidden,),
)
def add_comment(item_id: str, body: CommentNew) -> Comment:
    work = current_work()
    made = service.comment(work, item_id, body.text)
    work.session.flush()
    return next(_comment(one) for one in queries.comments(work, item_id) if one.id == made.id)


@operations("DELETE", "/comments/{comment_id}", "Take a comment back", status=204, errors=(Forbidden,))
def withdraw_comment(comment_id: str) -> Answer:
    """One's own, or any on an item of one's own. The line stays, the words go."""
    service.withdraw_comment(current_work(), comment_id)
    return Answer()


def _comment(one: CommentView) -> Comment:
    return Comment(id=one.id, author=one.author, body=one.body, text=one.text, made_at=one.made_at, mine=one.mine)
