"""The access ledger as CSV (RFC 4180) that no spreadsheet takes for a program. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from workspace.exchange.queries import LedgerLine


def ledger_table(heads: Sequence[str], lines: Iterable[LedgerLine], titles: Mapping[str, str]) -> str:
    """A table of when, who, body, what, door, times, purpose and number in the log, under these `heads`.

    `titles`: names of cases by id. Begins with a byte order mark, by which spreadsheets know UTF-8.
    """
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(heads)
    for line in lines:
        name = titles.get(line.thing_id, line.name or "")
        who = line.person or line.link or ""
        row = (line.at.isoformat(), who, line.body or "", name, line.door, line.times, line.purpose, line.leaf)
        table.writerow([_plain_cell(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def _plain_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
