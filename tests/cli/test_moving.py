"""A grown instance moves from SQLite and the filesystem to PostgreSQL and S3: everything is there, and the same."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import select

from tests.cases.conftest import _town
from tests.cli.backup.houses import House, Houses, hashes, houses, is_clean
from tests.jobs.keeping import keep_log
from workspace.cli import moving
from workspace.cli.serving import not_served
from workspace.cloud.models import Part
from workspace.db.database import Database
from workspace.db.dump import columns, fingerprint, snapshot, tables
from workspace.kernel.actors import COMMAND

pytestmark = pytest.mark.slow
__all__ = ["houses"]
HUGE = os.urandom((20 << 20) + 12345)  # one object on the filesystem, more than S3 takes in one put


@pytest.fixture
def old(houses: Houses) -> House:
    """A town with a whole story, files of all sizes, a log."""
    house = houses.new("embedded", "old")
    world = house.begin()
    town = _town(world)
    town.answered()
    world.upload(town.olena.actor, town.olena.root_id, "huge.bin", HUGE)
    for number in range(12):
        world.upload(town.olena.actor, town.olena.root_id, f"file-{number}.bin", os.urandom(20_000 * number))
    keep_log(world)
    return house


def addresses(new: House) -> list[str]:
    stack = new.stack
    named = {"database": stack.database_url, "objects": stack.objects_url, "keyring": stack.keyring_url}
    return [word for name, url in named.items() for word in (f"--to-{name}", url)]


def rows(database_url: str) -> dict[str, str]:
    database = Database(database_url)
    with snapshot(database.engine) as connection:
        found = {table.name: fingerprint(connection, table, sorted(columns(table))) for table in tables(connection)}
    database.dispose()
    return found


def move_in(new: House, old: House) -> None:
    new.take_secrets_of(old)
    new.take_journal_of(old)


def test_everything_moves_is_the_same_and_the_old_place_is_untouched(houses: Houses, old: House) -> None:
    assert old.world is not None
    known, before = hashes(old.world), rows(old.stack.database_url)
    objects = {path: path.stat().st_mtime_ns for path in (old.folder / "objects").rglob("*") if path.is_file()}
    new = houses.new("grown", "new")
    said = old.run("move", *addresses(new)).output
    for name in ("DATABASE", "OBJECTS", "KEYRING"):
        assert f"WORKSPACE_{name}_URL=" in said
    assert rows(new.stack.database_url) == before == rows(old.stack.database_url)
    assert {path: path.stat().st_mtime_ns for path in objects} == objects
    move_in(new, old)
    is_clean(new)
    assert hashes(new.open()) == known
    is_clean(old)
    again = old.run("move", *addresses(new), expect=1).output
    assert "There are data in this instance" in again


def test_a_move_that_was_killed_is_given_again_and_goes_on(houses: Houses, old: House, monkeypatch) -> None:
    class Killed(BaseException):
        pass

    def dies(connection, table, names, lines):
        if table.name == "item":
            raise Killed
        return original(connection, table, names, lines)

    def dies_among_objects(source, target, wanted):
        for number, one in enumerate(copy_all(source, target, wanted)):
            if number == 5:
                raise Killed
            yield one

    new = houses.new("grown", "new")
    original, copy_all = moving.load, moving.copy_all
    for name, death in (("copy_all", dies_among_objects), ("load", dies)):
        with monkeypatch.context() as patched:
            patched.setattr(moving, name, death)
            with pytest.raises(Killed):
                old.run("move", *addresses(new))
    old.run("move", *addresses(new))
    move_in(new, old)
    is_clean(new)


def test_a_move_refuses_an_instance_that_is_served_and_says_which_object_is_missing(houses: Houses, old: House) -> None:
    assert old.world is not None
    new = houses.new("grown", "new")
    with not_served(old.world.settings):
        assert "is being served" in old.run("move", *addresses(new), expect=1).output
    with old.world.reading(COMMAND) as work:
        key = work.session.scalar(select(Part.object_key).limit(1))
    old.world.runtime.ports.objects.delete(key)
    assert key in old.run("move", *addresses(new), expect=1).output
    assert "There is" not in old.run("move", expect=1).output
