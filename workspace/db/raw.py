"""The driver without SQLAlchemy, for the half dozen statements whose time counts: one statement, one transaction.

SQLAlchemy's Core takes several times what SQLite needs for such a statement. Each thread keeps a connection of its own,
since even a pool would cost as much as the question.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from workspace.db.database import Database, prepare_sqlite
from workspace.db.prepared import PreparedConnection

DRIVER_ERRORS = (sqlite3.Error, psycopg.Error)
"""What `Raw` raises beside its rows: whoever asked falls back to SQLAlchemy, which says what is wrong."""


class Raw:
    """Statements in either dialect. Values are those of the driver: times as `database_time` gives them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sqlite = database.sqlite
        self._local = threading.local()

    def ask(self, statement: str, *values: Any) -> list[Any]:
        """The rows of one statement (`?` for each value), which stands at once. Raises DRIVER_ERRORS."""
        connection = self.connection()
        if self.sqlite:
            rows: list[Any] = connection.execute(statement, values).fetchall()
            return rows
        try:
            return connection.ask(statement, values)  # type: ignore[no-any-return]
        except (psycopg.IntegrityError, psycopg.DataError):
            raise  # a refusal, not a failure
        except psycopg.Error:
            self._local.held = None  # the server has gone, or knows a table by another shape: begin with a new one
            raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """SQLite: this thread's turn to write, and one transaction over all that it asks within, taken back by any
        exception. Raises DRIVER_ERRORS."""
        connection, lock = self.connection(), self.database.write_lock
        assert lock is not None
        lock.acquire()
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        finally:
            lock.release()

    def connection(self) -> Any:
        """This thread's connection, in autocommit: the driver's, or a PreparedConnection. Raises DRIVER_ERRORS."""
        held = getattr(self._local, "held", None)
        if held is None or held[0] != os.getpid():  # a connection must not be carried over a fork
            held = self._local.held = (os.getpid(), self._connect())
        return held[1]

    def _connect(self) -> Any:
        url = self.database.url
        if not self.sqlite:
            address = url.set(drivername="postgresql").render_as_string(hide_password=False)
            return PreparedConnection(address)
        connection = sqlite3.connect(url.database or "", timeout=30.0, check_same_thread=False)
        prepare_sqlite(connection)
        return connection
