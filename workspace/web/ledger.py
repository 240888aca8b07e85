"""The page "who opened my files": newest first, with the proof of each line, and as CSV."""

from collections.abc import Iterator
from datetime import timedelta

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask_babel import gettext as _

from workspace.cases.queries import case_titles
from workspace.cloud.own import own_spaces
from workspace.cloud.queries import item_names
from workspace.cloud.service import rights_to_open
from workspace.db.work import Work
from workspace.exchange import queries
from workspace.exchange.ledger_table import table_head, table_rows
from workspace.exchange.proven_ledger import proven_ledger
from workspace.exchange.queries import LedgerFilter, LedgerLine
from workspace.http.request import carries_bytes, current_actor, current_work, runtime
from workspace.http.streaming import send_stream
from workspace.kernel.actors import Door
from workspace.trust.log import head, inclusion_proof

ledger = Blueprint("ledger", __name__)

SPANS = {"30": timedelta(days=30), "365": timedelta(days=365), "all": None}


@ledger.get("/opened")
def index() -> str:
    """Who opened, listed, previewed or downloaded what is mine."""
    work = current_work()
    wanted = _wanted(work)
    page = queries.ledger(work, wanted, request.args.get("cursor"))
    return render_template(
        "ledger/index.html",
        page=page,
        wanted=wanted,
        span=_span(),
        kept={name: value for name, value in request.args.items() if name in ("q", "b", "d", "t", "item")},
        titles=case_titles(work, _case_ids(page.lines)),
        own=queries.own_reads(work),
        doors=door_words(),
        head=head(work),
        item_name=item_names(work, [wanted.item_id]).get(wanted.item_id) if wanted.item_id else None,
    )


@ledger.get("/opened/<fact_id>/proof")
def proof(fact_id: str) -> str:
    """The proof that a line stands in the log, in words and as numbers for whoever checks it elsewhere."""
    work = current_work()
    line = queries.ledger_line(work, fact_id)
    if line is None:
        abort(404)
    present = head(work)
    path = inclusion_proof(work, line.leaf, present.size) if line.leaf is not None and present is not None else None
    return render_template(
        "ledger/proof.html",
        line=line,
        head=present,
        path=path,
        titles=case_titles(work, _case_ids([line])),
        doors=door_words(),
    )


@ledger.get("/opened/<fact_id>/proof.json")
def document(fact_id: str) -> Response:
    """The line with its proof, to be kept and checked elsewhere."""
    answer = jsonify(queries.ledger_entry(current_work(), fact_id))
    answer.headers["Content-Disposition"] = f'attachment; filename="entry-{fact_id}.json"'
    return answer


@ledger.get("/opened.csv")
def export() -> Response:
    """All lines of the filter as CSV, oldest page last; every line with its number in the log."""
    work = current_work()
    wanted = _wanted(work)
    lines = list(_all_lines(wanted))
    titles = case_titles(work, _case_ids(lines))
    heads = [_("When"), _("Who"), _("Body"), _("What"), _("Door"), _("Times"), _("Purpose"), _("Number in the log")]
    answer = Response(table_head(heads) + table_rows(lines, titles), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="opened.csv"'
    return answer


@ledger.get("/opened.json")
@carries_bytes
def proofs() -> Response:
    """All sealed lines of the filter as one document in which each proves itself. Streamed."""
    instance, actor = runtime(), current_actor()
    with instance.writing(actor) as work:
        wanted = _wanted(work)
        root_id = next(one.root_id for one in own_spaces(work) if one.kind == "personal")
        work.commit()
    return send_stream(
        proven_ledger(instance, actor, wanted),
        again=lambda work: rights_to_open(work, root_id),
        name="opened.json",
        media_type="application/json",
    )


def door_words() -> dict[str, str]:
    """The doors in words."""
    return {
        Door.WEB: _("Web"),
        Door.PREVIEW: _("Preview"),
        Door.API: _("Program"),
        Door.DAV: _("WebDAV"),
        Door.COMMAND: _("Command line"),
        Door.WORKER: _("Worker"),
    }


def _all_lines(wanted: LedgerFilter) -> Iterator[LedgerLine]:
    cursor: str | None = None
    while True:
        page = queries.ledger(current_work(), wanted, cursor, limit=1000)
        yield from page.lines
        cursor = page.cursor
        if cursor is None:
            return


def _span() -> str:
    return request.args.get("t", "30") if request.args.get("t", "30") in SPANS else "30"


def _wanted(work: Work) -> LedgerFilter:
    span = SPANS[_span()]
    return LedgerFilter(
        since=work.now - span if span else None,
        body_id=request.args.get("b") or None,
        door=request.args.get("d") or None,
        text=request.args.get("q", "").strip()[:100],
        item_id=request.args.get("item") or None,
    )


def _case_ids(lines: Iterator[LedgerLine] | list[LedgerLine] | tuple[LedgerLine, ...]) -> list[str]:
    return [line.thing_id for line in lines if line.thing_kind == "case"]
