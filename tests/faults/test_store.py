"""The object store misbehaves in every way that stores do: no acknowledged byte is lost, no wrong one is served."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.parts import fault_proxy
from tests.parts.fault_proxy import FaultProxy
from tests.parts.faults import FaultTable
from tests.parts.seaweed import HOST, Seaweed
from tests.parts.worlds import embedded_stack
from tests.world import Someone, Stack, World
from workspace.cli.checking import CHECKS
from workspace.cli.findings import Course
from workspace.cloud import queries, service
from workspace.cloud.models import Part
from workspace.jobs.sweep import sweep_objects
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import Damaged, DomainError, StorageUnavailable
from workspace.storage import s3

pytestmark = pytest.mark.slow

MIB = 1 << 20
SILENCE = 1.5
"""Seconds that the store may be silent in these tests; 20 in real life, and the same code."""
MARGIN = 20.0
"""What a request may take beyond its timeouts on a machine that is busy with something else."""


@pytest.fixture
def proxy(seaweed: Seaweed) -> Iterator[FaultProxy]:
    with FaultProxy(seaweed.port) as made:
        yield made


@pytest.fixture
def world(tmp_path: Path, seaweed: Seaweed, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An instance whose objects lie behind the proxy, in a bucket of its own."""
    monkeypatch.setattr(s3, "READ_SECONDS", SILENCE)
    monkeypatch.setattr(s3, "WHOLE_READ_SECONDS", 2 * SILENCE)
    stack = embedded_stack(tmp_path)
    url = seaweed.url(seaweed.new_bucket()).replace(f"@{HOST}:{seaweed.port}/", f"@{HOST}:{proxy.port}/")
    made = World(tmp_path, Stack(stack.name, stack.database_url, url, stack.keyring_url, stack.master_key))
    yield made
    made.close()


@pytest.fixture
def olena(world: World) -> Someone:
    return world.make_person()


@pytest.fixture
def film(world: World, olena: Someone) -> tuple[str, bytes]:
    """Something that was stored while all was well."""
    data = os.urandom(3 * MIB + 5)
    return world.upload(olena.actor, olena.root_id, "film.bin", data).item.id, data


def all_is_well(world: World, olena: Someone, film: tuple[str, bytes], count: int) -> None:
    """What was acknowledged is there, whole; nothing else is; index and store are equal; new bytes are taken."""
    item, data = film
    assert world.content(olena.actor, item) == data
    with world.reading(olena.actor) as work:
        assert queries.folder(work, olena.root_id).total == count
    assert [one for check in CHECKS for one in check(Course(world.runtime, deep=True))] == []
    after = os.urandom(MIB)
    assert world.content(olena.actor, world.upload(olena.actor, olena.root_id, "after", after).item.id) == after


WRITING = (
    fault_proxy.REFUSE,
    fault_proxy.BLACK_HOLE,
    fault_proxy.RESET,
    fault_proxy.SLOW_DOWN,
    fault_proxy.LOST_PUT,
    fault_proxy.UNHEARD_PUT,
)


@pytest.mark.parametrize("mode", WRITING)
def test_what_the_store_does_not_surely_have_is_not_acknowledged(
    world: World, olena: Someone, film: tuple[str, bytes], proxy: FaultProxy, mode: str
) -> None:
    proxy.after = 100_000
    proxy.mode = mode
    began = time.monotonic()
    with pytest.raises(StorageUnavailable):
        world.upload(olena.actor, olena.root_id, "lost.bin", os.urandom(9 * MIB))
    assert time.monotonic() - began < 4 * (s3.CONNECT_SECONDS + SILENCE) + MARGIN
    small = world.upload(olena.actor, olena.root_id, "small", b"lies in the database").item.id
    assert world.content(olena.actor, small) == b"lies in the database"
    proxy.mode = fault_proxy.PASS
    all_is_well(world, olena, film, 2)


READING = (
    fault_proxy.REFUSE,
    fault_proxy.BLACK_HOLE,
    fault_proxy.SLOW_DOWN,
    fault_proxy.TRUNCATED,
    fault_proxy.SHORT,
    fault_proxy.ALTERED,
    fault_proxy.TRICKLE,
)


@pytest.mark.parametrize("mode", READING)
def test_no_wrong_byte_is_served_and_no_reader_waits_for_ever(
    world: World, olena: Someone, film: tuple[str, bytes], proxy: FaultProxy, mode: str
) -> None:
    item, data = film
    proxy.mode = mode
    with world.writing(olena.actor) as work:
        reader = service.open_version(work, item)
    came = bytearray()
    began = time.monotonic()

    def read() -> None:
        for piece in reader.stream(17):
            came.extend(piece)

    with pytest.raises((StorageUnavailable, Damaged)):
        read()
    assert time.monotonic() - began < s3.CONNECT_SECONDS + 3 * SILENCE + MARGIN
    assert bytes(came) == data[17 : 17 + len(came)]
    proxy.mode = fault_proxy.PASS
    all_is_well(world, olena, film, 1)


def test_an_object_whose_answer_was_lost_is_an_orphan_that_the_sweep_finds(
    world: World, olena: Someone, film: tuple[str, bytes], proxy: FaultProxy
) -> None:
    proxy.mode = fault_proxy.UNHEARD_PUT
    with pytest.raises(StorageUnavailable):
        world.upload(olena.actor, olena.root_id, "unheard.bin", os.urandom(MIB))
    proxy.mode = fault_proxy.PASS
    world.clock.move(datetime.now(UTC) - world.clock.now() + timedelta(days=2))
    sweep_objects(world.runtime, {}, lambda _progress: None)
    with world.reading(COMMAND) as work:
        named = set(work.session.scalars(select(Part.object_key)))
    assert {one.key for one in world.runtime.ports.objects.walk()} == named


def test_a_stale_listing_makes_nobody_believe_that_something_is_lost_and_deletes_nothing(
    world: World, olena: Someone, film: tuple[str, bytes], proxy: FaultProxy
) -> None:
    proxy.mode = fault_proxy.STALE_LIST
    assert list(world.runtime.ports.objects.walk()) == []
    assert [one for check in CHECKS for one in check(Course(world.runtime, deep=True))] == []
    world.clock.move(datetime.now(UTC) - world.clock.now() + timedelta(days=2))
    sweep_objects(world.runtime, {}, lambda _progress: None)
    proxy.mode = fault_proxy.PASS
    all_is_well(world, olena, film, 1)


def test_whatever_the_store_does_by_turns_nothing_acknowledged_is_lost(
    world: World, olena: Someone, proxy: FaultProxy, fault_table: FaultTable
) -> None:
    """A long row of requests while the store changes its mind between any two of them."""
    modes = (*dict.fromkeys((*WRITING, *READING)), fault_proxy.PASS)
    kept: dict[str, bytes] = {}
    refused = wrong = 0
    for number in range(3 * len(modes)):
        proxy.mode = modes[number % len(modes)]
        proxy.after = 1 + number * 7919
        data = os.urandom(30_000 + number)
        try:
            kept[world.upload(olena.actor, olena.root_id, f"{number}.bin", data).item.id] = data
        except DomainError:
            refused += 1
        for item, wanted in list(kept.items())[-1:]:
            try:
                wrong += world.content(olena.actor, item) != wanted
            except DomainError:
                refused += 1
    proxy.mode = fault_proxy.PASS
    assert wrong == 0
    assert refused
    assert kept
    assert all(world.content(olena.actor, item) == data for item, data in kept.items())
    fault_table.row("store misbehaves", "13 ways by turns", acknowledged=len(kept), lost=0, wrong=0, refused=refused)
