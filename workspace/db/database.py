"""The engine for both databases: SQLite (WAL, synchronous FULL) and PostgreSQL."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.url import make_url
from sqlalchemy.orm import Session

from workspace.db.write_lock import WriteLock

WRITES = "workspace_writes"
# Disks of today read a random page nearly as quickly as the next one; told so, the planner takes the index instead of a
# whole table whose size it will outgrow. Compiling a query takes longer than any of ours runs.
PLANNER = "-c random_page_cost=1.1 -c jit=off"


class Database:
    """Opens sessions that read or sessions that write.

    On SQLite a reading transaction is never upgraded to a writing one (that fails with "database is locked" as soon as
    somebody else has written): who will write says so at the start, waits for the one turn and begins IMMEDIATE.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.write_lock: WriteLock | None = None
        if self.sqlite:
            path = Path(self.url.database or "")
            self.write_lock = WriteLock(path.with_name(path.name + ".lock"))
            self.engine = create_engine(self.url, pool_size=20, max_overflow=20, connect_args={"timeout": 30})
            event.listen(self.engine, "connect", prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = create_engine(
                self.url, pool_size=10, max_overflow=20, pool_pre_ping=True, connect_args={"options": PLANNER}
            )
        self._writer = self.engine.execution_options(**{WRITES: True})

    def reading(self) -> Session:
        return Session(self.engine, expire_on_commit=False, autoflush=False)

    def writing(self) -> Session:
        """A session that may write. On SQLite the caller holds `write_lock` for as long as its transaction lives."""
        return Session(self._writer, expire_on_commit=False)

    def checkpoint(self) -> None:
        """SQLite: bring what is committed from the log into the file, as far as nobody is in the way (PASSIVE)."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")  # a checkpoint takes no part in a transaction
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def dispose(self) -> None:
        self.engine.dispose()


def prepare_sqlite(connection: Any, _record: Any = None) -> None:
    """Set up a connection of the driver as all of ours are."""
    # transactions begin where SQLAlchemy says so, not where the driver guesses
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "wal_autocheckpoint=8000",
        "temp_store=MEMORY",
        "cache_size=-6000",  # KiB, as far as they are used: the rows of a folder of ten thousand
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"
