"""The access ledger: who opened what, its proof in the log, and all of it as a table."""

from collections.abc import Iterator

from flask import Response

from workspace.api.operations import Operations
from workspace.api.paging import next_link
from workspace.api.shapes import ledger as shapes
from workspace.cases.queries import case_titles
from workspace.exchange import queries
from workspace.exchange.ledger_table import ledger_table
from workspace.exchange.queries import LedgerFilter, LedgerLine
from workspace.http.request import current_work
from workspace.http.streaming import disposition
from workspace.kernel.errors import Forbidden

operations = Operations("ledger")


@operations(
    "GET",
    "/items/{item_id}/ledger",
    "Who opened it, newest first",
    query=shapes.LedgerQuery,
    response=shapes.Ledger,
    errors=(Forbidden,),
)
def show_item_ledger(item_id: str, query: shapes.LedgerQuery) -> shapes.Ledger:
    """For the owner alone; the owner's own reads are not in it."""
    return _ledger(query, item_id)


@operations(
    "GET", "/ledger", "Who opened anything of mine, newest first", query=shapes.LedgerQuery, response=shapes.Ledger
)
def show_ledger(query: shapes.LedgerQuery) -> shapes.Ledger:
    return _ledger(query, None)


@operations("GET", "/ledger.csv", "All of that as a table", query=shapes.LedgerSelection, gives_bytes="text/csv")
def export_ledger(query: shapes.LedgerSelection) -> Response:
    """UTF-8 with a byte order mark, as spreadsheets expect; every line with its number in the log."""
    work = current_work()
    lines = list(_all_lines(_filter(query)))
    titles = case_titles(work, [one.thing_id for one in lines if one.thing_kind == "case"])
    heads = ("when", "who", "body", "what", "door", "times", "purpose", "leaf")
    answer = Response(ledger_table(heads, lines, titles), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = disposition("opened.csv")
    return answer


@operations("GET", "/ledger/own", "How often the person opened own files, by day and door", response=shapes.OwnReads)
def show_own_reads() -> shapes.OwnReads:
    """One's own looks are counted, never listed."""
    found = queries.own_reads(current_work())
    return shapes.OwnReads(items=[shapes.OwnDay(day=one.day, door=one.door, times=one.times) for one in found])


@operations("GET", "/ledger/{fact_id}/proof", "A line that proves itself", response=shapes.EntryProof)
def show_proof(fact_id: str) -> shapes.EntryProof:
    """The whole fact, its salt, and the audit path (RFC 9162 section 2.1.3) from its leaf to the newest signed head, as
    the program that `/log` hands out checks it. 404 while it is being sealed."""
    return shapes.EntryProof(**queries.ledger_entry(current_work(), fact_id))


def _ledger(query: shapes.LedgerQuery, item_id: str | None) -> shapes.Ledger:
    page = queries.ledger(current_work(), _filter(query, item_id), query.cursor, query.limit)
    return shapes.Ledger(items=[_line(one) for one in page.lines], next=next_link(page.cursor))


def _filter(query: shapes.LedgerSelection, item_id: str | None = None) -> LedgerFilter:
    return LedgerFilter(query.since, query.body, query.door, query.q, item_id)


def _all_lines(wanted: LedgerFilter) -> Iterator[LedgerLine]:
    cursor: str | None = None
    while True:
        page = queries.ledger(current_work(), wanted, cursor, limit=1000)
        yield from page.lines
        cursor = page.cursor
        if cursor is None:
            return


def _line(one: LedgerLine) -> shapes.LedgerLine:
    return shapes.LedgerLine(
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
