"""The access ledger as CSV (RFC 4180) that no spreadsheet takes for a program. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from workspace.exchange.queries import LedgerLine


def table_head(heads: Sequence[str]) -> str:
    """The first row: when, who, body, what, door, times, purpose and number in the log, in any language.

    Before it a byte order mark, by which spreadsheets know UTF-8.
    """
    return "\ufeff" + _rows([heads])


def table_rows(lines: Iterable[LedgerLine], titles: Mapping[str, str]) -> str:
    """The rows of these lines. `titles`: names of cases by id."""
    return _rows(
        (
            line.at.isoformat(),
            line.person or line.link or "",
            line.body or "",
            titles.get(line.thing_id, line.name or ""),
            line.door,
            line.times,
            line.purpose,
            line.leaf,
        )
        for line in lines
    )


def _rows(rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([_plain_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _plain_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
