"""Migrations: one line, dated, the same tables as the models say, up and down and up again, with rows in them."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, inspect, text
from sqlalchemy import types as sqltypes

from tests.cases.conftest import _town
from tests.parts.postgres import Databases
from tests.world import Stack, World, create_tables
from workspace.cases.queries import case as view_case
from workspace.db.database import Database
from workspace.db.migrations import FOLDER, downgrade, newest, present, require_newest, upgrade
from workspace.settings import SettingsError

pytestmark = pytest.mark.slow

POSTGRES_COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'"""
POSTGRES_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
POSTGRES_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'"""
POSTGRES_OPTIONS = """
    SELECT relname, reloptions FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND reloptions IS NOT NULL"""
SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('alembic_version')"
SQLITE_INDEXES = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request, tmp_path):
    """Addresses of two empty databases."""
    if request.param == "sqlite":
        yield [f"sqlite:///{tmp_path / name}.db" for name in ("one", "two")]
        return
    databases: Databases = request.getfixturevalue("postgres")
    names = [databases.new_database() for _ in range(2)]
    yield [databases.url(name) for name in names]
    for name in names:
        databases.drop_database(name)


@pytest.fixture
def database(urls):
    opened = Database(urls[0])
    yield opened
    opened.dispose()


def shape(connection: Connection) -> set[tuple[str, ...]]:
    """Everything the database itself says about its tables, as plain text."""
    if connection.dialect.name == "postgresql":
        found = {
            tuple(str(one) for one in row)
            for question in (POSTGRES_COLUMNS, POSTGRES_INDEXES, POSTGRES_CONSTRAINTS, POSTGRES_OPTIONS)
            for row in connection.execute(text(question))
        }
        return {tuple(" ".join(one.split()) for one in row) for row in found}
    found = {(" ".join(sql.split()).replace('"', ""),) for (sql,) in connection.execute(text(SQLITE_INDEXES))}
    for (table,) in connection.execute(text(SQLITE_TABLES)).all():
        columns = connection.execute(text(f'PRAGMA table_info("{table}")'))
        found |= {(table, *(str(one) for one in row[1:])) for row in columns}
        keys = connection.execute(text(f'PRAGMA foreign_key_list("{table}")'))
        found |= {(table, "key", *(str(one) for one in row[2:5])) for row in keys}
        checks = inspect(connection).get_check_constraints(table)
        found |= {(table, str(one["name"]), one["sqltext"]) for one in checks}
        uniques = inspect(connection).get_unique_constraints(table)
        found |= {(table, str(one["name"]), *one["column_names"]) for one in uniques}
    return found


def shape_of(url: str) -> set[tuple[str, ...]]:
    opened = Database(url)
    with opened.engine.connect() as connection:
        found = shape(connection)
    opened.dispose()
    return found


def test_the_migrated_tables_are_those_of_the_models(urls, database):
    upgrade(database)
    create_tables(urls[1])
    migrated, modelled = shape_of(urls[0]), shape_of(urls[1])
    assert migrated - modelled == set(), "only in the migrations"
    assert modelled - migrated == set(), "only in the models"
    assert len(modelled) > 300


def test_there_is_one_line_of_dated_migrations():
    script = ScriptDirectory(str(FOLDER))
    assert len(script.get_heads()) == len(script.get_bases()) == 1
    for one in script.walk_revisions():
        assert re.fullmatch(r"\d{4}_\d\d_\d\d_[a-z0-9_]+", Path(one.path).stem), one.path
        assert not one.is_merge_point


def test_each_migration_goes_up_down_and_up_again_to_the_same_tables(urls, database):
    steps = [one.revision for one in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]
    before = "base"
    for revision in steps:
        upgrade(database, revision)
        once = shape_of(urls[0])
        downgrade(database, before)
        upgrade(database, revision)
        assert shape_of(urls[0]) == once, revision
        before = revision
    downgrade(database, "base")
    assert shape_of(urls[0]) == set()


class Lines(NamedTuple):
    """The rows of a table, and the names of the columns of its key."""

    key: tuple[str, ...]
    rows: list[dict[str, str]]


Rows = dict[str, Lines]
LITERAL = re.compile(r"'([^']*)'")
# migrations that change values by design: {revision: {"table.column", …}}
REWRITTEN: dict[str, set[str]] = {}


def tables_of(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def fill(connection: Connection, numbers: Iterator[int]) -> None:
    """Two rows into every table that is there: one as empty as the table allows, one as full."""
    made: dict[str, list[Any]] = {}
    for table in tables_of(connection):
        checks = [one["sqltext"] for one in inspect(connection).get_check_constraints(table.name)]
        for full in (False, True):
            row = {one.name: value_for(one, full, next(numbers), checks, made) for one in table.columns}
            connection.execute(table.insert().values(row))
            for name, value in row.items():
                made.setdefault(f"{table.name}.{name}", []).append(value)


def value_for(column: Column[Any], full: bool, number: int, checks: list[str], made: dict[str, list[Any]]) -> Any:
    """Something that may stand in a column, and that nothing else in it equals."""
    if column.nullable and not full:
        return None
    for key in column.foreign_keys:
        there = made.get(key.target_fullname, [None])
        return there[full] if len(there) > full else there[0]  # the second row of a table may point to its first
    for check in checks:
        if re.search(rf"\b{column.name}\b", check) and (allowed := LITERAL.findall(check)):
            return allowed[0]
    kind = column.type
    if isinstance(kind, sqltypes.JSON):
        return {"number": number}
    if isinstance(kind, sqltypes.Boolean):
        return False
    if isinstance(kind, sqltypes.Integer):
        return number
    if isinstance(kind, sqltypes.DateTime):
        return datetime(2026, 3, 2, 12, tzinfo=UTC if kind.timezone else None)
    if isinstance(kind, sqltypes.LargeBinary):
        return str(number).encode()
    return str(number)[: getattr(kind, "length", None)]


def contents(database: Database) -> Rows:
    with database.engine.connect() as connection:
        return {
            table.name: Lines(
                tuple(one.name for one in table.primary_key),
                [{name: str(row[name]) for name in row} for row in connection.execute(table.select()).mappings()],
            )
            for table in tables_of(connection)
        }


def same(before: Rows, after: Rows, revision: str) -> None:
    """Every row is there again, with the values it had, as far as its table and columns are there. A row is known by
    its key, which may have become longer or shorter."""
    for table in set(before) & set(after):
        assert len(before[table].rows) == len(after[table].rows), f"{revision}: rows of {table}"
        old, new = _by_common_key(before[table], after[table])
        assert set(old) == set(new), f"{revision}: rows of {table}"
        for key, row in old.items():
            there = new[key]
            for name in set(row) & set(there):
                if f"{table}.{name}" not in REWRITTEN.get(revision, ()):
                    assert there[name] == row[name], f"{revision}: {table}.{name}"


def _by_common_key(before: Lines, after: Lines) -> tuple[dict[tuple[str, ...], dict[str, str]], ...]:
    key = [name for name in before.key if name in after.key]
    return tuple({tuple(row[name] for name in key): row for row in lines.rows} for lines in (before, after))


def test_every_migration_keeps_the_rows_that_are_there_before_it_up_and_down(database):
    """A new migration is covered as it comes: rows for all tables are made before each step."""
    numbers = count(1000)
    before = "base"
    for revision in [one.revision for one in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]:
        if before == "base":
            upgrade(database, revision)
        else:
            rows = contents(database)
            upgrade(database, revision)
            same(rows, contents(database), revision)
            downgrade(database, before)
            same(rows, contents(database), revision)
            assert contents(database).keys() == rows.keys()
            upgrade(database, revision)
            same(rows, contents(database), revision)
        with database.engine.begin() as connection:
            fill(connection, numbers)
        before = revision
    assert all(lines.rows for lines in contents(database).values()), "a table without rows"


def test_a_whole_story_lives_in_migrated_tables_and_they_go_down_with_its_rows(urls, database, tmp_path):
    upgrade(database)
    stack = Stack(
        name="migrated",
        database_url=urls[0],
        objects_url=f"file://{tmp_path / 'objects'}",
        keyring_url=f"sqlite:///{tmp_path / 'keyring' / 'keyring.db'}",
        master_key=tmp_path / "master.key",
    )
    world = World(tmp_path, stack)
    town = _town(world)
    case = town.answered()
    with world.reading(town.olena.actor) as work:
        assert view_case(work, case.id).title == case.title
    world.close()
    downgrade(database, "base")
    upgrade(database)
    assert present(database) == newest()


def test_a_program_refuses_tables_it_does_not_know(database):
    with pytest.raises(SettingsError, match="workspace init"):
        require_newest(database)
    assert upgrade(database)
    assert not upgrade(database), "the second time there is nothing to do"
    require_newest(database)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
        session.commit()
    with pytest.raises(SettingsError, match="newer version"):
        require_newest(database)


def test_two_nodes_that_prepare_at_once_do_it_once(urls):
    databases = [Database(urls[0]) for _ in range(2)]
    threads = [threading.Thread(target=upgrade, args=(one,)) for one in databases]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [present(one) for one in databases] == [newest(), newest()]
    for one in databases:
        one.dispose()
