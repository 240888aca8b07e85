"""The keyring's two engines: a SQLite file of its own, or a PostgreSQL database of its own."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import ArgumentError, TimeoutError

from workspace.kernel.durable import make_folder, sync_folder
from workspace.kernel.errors import StorageFull, StorageUnavailable
from workspace.storage.key_table import SCHEMA, KeyTable, Run
from workspace.storage.master import MasterKeys


def open_keyring(url: str, masters: MasterKeys) -> KeyTable:
    """The Keyring behind `sqlite:///path` or `postgresql+psycopg://…`.

    Raises ValueError: one sentence naming WORKSPACE_KEYRING_URL, without a password.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        address = URL.create("none")
    if address.get_backend_name() == "sqlite" and address.database and address.database != ":memory:":
        return SqliteKeyring(Path(address.database), masters)
    if address.get_backend_name() == "postgresql":
        return PostgresKeyring(address.set(drivername="postgresql+psycopg"), masters)
    raise ValueError(
        "WORKSPACE_KEYRING_URL takes sqlite:///path/to/keyring.db or postgresql+psycopg://user:password@host/name."
    )


class SqliteKeyring(KeyTable):
    """One file (mode 600). Each thread of each process has a connection of its own.

    `secure_delete` overwrites a shredded key with zeros. The journal mode is TRUNCATE: a write-ahead log would keep
    the wrapped key in an older frame for as long as nobody checkpoints, PERSIST would keep it in the journal. Unlike
    DELETE, TRUNCATE with `synchronous=FULL` fsyncs the end of the journal, so that a power cut right after `destroy`
    cannot roll it back.
    """

    def __init__(self, path: Path, masters: MasterKeys) -> None:
        super().__init__(masters)
        self._path = path
        self._local = threading.local()
        try:
            make_folder(path.parent)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            os.chmod(path, 0o600)  # its journal gets the same mode from SQLite
            sync_folder(path.parent)
        except OSError as error:
            raise StorageUnavailable(f"The keyring {path} cannot be opened: {error.strerror}.") from error
        with self._writing() as run:
            for statement in SCHEMA:
                run(statement.format(bytes="BLOB"))

    def close(self) -> None:
        """Close this thread's connection; the next question opens another."""
        held, self._local.held = getattr(self._local, "held", None), None
        if held is not None and held[0] == os.getpid():
            held[1].close()

    def _read(self, statement: str, *values: Any) -> list[Any]:
        try:
            return self._connection().execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise _sqlite_refusal(error) from error

    @contextmanager
    def _writing(self) -> Iterator[Run]:
        connection = self._connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield lambda statement, *values: connection.execute(statement, values).fetchall()
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise _sqlite_refusal(error) from error

    def _connection(self) -> sqlite3.Connection:
        held = getattr(self._local, "held", None)
        if held is None or held[0] != os.getpid():  # a connection must not be carried over a fork
            held = self._local.held = (os.getpid(), self._connect())
        connection: sqlite3.Connection = held[1]
        return connection

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(self._path, timeout=30.0, isolation_level=None)
            for pragma in ("secure_delete=ON", "journal_mode=TRUNCATE", "synchronous=FULL", "temp_store=MEMORY"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except sqlite3.Error as error:
            raise _sqlite_refusal(error) from error
        return connection


class PostgresKeyring(KeyTable):
    """A database of its own. PostgreSQL keeps dead rows until VACUUM and log segments until they are recycled: what
    remains of a shredded key there is of no use once the master key has been rotated and the old one dropped."""

    def __init__(self, address: URL, masters: MasterKeys) -> None:
        super().__init__(masters)
        self._process = os.getpid()
        self._engine = create_engine(
            address,
            isolation_level="AUTOCOMMIT",  # a look-up is one round trip
            pool_size=4,
            max_overflow=12,
            pool_timeout=20,
            connect_args={"connect_timeout": 3, "options": "-c statement_timeout=20000 -c synchronous_commit=on"},
        )
        with self._writing() as run:
            for statement in SCHEMA:
                run(statement.format(bytes="BYTEA"))

    def close(self) -> None:
        """Give the pooled connections back."""
        self._engine.dispose()

    def _read(self, statement: str, *values: Any) -> list[Any]:
        try:
            with self._connection() as connection:
                return _rows(connection, statement, values)
        except psycopg.OperationalError:
            self._engine.dispose()  # most likely the server was restarted under pooled connections: ask once more
        except (psycopg.Error, TimeoutError) as error:
            raise StorageUnavailable(reason=type(error).__name__) from error
        try:
            with self._connection() as connection:
                return _rows(connection, statement, values)
        except (psycopg.Error, TimeoutError) as error:
            raise StorageUnavailable(reason=type(error).__name__) from error

    @contextmanager
    def _writing(self) -> Iterator[Run]:
        try:
            with self._connection() as connection, connection.transaction():
                _rows(connection, "SELECT pg_advisory_xact_lock(?)", (_WRITERS,))
                yield lambda statement, *values: _rows(connection, statement, values)
        except psycopg.errors.DiskFull as error:
            raise StorageFull from error
        except (psycopg.Error, TimeoutError) as error:
            raise StorageUnavailable(reason=type(error).__name__) from error

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        if self._process != os.getpid():  # connections must not be carried over a fork: leave them to the parent
            self._engine.dispose(close=False)
            self._process = os.getpid()
        pooled = self._engine.raw_connection()
        try:
            connection: Any = pooled.driver_connection
            yield connection
        except psycopg.OperationalError:
            pooled.invalidate()
            raise
        finally:
            pooled.close()


_WRITERS = int.from_bytes(b"keyr", "big")  # names the advisory lock under which keyring writers take turns


def _rows(connection: psycopg.Connection[Any], statement: str, values: tuple[Any, ...]) -> list[Any]:
    cursor = connection.execute(statement.replace("?", "%s"), values)
    return cursor.fetchall() if cursor.description else []


def _sqlite_refusal(error: sqlite3.Error) -> StorageFull | StorageUnavailable:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return StorageFull()
    return StorageUnavailable(reason=getattr(error, "sqlite_errorname", type(error).__name__))
