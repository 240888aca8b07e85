"""CSV as people's spreadsheets write it: UTF-8 with or without a byte order mark, comma or semicolon (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SIZE_LIMIT = 5 << 20
ROW_LIMIT = 20_000
# a spreadsheet would run a cell that begins so as a formula (OWASP, CSV injection)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one cell: its line in the file, its column, why (`code`), the value, what would be right."""

    line: int
    column: str
    code: str
    value: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One record and the line on which it begins."""

    line: int
    cells: dict[str, str]


def read_table(data: bytes | str, columns: Sequence[str], required: Sequence[str]) -> tuple[list[Row], list[RowError]]:
    """The records of a file by column name. Unknown columns, missing ones and ragged rows are errors, never guesses."""
    text, errors = _decoded(data)
    if errors:
        return [], errors
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    rows: list[Row] = []
    names: list[str] = []
    begins = 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [cell.strip().lower() for cell in cells]
                errors += _head_errors(line, names, columns, required)
            elif len(cells) != len(names):
                errors.append(RowError(line, "", "cells", str(len(cells)), str(len(names))))
            elif len(rows) == ROW_LIMIT:
                return [], [RowError(line, "", "too_many_rows", expected=str(ROW_LIMIT))]
            else:
                rows.append(Row(line, {name: _plain(cell) for name, cell in zip(names, cells, strict=True)}))
    except csv.Error:
        errors.append(RowError(begins, "", "quotes"))
    if not names:
        errors.append(RowError(1, "", "empty", expected=",".join(columns)))
    return rows, errors


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The same kind of file, with a byte order mark so that spreadsheets see it is UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _decoded(data: bytes | str) -> tuple[str, list[RowError]]:
    if len(data) > SIZE_LIMIT:
        return "", [RowError(1, "", "too_large", expected=str(SIZE_LIMIT))]
    if isinstance(data, str):
        return data.removeprefix("\ufeff"), []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "", [RowError(data[: error.start].count(b"\n") + 1, "", "not_utf8", expected="UTF-8")]
    if "\0" in text:
        return "", [RowError(text[: text.index("\0")].count("\n") + 1, "", "not_utf8", expected="UTF-8")]
    return text, []


def _head_errors(line: int, names: list[str], columns: Sequence[str], required: Sequence[str]) -> list[RowError]:
    known = ", ".join(columns)
    errors = [RowError(line, name, "unknown_column", name, known) for name in names if name not in columns]
    errors += [RowError(line, name, "missing_column", expected=name) for name in required if name not in names]
    twice = {name for name in names if names.count(name) > 1}
    return errors + [RowError(line, name, "column_twice", name) for name in sorted(twice)]


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
