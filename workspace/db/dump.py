"""The rows of every table as lines that mean the same on both databases: out of one snapshot, into empty tables.

Tables are read off the database itself, not off the models, so that a dump of an older revision can still be put back
at that revision. A line is a JSON list; what JSON lacks is written as an object with one key: `b` bytes (base64), `t`
an instant, `d` a day. JSON columns travel as their text, untouched.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    cast,
    func,
    insert,
    select,
    text,
)

VERSION_TABLE = "alembic_version"
BATCH = 1000
_MODULUS = 1 << 256

_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname"""


class NotWhole(Exception):
    """What was put in is not what was taken out, or points to what is not there. Nothing of it may stand."""


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One reading transaction that sees the database as it was at its first statement, however long it lasts."""
    options: dict[str, Any] = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def tables(connection: Connection) -> list[Table]:
    """Every table there is but alembic's own, by name."""
    metadata = MetaData()
    metadata.reflect(connection)
    found = [one for one in metadata.tables.values() if one.name != VERSION_TABLE]
    return sorted(found, key=lambda one: one.name)


def count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def lines(connection: Connection, table: Table, names: list[str] | None = None) -> Iterator[bytes]:
    """Every row as a line, its values in the order of `names` (None: that of `columns`); memory stays flat."""
    found = [table.columns[name] for name in names or columns(table)]
    wanted = select(*(cast(one, Text) if isinstance(one.type, JSON) else one for one in found))
    for row in connection.execute(wanted.execution_options(yield_per=BATCH)):
        yield json.dumps([_plain(one) for one in row], ensure_ascii=False, separators=(",", ":")).encode()


def columns(table: Table) -> list[str]:
    return [one.name for one in table.columns]


def load(connection: Connection, table: Table, names: list[str], rows: Iterable[bytes]) -> int:
    """Put lines into a table; returns how many. What a migration has put there itself makes way. Run it under
    `without_foreign_keys`.

    Raises NotWhole where the table has other columns than the lines.
    """
    if sorted(names) != sorted(columns(table)):
        raise NotWhole(f"The table {table.name} has other columns than the rows that were kept of it.")
    connection.execute(table.delete())
    if connection.dialect.name == "sqlite":
        return _load_sqlite(connection, table, names, rows)
    return _load_postgres(connection, table, names, rows)


class Fingerprint:
    """A number over lines that does not depend on their order, since two databases need not sort alike."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, line: bytes) -> bytes:
        """Count a line in; gives it back."""
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(sha256(line).digest())) % _MODULUS
        return line

    @property
    def value(self) -> str:
        return f"{self.rows}:{self._sum:064x}"


def fingerprint(connection: Connection, table: Table, names: list[str]) -> str:
    """The fingerprint of all rows of a table; equal on both databases where the rows are."""
    found = Fingerprint()
    for line in lines(connection, table, names):
        found.add(line)
    return found.value


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Let rows come in any order: foreign keys are looked at once, at the end. Raises NotWhole, or what the database
    raises, where one leads nowhere."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield
        if wrong := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise NotWhole(f"A row of {wrong[0]} points to a row of {wrong[2]} that is not there.")
        return
    keys = connection.execute(text(_FOREIGN_KEYS)).all()
    for table, name, _definition in keys:
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    yield
    for table, name, definition in keys:
        connection.exec_driver_sql(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _load_sqlite(connection: Connection, table: Table, names: list[str], rows: Iterable[bytes]) -> int:
    for one in table.columns:
        if isinstance(one.type, JSON):
            one.type = Text()
    done, batch = 0, []
    for line in rows:
        values = [one.replace(tzinfo=None) if isinstance(one, datetime) else one for one in _values(line)]
        batch.append(dict(zip(names, values, strict=True)))
        done += 1
        if len(batch) == BATCH:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    return done


def _load_postgres(connection: Connection, table: Table, names: list[str], rows: Iterable[bytes]) -> int:
    quote = connection.dialect.identifier_preparer.quote
    driver: Any = connection.connection.driver_connection
    done = 0
    with driver.cursor() as cursor:
        into = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN"
        with cursor.copy(into) as copy:
            for line in rows:
                copy.write_row(_values(line))
                done += 1
    for one in table.columns:
        # a column that counts by itself goes on after what has come in
        asked = {"t": quote(table.name), "c": one.name}
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:t, :c)"), asked)
        if sequence is not None and (highest := connection.scalar(select(func.max(one)))) is not None:
            connection.execute(text("SELECT setval(:s, :v)"), {"s": sequence, "v": highest})
    return done


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return {"t": value.isoformat(timespec="microseconds")}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return value


def _values(line: bytes) -> list[Any]:
    return [_value(one) if isinstance(one, dict) else one for one in json.loads(line)]


def _value(marked: dict[str, str]) -> Any:
    ((mark, written),) = marked.items()
    match mark:
        case "b":
            return base64.b64decode(written)
        case "t":
            return datetime.fromisoformat(written)
        case "d":
            return date.fromisoformat(written)
    raise NotWhole(f"A kept row holds a value of a kind {mark!r} that nobody knows.")
