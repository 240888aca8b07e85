"""Migrations: one line, dated, the same tables as the models say, up and down and up again, with rows in them."""

import re
import threading
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from tests.cases.conftest import _town
from tests.parts.postgres import Databases
from tests.world import Stack, World, create_tables
from workspace.cases.queries import case as view_case
from workspace.db.database import Database
from workspace.db.migrations import FOLDER, downgrade, newest, present, require_newest, upgrade
from workspace.settings import SettingsError

POSTGRES_COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'"""
POSTGRES_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
POSTGRES_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'"""
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
            for question in (POSTGRES_COLUMNS, POSTGRES_INDEXES, POSTGRES_CONSTRAINTS)
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
