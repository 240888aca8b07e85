"""Bringing a database to the tables that this program knows, and refusing to work on any others."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from workspace.db.database import Database
from workspace.settings import SettingsError

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
_ADVISORY_LOCK = 0x63775F6D6967  # "cw_mig"


def newest() -> str:
    """The revision that this program was written for."""
    return _revisions()[0]


def present(database: Database) -> str | None:
    """The revision of the database; None where it holds no tables of ours."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_newest(database: Database) -> None:
    """Raises SettingsError where the database is older or newer than this program."""
    if _known(present(database)) == newest():
        return
    raise SettingsError("The database is not prepared for this version; `workspace init` does it.")


def upgrade(database: Database, revision: str = "head") -> bool:
    """Bring the database up, in one transaction; True where something was done. Several nodes may try at once.

    Raises SettingsError where the database is newer than this program.
    """
    if _known(present(database)) == newest() and revision == "head":
        return False
    _run(database, lambda config: command.upgrade(config, revision))
    return True


def downgrade(database: Database, revision: str) -> None:
    """Take migrations back down to a revision (`base`: all of them). Data of what goes is lost."""
    _run(database, lambda config: command.downgrade(config, revision))


def begin_anew(connection: Connection, revision: str = "head") -> None:
    """Take away every table of ours and make those of a revision, empty, in the caller's transaction."""
    config = config_over(connection)
    command.downgrade(config, "base")
    command.upgrade(config, revision)


def go_on(connection: Connection) -> None:
    """Bring tables up to the newest revision, in the caller's transaction."""
    command.upgrade(config_over(connection), "head")


def config_over(connection: Connection) -> Config:
    """What alembic needs to know, with the connection that it is to use."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@cache
def _revisions() -> tuple[str, ...]:
    """All revisions, the newest first. Read once, since alembic takes 13 MiB to read them: before any fork, at best."""
    return tuple(one.revision for one in ScriptDirectory(str(FOLDER)).walk_revisions())


def _known(revision: str | None) -> str | None:
    """The revision itself. Raises SettingsError where this program has never heard of it."""
    if revision is not None and revision not in _revisions():
        raise SettingsError("The database was made by a newer version of this program; start that one.")
    return revision


def _run(database: Database, act: Callable[[Config], None]) -> None:
    if database.write_lock is not None:
        database.write_lock.acquire()
    try:
        with database.writing() as session:
            connection = session.connection()
            if not database.sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            act(config_over(connection))
            session.commit()
    finally:
        if database.write_lock is not None:
            database.write_lock.release()
