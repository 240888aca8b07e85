"""The very first start, and the first start of a newer version, killed at any point: the next one goes on by itself."""

from __future__ import annotations

import shutil
from itertools import islice
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from tests.faults.calls import Call, kill_at, let_be, watch
from tests.faults.picture import picture
from tests.faults.places import EmbeddedPlace
from tests.faults.sweep import chosen
from tests.faults.town import fill
from tests.parts.faults import FaultTable, share
from workspace.app import wire
from workspace.cli.checking import CHECKS
from workspace.cli.findings import Course
from workspace.cli.instance import prepare
from workspace.db.database import Database
from workspace.db.migrations import FOLDER, downgrade, newest, present, upgrade
from workspace.settings import Settings

pytestmark = pytest.mark.slow
POINTS = share(6, 80)
MIGRATIONS = 4


def points(calls: list[Call]) -> list[int]:
    return [call.number for call in chosen(calls, POINTS)]


def line_up_to(revision: str) -> list[str]:
    """So many revisions up to this one that some of them are sure to change tables; the newest first."""
    scripts = ScriptDirectory(str(FOLDER)).iterate_revisions(revision, "base")
    return [one.revision for one in islice(scripts, MIGRATIONS + 1)]


def test_killed_while_it_is_prepared_an_instance_is_prepared_by_the_next_start(
    tmp_path: Path, fault_table: FaultTable
) -> None:
    """No secret is half written, no table half made, nobody has to delete anything."""
    whole = watch(lambda: prepare(Settings(instance=tmp_path / "whole")), let_be, str(tmp_path / "whole"))
    assert whole.status == 0
    struck = points(whole.calls)
    for number in struck:
        settings = Settings(instance=tmp_path / str(number))
        assert watch(lambda s=settings: prepare(s), kill_at(number), str(settings.instance)).status == -9
        prepare(settings)
        runtime = wire(settings)
        runtime.ports.objects.ready()
        assert present(runtime.database) == newest()
        assert [one.name for one in settings.secrets.iterdir() if one.name.startswith(".")] == []
        runtime.database.dispose()
    fault_table.row("kill", "first start", points=len(struck))


def test_killed_while_its_tables_are_changed_an_instance_has_them_all_or_as_before(
    tmp_path: Path, fault_table: FaultTable
) -> None:
    """A newer version's migrations on an instance with rows in it."""
    place = EmbeddedPlace(tmp_path)
    town = fill(place)
    before = picture(town.world, town.people)
    town.rest()
    line = line_up_to(newest())
    database = Database(place.stack.database_url)
    downgrade(database, line[-1])
    database.dispose()
    place.keep()

    def migrate() -> None:
        opened = Database(place.stack.database_url)
        upgrade(opened)
        opened.dispose()

    whole = watch(migrate, let_be, str(place.folder))
    assert whole.status == 0
    struck = points(whole.calls)
    for number in struck:
        place.put_back()
        assert watch(migrate, kill_at(number), str(place.folder)).status == -9
        opened = Database(place.stack.database_url)
        assert present(opened) in line
        opened.dispose()
        migrate()
        assert picture(town.world, town.people) == before
        assert [one for check in CHECKS for one in check(Course(town.world.runtime, deep=True))] == []
        town.rest()
    shutil.rmtree(place.folder)
    fault_table.row("kill", "migration", points=len(struck))
