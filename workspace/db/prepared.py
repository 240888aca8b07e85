"""A connection to PostgreSQL on which every statement is prepared when it is first asked, past psycopg's own cursors.

libpq takes the values and gives the rows back in one call, which lets go of the interpreter once; a cursor does so some
five times and takes twice the time. It knows the few types that the hot statements have, and refuses others.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import pq

from workspace.db.database import PLANNER

TEXT, BINARY = 0, 1
# A statement that is prepared once keeps a plan that was made while tables were small, and a bitmap reads dead rows
# again and again that an index scan would strike out of its index. Our statements know their way: one plan will do,
# where PostgreSQL would try five before it settles.
BY_INDEX = f"{PLANNER} -c enable_seqscan=off -c enable_bitmapscan=off -c plan_cache_mode=force_generic_plan"
PATIENCE = 20_000
"""Milliseconds for a statement, and for a server that has gone without a word (over TCP)."""
_FOUND = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
_FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


def _integer(data: bytes) -> int:
    return int.from_bytes(data, signed=True)


def _instant(data: bytes) -> datetime:
    return _FIRST_INSTANT + timedelta(microseconds=_integer(data))


_LOADERS: dict[int, Callable[[bytes], Any]] = {
    16: lambda data: data == b"\1",
    17: bytes,
    20: _integer,
    21: _integer,
    23: _integer,
    25: bytes.decode,
    1043: bytes.decode,
    1184: _instant,
}
"""From the binary form of a value, by the number that `pg_type` gives its type: boolean, bytea, the three integers,
text, varchar, timestamptz."""


class PreparedConnection:
    """For one thread, in autocommit. `ask` raises psycopg.Error; OperationalError once the server has gone."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(
            address,
            autocommit=True,
            connect_timeout=3,
            tcp_user_timeout=PATIENCE,
            options=f"{BY_INDEX} -c statement_timeout={PATIENCE}",
        )
        self._prepared: dict[str, tuple[bytes, list[Callable[[bytes], Any]]]] = {}

    def ask(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of one statement, `?` for each value: str, int, bool, bytes, datetime or None."""
        name, loaders = self._prepared.get(statement) or self._prepare(statement)
        given: Any = [_given(value) for value in values]
        formats = [BINARY if isinstance(value, bytes) else TEXT for value in values]
        result = self._connection.pgconn.exec_prepared(name, given, formats, BINARY)
        if result.status not in _FOUND:
            raise self._error(result)
        get = result.get_value
        return [
            tuple([
                None if (data := get(row, column)) is None else load(data) for column, load in enumerate(loaders)
            ])
            for row in range(result.ntuples)
        ]  # fmt: skip

    def _prepare(self, statement: str) -> tuple[bytes, list[Callable[[bytes], Any]]]:
        name = b"hot_%d" % len(self._prepared)
        pieces = statement.split("?")
        numbered = "".join(f"{piece}${number}" for number, piece in enumerate(pieces[:-1], 1)) + pieces[-1]
        server = self._connection.pgconn
        for result in (server.prepare(name, numbered.encode()), described := server.describe_prepared(name)):
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise self._error(result)
        types = [described.ftype(column) for column in range(described.nfields)]
        if unknown := set(types) - set(_LOADERS):
            raise psycopg.NotSupportedError(f"no loader for the types {sorted(unknown)}")
        found = self._prepared[statement] = name, [_LOADERS[one] for one in types]
        return found

    def _error(self, result: pq.abc.PGresult) -> psycopg.Error:
        if self._connection.pgconn.status == pq.ConnStatus.BAD:
            return psycopg.OperationalError("the connection is lost")
        return psycopg.errors.error_from_result(result)


def _given(value: Any) -> bytes | None:
    """A value as the server reads it."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"t" if value else b"f"
    return (value.isoformat() if isinstance(value, datetime) else str(value)).encode()
