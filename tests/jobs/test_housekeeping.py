"""What happens by the clock: bytes that nobody names go, bytes that somebody names stay, on both stacks."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from tests.cases.conftest import Town, _town
from tests.world import World
from workspace.accounts.models import Guess, SignIn
from workspace.cases import service as cases
from workspace.cloud.blobs import open_blob
from workspace.cloud.models import Blob, Item, Part, QuotaCharge, Space, Version, WrappedKey
from workspace.cloud.orphans import references
from workspace.cloud.trash import trash
from workspace.db.base import Base
from workspace.db.facts import FactRow
from workspace.db.outbox import Job
from workspace.jobs import kinds
from workspace.jobs.registry import HANDLERS
from workspace.jobs.schedule import SCHEDULE, plan
from workspace.jobs.worker import Worker
from workspace.kernel.actors import WORKER
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id

BIG = bytes(range(256)) * 200  # more than is kept in the row


def run(world: World, kind: str, **payload) -> None:
    with world.writing(WORKER) as work:
        work.later(kind, payload)
    worker = Worker(world.runtime, reacts=False)
    while worker.do_one():
        pass
    with world.reading(WORKER) as work:
        failures = work.session.scalars(select(Job.last_error).where(Job.last_error.is_not(None))).all()
    assert failures == []


def count(world: World, table, *where) -> int:
    with world.reading(WORKER) as work:
        return work.session.scalar(select(func.count()).select_from(table).where(*where))


def keys(world: World) -> set[str]:
    return {one.key for one in world.runtime.ports.objects.walk()}


@pytest.fixture
def town(world) -> Town:
    return _town(world)


def test_bytes_that_nothing_names_go_after_the_grace_period_and_no_others(world):
    olena = world.make_person()
    kept = world.upload(olena.actor, olena.root_id, "kept.pdf", BIG)
    gone = world.upload(olena.actor, olena.root_id, "gone.pdf", BIG + b"x")
    before = keys(world)
    with world.writing(WORKER) as work:
        work.session.execute(delete(Version).where(Version.id == gone.version.id))
        work.session.execute(update(Item).where(Item.id == gone.item.id).values(version_id=None))
    run(world, kinds.SWEEP_BLOBS)
    assert keys(world) >= before, "the grace period runs"
    world.clock.move(timedelta(days=1, minutes=1))
    run(world, kinds.SWEEP_BLOBS)
    assert len(before - keys(world)) == 1
    assert count(world, Blob, Blob.id == gone.version.blob_id) == 0
    assert count(world, Part, Part.blob_id == gone.version.blob_id) == 0
    assert count(world, WrappedKey, WrappedKey.blob_id == gone.version.blob_id) == 0
    assert world.content(olena.actor, kept.item.id) == BIG


def test_what_any_room_still_names_is_never_swept(town):
    """A whole case, with letters, notes, answers and reasons: after the sweep every blob is as it was."""
    world = town.world
    case = town.answered()
    with world.writing(town.olena.actor) as work:
        cases.contest(work, case.id, "The basement is still wet.")
    world.clock.move(timedelta(days=400))
    with world.reading(WORKER) as work:
        named = {
            one for column in references() for one in work.session.scalars(select(column)) if one is not None
        }  # fmt: skip
        contested = work.session.scalar(select(FactRow).where(FactRow.kind == FactKind.CONTESTED.value))
        named.add(contested.details["text"])
    run(world, kinds.SWEEP_BLOBS)
    run(world, kinds.SWEEP_OBJECTS)
    with world.reading(WORKER) as work:
        assert set(work.session.scalars(select(Blob.id))) == named
        for blob_id, space_id in work.session.execute(select(WrappedKey.blob_id, WrappedKey.space_id)).all():
            assert open_blob(work, blob_id, space_id).read_all(1 << 20)


def test_every_column_that_points_to_a_blob_is_known_to_the_sweep():
    named = {f"{column.table.name}.{column.name}" for column in references()}
    assert {"version.blob_id", "delivered_file.blob_id", "case.story_id", "comment.text_id", "preview.blob_id"} <= named
    suspects = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if "blob" in column.name
    }
    # rows of the blob itself, an upload, which the sweep asks for by name, what the scrub notes and counts
    rows, scrub = {"part.blob_id", "wrapped_key.blob_id", "upload.blob_id"}, {"scrub.blobs", "scrub.all_blobs"}
    assert suspects - named == {*rows, *scrub, "damage.blob_id"}


def test_objects_without_a_row_go_when_they_are_a_day_old(world):
    olena = world.make_person()
    kept = world.upload(olena.actor, olena.root_id, "kept.pdf", BIG)
    orphan = new_id()
    writer = world.runtime.ports.objects.create(orphan)
    writer.write(b"left behind by a cut connection")
    writer.commit()
    run(world, kinds.SWEEP_OBJECTS)
    assert orphan in keys(world), "it may be on its way in"
    # the store stamps objects with the true time
    world.clock.move(timedelta(days=36500))
    run(world, kinds.SWEEP_OBJECTS)
    assert orphan not in keys(world)
    assert world.content(olena.actor, kept.item.id) == BIG


def test_old_trash_is_emptied_and_its_room_given_back(world):
    olena = world.make_person()
    old = world.upload(olena.actor, olena.root_id, "old.pdf", BIG)
    with world.writing(olena.actor) as work:
        trash(work, old.item.id)
    world.clock.move(timedelta(days=29))
    run(world, kinds.EMPTY_TRASH)
    assert count(world, Item, Item.id == old.item.id) == 1
    world.clock.move(timedelta(days=2))
    run(world, kinds.EMPTY_TRASH)
    assert count(world, Item, Item.id == old.item.id) == 0
    world.clock.move(timedelta(days=2))
    run(world, kinds.SWEEP_BLOBS)
    assert keys(world).isdisjoint({one for one in keys(world) if one == old.version.blob_id})
    assert count(world, Blob) == 0


def test_charges_of_room_are_drawn_together_without_changing_the_sum(world):
    olena = world.make_person()
    for number in range(3):
        world.upload(olena.actor, olena.root_id, f"{number}.txt", b"x" * 100)
    run(world, kinds.FOLD_QUOTA)
    assert count(world, QuotaCharge) == 0
    with world.reading(WORKER) as work:
        assert work.session.scalar(select(Space.used_bytes).where(Space.id == olena.space_id)) == 300


def test_sessions_that_ended_long_ago_and_old_guesses_are_forgotten(world):
    olena = world.make_person()
    with world.writing(WORKER) as work:
        for name, ended in (("old", work.now), ("new", None)):
            work.session.add(
                SignIn(
                    id=new_id(), person_id=olena.id, token_hash=name.encode().ljust(32), made_at=work.now,
                    last_seen_at=work.now, ended_at=ended,
                )
            )  # fmt: skip
        work.session.add(Guess(secret=b"g" * 32, tries=3, last_at=work.now))
    world.clock.move(timedelta(days=91))
    run(world, kinds.PRUNE_SESSIONS)
    assert count(world, SignIn) == 1
    assert count(world, Guess) == 0


def test_everything_scheduled_is_planned_once_and_has_a_handler(world):
    for _ in range(3):
        with world.writing(WORKER) as work:
            plan(work)
    with world.reading(WORKER) as work:
        planned = {one.kind: one.due_at for one in work.session.scalars(select(Job))}
        assert count(world, Job) == len(SCHEDULE)
    assert set(planned) == set(SCHEDULE) <= set(HANDLERS)
    assert all(due > world.clock.now() for due in planned.values())
    # a Monday noon in March is 14:00 in Kyiv; the night's work begins at 2:30 there
    assert planned[kinds.EMPTY_TRASH] - world.clock.now() == timedelta(hours=12, minutes=30)


def test_every_kind_of_job_has_a_handler():
    names = {value for name, value in vars(kinds).items() if name.isupper()}
    assert names == set(HANDLERS)
