"""How a database goes about the statements of an operation: its plans, and what in them grows with the house."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

# tables that grow with the house; reading one of them from end to end is what must not happen
GROWING = ("item", "version", "blob", "part", "wrapped_key", "fact", "grant_", "access", "log_entry", "space", "person")
MANY = 2000
_SQLITE_SCAN = re.compile(r"^SCAN (\w+)(?! .*USING)")
_POSTGRES_SCAN = re.compile(r"Seq Scan on (\w+)")


@dataclass
class Statements:
    """What was asked while somebody listened: each SELECT once, with the values of its first time."""

    asked: dict[str, Any] = field(default_factory=dict)

    def plans(self, connection: Connection) -> dict[str, list[str]]:
        """The plan of each, a line a step."""
        explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
        found = {}
        for statement, values in self.asked.items():
            rows = connection.exec_driver_sql(explain + statement, values)
            found[statement] = [str(row[-1]) for row in rows]
        return found


@contextmanager
def listening(engine: Engine) -> Iterator[Statements]:
    """Hear every SELECT, also inside of an INSERT or UPDATE, that this engine is asked in the block."""
    heard = Statements()

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if "SELECT" in statement.upper() and not many and not statement.startswith(("EXPLAIN", "PRAGMA", "SAVEPOINT")):
            heard.asked.setdefault(statement, values)

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def large_tables(connection: Connection) -> set[str]:
    """Growing tables that hold much already: a small one is read from end to end because that is quickest."""
    counted = {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar() or 0 for name in GROWING}
    return {name for name, rows in counted.items() if rows > MANY}


def growing(plan: list[str], large: set[str]) -> list[str]:
    """The steps of a plan whose cost grows with the house: a large table read from end to end, a filter over all."""
    found = []
    for step in plan:
        sqlite, postgres = _SQLITE_SCAN.match(step), _POSTGRES_SCAN.search(step)
        scanned = sqlite or postgres
        if (scanned and scanned[1] in large) or "BLOOM FILTER" in step or "AUTOMATIC" in step:
            found.append(step.strip())
    return found
