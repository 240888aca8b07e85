"""Uploads as folders of chunks: in any order, from any worker, whole or not at all."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.world import Someone, World
from workspace.cloud import chunks, queries
from workspace.cloud.blobs import forget
from workspace.cloud.models import Chunk, Item, Part, Upload
from workspace.cloud.service import AddedFile, add_file
from workspace.jobs.registry import HANDLERS
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import (
    Damaged,
    LengthMismatch,
    NameTaken,
    NotAcceptable,
    NotFound,
    OverQuota,
    WrongState,
)
from workspace.sharing.rule import Level
from workspace.sharing.service import grant

MIB = 1 << 20
PIECES = [bytes([65 + number]) * (MIB + 7 * number) for number in range(4)]
WHOLE = b"".join(PIECES)
FOLDER = "3105526716"


def open_folder(world: World, who: Someone, length: int | None = None) -> None:
    with world.writing(who.actor) as work:
        chunks.open_chunk_folder(work, FOLDER, length)


def send(world: World, who: Someone, name: str, data: bytes, size: int | None = None) -> None:
    pieces = (memoryview(data)[start : start + 300_000] for start in range(0, len(data), 300_000))
    chunks.receive_chunk(world.runtime, who.actor, FOLDER, name, size, pieces)


def put_together(world: World, who: Someone, parent_id: str, name: str = "film.bin") -> AddedFile:
    """As the door does it: gather, join, release and store."""
    with world.reading(who.actor) as work:
        gathered = chunks.gather(work, FOLDER)
    sealed = chunks.join(world.runtime, gathered, lambda _piece: None)
    modified = datetime(2024, 1, 1, tzinfo=UTC)
    with world.writing(who.actor) as work:
        chunks.release(work, FOLDER, gathered, sealed)
        return add_file(work, parent_id, name, sealed, charged_in=gathered.space_id, modified_at=modified)


def used(world: World, who: Someone) -> int:
    with world.reading(who.actor) as work:
        return queries.usage(work, who.space_id).used


def stored(world: World) -> set[str]:
    return {one.key for one in world.runtime.ports.objects.walk()}


def rows(world: World, table: type) -> int:
    with world.reading(world.make_person("Anybody").actor) as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)], ids=["in order", "out of order"])
def test_chunks_become_the_file_by_their_numbers(world: World, order: tuple[int, ...]) -> None:
    olena, before = world.make_person(), stored(world)
    open_folder(world, olena, len(WHOLE))
    for number in order:
        # by their offsets, as ownCloud's client counts, without leading zeros: 9 comes before 10
        send(world, olena, str(sum(map(len, PIECES[:number]))), PIECES[number])
    assert used(world, olena) == len(WHOLE)
    added = put_together(world, olena, olena.root_id)
    assert world.content(olena.actor, added.item.id) == WHOLE
    assert added.version.sha256 == hashlib.sha256(WHOLE).digest()
    assert added.item.modified_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert used(world, olena) == len(WHOLE)
    assert len(stored(world) - before) == rows(world, Part) <= len(PIECES)
    assert (rows(world, Upload), rows(world, Chunk)) == (0, 0)


def test_a_chunk_sent_again_takes_the_place_of_the_first_try(world: World) -> None:
    olena, before = world.make_person(), stored(world)
    open_folder(world, olena)
    for name, data in (("1", b"a" * MIB), ("2", b"b" * MIB), ("1", b"c" * 2 * MIB)):
        send(world, olena, name, data)
    with world.reading(olena.actor) as work:
        there = chunks.chunk_folder(work, FOLDER)
    assert [(one.name, one.size) for one in there.chunks] == [("1", 2 * MIB), ("2", MIB)]
    assert used(world, olena) == there.size == 3 * MIB
    added = put_together(world, olena, olena.root_id)
    assert world.content(olena.actor, added.item.id) == b"c" * 2 * MIB + b"b" * MIB
    assert len(stored(world) - before) == rows(world, Part)


def test_chunks_that_come_at_once_do_not_mix(world: World) -> None:
    olena = world.make_person()
    open_folder(world, olena)
    with ThreadPoolExecutor(4) as threads:
        for sent in [threads.submit(send, world, olena, str(number), data) for number, data in enumerate(PIECES)]:
            sent.result()
    assert world.content(olena.actor, put_together(world, olena, olena.root_id).item.id) == WHOLE


def test_a_chunk_that_breaks_off_leaves_nothing(world: World) -> None:
    olena = world.make_person()
    open_folder(world, olena)
    send(world, olena, "1", PIECES[0])
    before = stored(world)

    def broken():
        yield memoryview(PIECES[1])
        raise LengthMismatch(announced=9, came=1)

    with pytest.raises(LengthMismatch):
        chunks.receive_chunk(world.runtime, olena.actor, FOLDER, "2", 2 * MIB, broken())
    assert stored(world) == before
    assert used(world, olena) == len(PIECES[0])
    send(world, olena, "2", PIECES[1])
    assert world.content(olena.actor, put_together(world, olena, olena.root_id).item.id) == PIECES[0] + PIECES[1]


def test_nothing_and_empty_chunks_make_an_empty_file(world: World) -> None:
    olena = world.make_person()
    for name, data in (("empty", [b""]), ("nothing", [])):
        open_folder(world, olena)
        for number, one in enumerate(data):
            send(world, olena, str(number), one)
        assert world.content(olena.actor, put_together(world, olena, olena.root_id, name).item.id) == b""


def test_room_is_checked_before_bytes_travel_and_as_they_come(world: World) -> None:
    olena = world.make_person(quota=3 * MIB)
    with pytest.raises(OverQuota):
        open_folder(world, olena, 3 * MIB + 1)
    open_folder(world, olena)
    send(world, olena, "1", b"a" * 2 * MIB)
    before = stored(world)
    for announced in (2 * MIB, None):
        with pytest.raises(OverQuota):
            send(world, olena, "2", b"b" * 2 * MIB, announced)
    assert stored(world) == before
    send(world, olena, "2", b"b" * MIB)
    put_together(world, olena, olena.root_id)
    assert used(world, olena) == 3 * MIB


def test_what_is_put_together_in_somebody_elses_folder_takes_their_room(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    shared = world.folder(olena.actor, olena.root_id, "shared")
    with world.writing(olena.actor) as work:
        grant(work, world.thing(shared), Principal(SubjectKind.PERSON, petro.id), Level.EDIT)
    open_folder(world, petro)
    send(world, petro, "1", WHOLE)
    added = put_together(world, petro, shared)
    assert world.content(olena.actor, added.item.id) == WHOLE
    assert (used(world, olena), used(world, petro)) == (len(WHOLE), 0)


def test_chunks_that_came_after_the_look_are_not_lost(world: World) -> None:
    olena = world.make_person()
    open_folder(world, olena)
    send(world, olena, "1", PIECES[0])
    with world.reading(olena.actor) as work:
        gathered = chunks.gather(work, FOLDER)
    sealed = chunks.join(world.runtime, gathered, lambda _piece: None)
    send(world, olena, "2", PIECES[1])
    with world.writing(olena.actor) as work, pytest.raises(WrongState):
        chunks.release(work, FOLDER, gathered, sealed)
    if not gathered.in_order:
        forget(world.runtime.ports, sealed)
    assert world.content(olena.actor, put_together(world, olena, olena.root_id).item.id) == PIECES[0] + PIECES[1]


def test_a_damaged_chunk_never_becomes_a_file(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    open_folder(world, olena)
    send(world, olena, "1", PIECES[0])
    (part,) = (path for path in (world.instance / "objects").rglob("*") if path.is_file())
    sealed = bytearray(part.read_bytes())
    sealed[-1] ^= 1
    part.write_bytes(sealed)
    with pytest.raises(Damaged):
        put_together(world, olena, olena.root_id)
    assert rows(world, Item) == 2, "the two roots"


def test_a_folder_of_chunks_is_its_owners_alone(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    open_folder(world, olena)
    for act in (chunks.chunk_folder, chunks.gather, chunks.drop_chunk_folder):
        with world.writing(petro.actor) as work, pytest.raises(NotFound):
            act(work, FOLDER)
    with pytest.raises(NotFound):
        send(world, petro, "1", b"x")
    open_folder(world, petro)
    with pytest.raises(NameTaken):
        open_folder(world, petro)
    for name in ("../1", "", "a", "1" * 19, "-1"):
        with pytest.raises(NotAcceptable):
            send(world, olena, name, b"x")


def test_a_folder_that_nobody_goes_on_with_is_gone_after_a_day(world: World) -> None:
    olena, before = world.make_person(), stored(world)
    open_folder(world, olena)
    send(world, olena, "1", PIECES[0])
    world.clock.move(timedelta(hours=23))
    send(world, olena, "2", PIECES[1])
    world.clock.move(timedelta(hours=23))
    with world.reading(olena.actor) as work:
        assert len(chunks.chunk_folder(work, FOLDER).chunks) == 2
    world.clock.move(timedelta(hours=2))
    with world.reading(olena.actor) as work, pytest.raises(NotFound):
        chunks.chunk_folder(work, FOLDER)
    HANDLERS["uploads.expire"](world.runtime, {}, lambda _progress: None)
    assert (used(world, olena), stored(world), rows(world, Chunk)) == (0, before, 0)


def test_a_folder_is_dropped_with_its_bytes(world: World) -> None:
    olena, before = world.make_person(), stored(world)
    open_folder(world, olena)
    send(world, olena, "1", PIECES[0])
    with world.writing(olena.actor) as work:
        chunks.drop_chunk_folder(work, FOLDER)
    assert (used(world, olena), stored(world), rows(world, Chunk)) == (0, before, 0)
