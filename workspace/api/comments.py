"""Comments on items, and who opened them."""

from workspace.api.operations import Answer, Operations
from workspace.api.paging import next_link
from workspace.api.shapes.sharing import Comment, CommentNew, Comments, Ledger, LedgerLine, LedgerQuery
from workspace.exchange import queries, service
from workspace.exchange.queries import CommentView, LedgerFilter
from workspace.http.request import current_work
from workspace.kernel.errors import Forbidden

operations = Operations("comments and ledger")


@operations("GET", "/items/{item_id}/comments", "Comments, oldest first", response=Comments, conditional=True)
def list_comments(item_id: str) -> Comments:
    return Comments(items=[_comment(one) for one in queries.comments(current_work(), item_id)])


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


@operations(
    "GET",
    "/items/{item_id}/ledger",
    "Who opened it, newest first",
    query=LedgerQuery,
    response=Ledger,
    errors=(Forbidden,),
)
def show_item_ledger(item_id: str, query: LedgerQuery) -> Ledger:
    """For the owner alone; the owner's own reads are not in it."""
    return _ledger(query, item_id)


@operations("GET", "/ledger", "Who opened anything of mine, newest first", query=LedgerQuery, response=Ledger)
def show_ledger(query: LedgerQuery) -> Ledger:
    return _ledger(query, None)


def _ledger(query: LedgerQuery, item_id: str | None) -> Ledger:
    wanted = LedgerFilter(since=query.since, item_id=item_id)
    page = queries.ledger(current_work(), wanted, query.cursor, query.limit)
    return Ledger(items=[_line(one) for one in page.lines], next=next_link(page.cursor))


def _line(one: queries.LedgerLine) -> LedgerLine:
    return LedgerLine(
        id=one.fact_id,
        at=one.at,
        last_at=one.last_at,
        times=one.times,
        kind=one.kind.value,
        door=one.door,
        person=one.person,
        body=one.body,
        link=one.link,
        item=one.thing_id if one.thing_kind == "item" else None,
        name=one.name,
        purpose=one.purpose,
        leaf=one.leaf,
    )


def _comment(one: CommentView) -> Comment:
    return Comment(id=one.id, author=one.author, body=one.body, text=one.text, made_at=one.made_at, mine=one.mine)
