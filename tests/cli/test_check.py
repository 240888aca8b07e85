"""`workspace check` finds every kind of damage, on both stacks, and nothing where nothing is wrong."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from tests.cases.conftest import Town, _town
from tests.jobs.keeping import keep_log
from tests.world import World
from workspace.cases.models import DeliveredFile, Delivery
from workspace.cli.check_store import UNSWEPT
from workspace.cli.checking import CHECKS
from workspace.cli.findings import Course
from workspace.cloud.models import Blob, Item, Part, Space, Version, WrappedKey
from workspace.db.facts import FactRow
from workspace.kernel.actors import WORKER
from workspace.kernel.ids import new_id

pytestmark = pytest.mark.slow

BIG = bytes(range(256)) * 4000


@pytest.fixture
def town(world) -> Town:
    """A town with a whole story, a large file, and a log."""
    return _filled(world)


@pytest.fixture
def small(embedded_world) -> Town:
    """The same on SQLite and the filesystem, for what is a matter of rows."""
    return _filled(embedded_world)


def _filled(world: World) -> Town:
    town = _town(world)
    town.answered()
    world.upload(town.olena.actor, town.olena.root_id, "large.bin", BIG)
    keep_log(world)
    return town


def kinds(world: World, deep: bool = False) -> set[str]:
    course = Course(world.runtime, deep)
    return {finding.kind for check in CHECKS for finding in check(course)}


def change(world: World, statement) -> None:
    with world.writing(WORKER) as work:
        assert work.session.execute(statement.execution_options(synchronize_session=False)).rowcount


def the_part(world: World) -> Part:
    with world.reading(WORKER) as work:
        return work.session.scalar(select(Part).order_by(Part.size.desc()).limit(1))


def put(world: World, key: str, data: bytes) -> None:
    world.runtime.ports.objects.delete(key)
    writer = world.runtime.ports.objects.create(key)
    writer.write(data)
    writer.commit()


def test_a_whole_story_is_clean_and_everything_was_looked_at(town):
    course = Course(town.world.runtime, deep=True)
    assert [finding for check in CHECKS for finding in check(course)] == []
    assert course.counted["bytes"] > len(BIG)
    assert set(course.counted) >= {"blobs", "objects", "parts", "versions", "deliveries", "spaces", "entries"}


def test_a_missing_object_is_found(town):
    town.world.runtime.ports.objects.delete(the_part(town.world).object_key)
    assert kinds(town.world) == {"missing"}


def test_an_object_of_another_length_is_found(town):
    put(town.world, the_part(town.world).object_key, b"short")
    assert kinds(town.world) == {"length"}


def test_one_turned_bit_is_found_by_the_deep_check(town):
    store, part = town.world.runtime.ports.objects, the_part(town.world)
    sealed = bytearray(store.read(part.object_key, 0, store.size(part.object_key)))
    sealed[len(sealed) // 2] ^= 1
    put(town.world, part.object_key, bytes(sealed))
    assert kinds(town.world) == set()
    assert kinds(town.world, deep=True) == {"damaged"}


def test_a_turned_bit_in_a_small_blob_is_found_by_the_deep_check(small):
    with small.world.writing(WORKER) as work:
        blob_id, sealed = work.session.execute(select(Blob.id, Blob.sealed).where(Blob.sealed.is_not(None))).first()
        bent = sealed[:-1] + bytes([sealed[-1] ^ 1])
        work.session.execute(update(Blob).where(Blob.id == blob_id).values(sealed=bent))
    assert kinds(small.world, deep=True) == {"damaged"}


def test_young_orphans_are_clean_and_old_ones_are_found(small):
    put(small.world, new_id(), b"left behind")
    assert kinds(small.world) == set()
    # the store stamps objects with the true time, our clock stands in another year
    small.world.clock.move(timedelta(days=36500))
    assert "orphan" in kinds(small.world)


def test_a_blob_that_the_sweep_has_forgotten_is_found(small):
    with small.world.writing(WORKER) as work:
        version = work.session.scalar(select(Version).order_by(Version.size.desc()).limit(1))
        work.session.execute(update(Item).where(Item.id == version.item_id).values(version_id=None, is_folder=True))
        work.session.execute(delete(Version).where(Version.id == version.id))
    assert "unswept" not in kinds(small.world)
    small.world.clock.move(UNSWEPT + timedelta(days=1, hours=1))
    assert "unswept" in kinds(small.world)


def test_room_that_does_not_add_up_is_found(small):
    change(small.world, update(Space).where(Space.id == small.olena.space_id).values(used_bytes=Space.used_bytes + 1))
    assert kinds(small.world) == {"room"}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (lambda: delete(WrappedKey), "key"),
        (lambda: update(WrappedKey).values(wrapped=b"x" * 60), "key"),
        (lambda: update(Version).values(sha256=b"x" * 32), "version"),
        (lambda: update(Item).where(Item.version_id.is_not(None)).values(size=1), "item"),
        (lambda: update(DeliveredFile).values(sha256=b"x" * 32), "delivery"),
        (lambda: update(Blob).where(Blob.sealed.is_(None)).values(parts=9), "parts"),
        (lambda: update(FactRow).where(FactRow.leaf == 1).values(kind="access.opened"), "log"),
    ],
)
def test_a_changed_row_is_found(small, statement, kind):
    change(small.world, statement())
    assert kind in kinds(small.world, deep=True)


def test_a_receipt_side_that_lost_its_key_is_found(small):
    with small.world.reading(WORKER) as work:
        body_space = work.session.scalar(select(Delivery.to_space_id).where(Delivery.direction == "appeal"))
    change(small.world, delete(WrappedKey).where(WrappedKey.space_id == body_space))
    assert "key" in kinds(small.world)


def test_a_destroyed_space_key_is_found(small):
    small.world.runtime.ports.keyring.destroy(small.olena.space_id)
    assert kinds(small.world) == {"key"}
