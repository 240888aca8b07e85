"""The access ledger: who opened what, its proof in the log, and all of it as a table."""

from collections.abc import Iterator

from flask import Response

from workspace.api.operations import Operations
from workspace.api.paging import next_link
from workspace.api.shapes import ledger as shapes
from workspace.cases.queries import case_titles
from workspace.cloud.own import own_spaces
from workspace.cloud.service import rights_to_open
from workspace.db.runtime import Runtime
from workspace.exchange import queries
from workspace.exchange.ledger_table import table_head, table_rows
from workspace.exchange.proven_ledger import proven_ledger
from workspace.exchange.queries import LedgerFilter, LedgerLine
from workspace.http.request import carries_bytes, current_actor, current_work, runtime, writes
from workspace.http.streaming import send_stream
from workspace.kernel.actors import Actor
from workspace.kernel.errors import Forbidden

operations = Operations("ledger")
HEADS = ("when", "who", "body", "what", "door", "times", "purpose", "leaf")


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
@writes  # an account that only programs have used so far has no cloud yet
def show_ledger(query: shapes.LedgerQuery) -> shapes.Ledger:
    own_spaces(current_work())
    return _ledger(query, None)


@operations("GET", "/ledger.csv", "All of that as a table", query=shapes.LedgerSelection, gives_bytes="text/csv")
@carries_bytes
def export_ledger(query: shapes.LedgerSelection) -> Response:
    """UTF-8 with a byte order mark, as spreadsheets expect; every line with its number in the log. Streamed."""
    return _sent(_table(runtime(), current_actor(), _filter(query)), "opened.csv", "text/csv; charset=utf-8")


@operations(
    "GET",
    "/ledger/proofs",
    "All of that, each line with its proof",
    query=shapes.LedgerSelection,
    gives_bytes="application/json",
)
@carries_bytes
def export_proofs(query: shapes.LedgerSelection) -> Response:
    """One document that the program which `/log` hands out checks: every line as `/ledger/{fact_id}/proof` has it, all
    leading to one signed head. Lines that are being sealed are left out. Streamed."""
    return _sent(proven_ledger(runtime(), current_actor(), _filter(query)), "opened.json", "application/json")


@operations("GET", "/ledger/own", "How often the person opened own files, by day and door", response=shapes.OwnReads)
@writes  # an account that only programs have used so far has no cloud yet
def show_own_reads() -> shapes.OwnReads:
    """One's own looks are counted, never listed."""
    own_spaces(current_work())
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


def _table(instance: Runtime, actor: Actor, wanted: LedgerFilter) -> Iterator[bytes]:
    """The table a thousand lines at a time, each from a Work of its own: memory stays flat, nothing is held open."""
    yield table_head(HEADS).encode()
    cursor: str | None = None
    while True:
        with instance.reading(actor) as work:
            page = queries.ledger(work, wanted, cursor, limit=1000)
            titles = case_titles(work, [one.thing_id for one in page.lines if one.thing_kind == "case"])
        yield table_rows(page.lines, titles).encode()
        cursor = page.cursor
        if cursor is None:
            return


def _sent(pieces: Iterator[bytes], name: str, media_type: str) -> Response:
    """All of it as a file, for as long as the person may read their own cloud."""
    with runtime().writing(current_actor()) as work:
        root_id = next(one.root_id for one in own_spaces(work) if one.kind == "personal")
        work.commit()
    return send_stream(pieces, again=lambda work: rights_to_open(work, root_id), name=name, media_type=media_type)


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
