"""Everything is read once in thirty days, slowly, a little at a time; what is damaged is known before it is needed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cli.damages import BIG, bent, put
from tests.world import World
from workspace.cloud import scrub
from workspace.cloud.models import Blob, Damage, Part, Scrub
from workspace.cloud.scrub import BATCH, ROUND, damages, scrub_step, scrub_view
from workspace.jobs import kinds
from workspace.jobs.worker import Worker
from workspace.kernel.actors import Actor
from workspace.kernel.errors import DomainError, StorageUnavailable

pytestmark = pytest.mark.slow

KEEPER = Actor(person_id="01keeper000000000000000000", administrator=True)


@pytest.fixture
def filled(world: World) -> World:
    """An instance in which one small and one large file lie beside others."""
    olena = world.make_person()
    for number in range(2 * BATCH):
        world.upload(olena.actor, olena.root_id, f"{number}.txt", b"x")
    world.upload(olena.actor, olena.root_id, "large.bin", BIG)
    return world


def cursor(world: World) -> str:
    with world.reading(KEEPER) as work:
        return work.session.get_one(Scrub, "blobs").cursor


def to_the_end(world: World) -> int:
    """Steps every six hours until the round has ended; how many there were."""
    for number in range(1, 200):
        if scrub_step(world.runtime).finished_at == world.clock.now():
            return number
        world.clock.move(timedelta(hours=6))
    pytest.fail("the round never ended")


def test_a_round_reads_every_blob_once_spread_over_four_weeks(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    examine = scrub.examine
    monkeypatch.setattr(
        scrub, "examine", lambda runtime, one, pace: [read.append(one), *examine(runtime, one, pace)][1:]
    )
    began = filled.clock.now()
    steps = to_the_end(filled)
    assert steps > 2
    assert ROUND / 2 < filled.clock.now() - began <= ROUND
    with filled.reading(KEEPER) as work:
        assert sorted(read) == sorted(work.session.scalars(select(Blob.id)))
    assert scrub_step(filled.runtime).share < 0.9, "the next round begins by itself"


def test_a_step_that_is_killed_is_gone_on_with_where_it_was(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    scrub_step(filled.runtime)
    before = cursor(filled)
    assert before
    filled.clock.move(ROUND)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(scrub, "examine", killed)
        with pytest.raises(KeyboardInterrupt):
            scrub_step(filled.runtime)
    assert cursor(filled) == before
    assert scrub_step(filled.runtime).finished_at == filled.clock.now()


def test_damage_is_kept_until_the_content_is_sound_again_and_names_nobody(filled: World) -> None:
    store = filled.runtime.ports.objects
    with filled.reading(KEEPER) as work:
        part = work.session.scalars(select(Part)).one()
    whole = store.read(part.object_key, 0, store.size(part.object_key) or 0)
    put(filled, part.object_key, bent(whole))
    to_the_end(filled)
    with filled.reading(KEEPER) as work:
        assert scrub_view(work).damaged == 1
        (found,) = damages(work)
    assert (found.blob_id, found.kind, found.objects) == (part.blob_id, "damaged", (part.object_key,))
    put(filled, part.object_key, whole)
    filled.clock.move(timedelta(hours=1))
    to_the_end(filled)
    with filled.reading(KEEPER) as work:
        assert damages(work) == []


def test_a_store_that_is_away_is_no_damage_and_the_step_comes_again(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrub_step(filled.runtime)
    filled.clock.move(ROUND)

    def away(*_: object) -> bytes:
        raise StorageUnavailable()

    with monkeypatch.context() as patched:
        patched.setattr(filled.runtime.ports.objects, "read", away)
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                scrub_step(filled.runtime)
    assert scrub_step(filled.runtime).finished_at == filled.clock.now()
    with filled.reading(KEEPER) as work:
        assert work.session.scalars(select(Damage)).all() == []


def test_reading_waits_so_that_nobody_feels_it(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(scrub, "RATE", len(BIG) / 4)
    scrub_step(filled.runtime, waited.append)
    filled.clock.move(ROUND)
    scrub_step(filled.runtime, waited.append)
    assert sum(waited) > 1.0, "a megabyte at a quarter of a megabyte a second"


def test_the_worker_does_it_and_tells_how_far_it_has_come(filled: World) -> None:
    with filled.writing(Actor(host=True)) as work:
        work.later(kinds.SCRUB, {})
    assert Worker(filled.runtime, reacts=False).do_one()
    with filled.reading(KEEPER) as work:
        assert 0 < scrub_view(work).share < 1


def test_only_keepers_see_it(filled: World) -> None:
    olena = filled.make_person("Other")
    with filled.reading(olena.actor) as work:
        for read in (scrub_view, damages):
            with pytest.raises(DomainError):
                read(work)
