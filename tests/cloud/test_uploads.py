"""Uploads in pieces: they go on where they stopped, on any worker, and nothing half is ever seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.world import Someone, World
from workspace.cloud import queries, trash, uploads
from workspace.cloud.uploads import UploadView
from workspace.kernel.actors import WORKER
from workspace.kernel.errors import (
    ChecksumMismatch,
    LengthMismatch,
    NotAcceptable,
    NotFound,
    OverQuota,
    TooLarge,
    WrongState,
)

DATA = bytes(range(253)) * 4000


def begin(world: World, person: Someone, name: str = "film.bin", data: bytes = DATA, **metadata: str) -> UploadView:
    with world.writing(person.actor) as work:
        return uploads.create_upload(work, person.root_id, name, len(data), **metadata)


def send(world: World, person: Someone, upload: UploadView, offset: int, data: bytes, **more: bytes) -> UploadView:
    return uploads.receive(world.runtime, person.actor, upload.id, offset, [memoryview(data)], **more)


def state(world: World, person: Someone, upload: UploadView) -> UploadView:
    with world.reading(person.actor) as work:
        return uploads.upload_state(work, upload.id)


def used(world: World, person: Someone) -> int:
    with world.reading(person.actor) as work:
        return queries.usage(work, person.space_id).used


def objects(world: World) -> int:
    return sum(1 for path in (world.instance / "objects").rglob("*") if path.is_file())


def cut(data: bytes) -> Iterator[memoryview]:
    yield memoryview(data)
    raise LengthMismatch(announced=len(DATA), came=len(data))


def test_a_file_arrives_in_pieces(world: World) -> None:
    olena = world.make_person()
    upload = begin(world, olena)
    assert used(world, olena) == len(DATA)
    for start in range(0, len(DATA), 300_000):
        done = send(world, olena, upload, start, DATA[start : start + 300_000])
        assert done.offset == min(start + 300_000, len(DATA))
    assert done.item_id is not None
    assert world.content(olena.actor, done.item_id) == DATA
    with world.reading(olena.actor) as work:
        assert queries.item(work, done.item_id).sha256 == hashlib.sha256(DATA).digest()
    assert used(world, olena) == len(DATA)


def test_a_file_in_one_piece_and_an_empty_one(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    whole = begin(world, olena)
    assert send(world, olena, whole, 0, DATA).item_id is not None
    empty = begin(world, olena, "empty", b"")
    done = send(world, olena, empty, 0, b"")
    assert done.item_id is not None
    assert world.content(olena.actor, done.item_id) == b""


def test_after_a_cut_connection_it_goes_on_where_it_stopped(world: World) -> None:
    olena = world.make_person()
    upload = begin(world, olena)
    with pytest.raises(LengthMismatch):
        uploads.receive(world.runtime, olena.actor, upload.id, 0, cut(DATA[:400_000]))
    assert state(world, olena, upload).offset == 400_000
    with world.reading(olena.actor) as work:
        assert queries.folder(work, olena.root_id).total == 0
    done = send(world, olena, upload, 400_000, DATA[400_000:])
    assert world.content(olena.actor, str(done.item_id)) == DATA


def test_a_piece_with_a_wrong_checksum_is_thrown_away(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    upload = begin(world, olena)
    right = hashlib.sha256(DATA[:500_000]).digest()
    with pytest.raises(ChecksumMismatch):
        send(world, olena, upload, 0, DATA[1:500_001], checksum=right)
    with pytest.raises(LengthMismatch):
        uploads.receive(world.runtime, olena.actor, upload.id, 0, cut(DATA[:9]), checksum=right)
    assert state(world, olena, upload).offset == 0
    assert objects(world) == 0
    assert send(world, olena, upload, 0, DATA[:500_000], checksum=right).offset == 500_000


def test_the_announced_hash_of_the_whole_is_compared(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    upload = begin(world, olena, sha256=hashlib.sha256(DATA + b"x").hexdigest())
    send(world, olena, upload, 0, DATA[:500_000])
    with pytest.raises(ChecksumMismatch):
        send(world, olena, upload, 500_000, DATA[500_000:])
    with world.reading(olena.actor) as work:
        assert queries.folder(work, olena.root_id).total == 0


def test_the_wrong_offset_and_too_many_bytes_are_refused(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    upload = begin(world, olena)
    send(world, olena, upload, 0, DATA[:300_000])
    for offset in (0, 299_999, 300_001):
        with pytest.raises(WrongState) as refused:
            send(world, olena, upload, offset, b"x")
        assert refused.value.details["offset"] == 300_000
    with pytest.raises(TooLarge):
        send(world, olena, upload, 300_000, DATA)
    assert objects(world) == 1


def test_the_same_piece_sent_twice_at_once_counts_once(world: World) -> None:
    olena = world.make_person()
    upload = begin(world, olena)
    with world.reading(olena.actor) as work:
        first, second = (uploads.begin_append(work, upload.id, 0) for _ in range(2))
    for appender in (first, second):
        appender.write(memoryview(DATA))
    with world.writing(olena.actor) as work:
        uploads.end_append(work, upload.id, first.finish())
    late = second.finish()
    with pytest.raises(WrongState), world.writing(olena.actor) as work:
        uploads.end_append(work, upload.id, late)
    done = uploads.complete(world.runtime, olena.actor, upload.id)
    assert world.content(olena.actor, str(done.item_id)) == DATA


def test_a_worker_that_dies_before_the_file_is_made_loses_nothing(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    upload = begin(world, olena)
    with world.reading(olena.actor) as work:
        appender = uploads.begin_append(work, upload.id, 0)
    appender.write(memoryview(DATA))
    with world.writing(olena.actor) as work:
        uploads.end_append(work, upload.id, appender.finish())
    assert state(world, olena, upload).item_id is None
    done = uploads.receive(world.runtime, olena.actor, upload.id, len(DATA), [])
    assert world.content(olena.actor, str(done.item_id)) == DATA
    assert uploads.receive(world.runtime, olena.actor, upload.id, len(DATA), []) == done


def test_two_uploads_of_one_name_never_mix(world: World) -> None:
    olena = world.make_person()
    other = DATA[::-1]
    one, two = begin(world, olena), begin(world, olena)
    send(world, olena, one, 0, DATA[:500_000])
    send(world, olena, two, 0, other[:500_000])
    done_two = send(world, olena, two, 500_000, other[500_000:])
    done_one = send(world, olena, one, 500_000, DATA[500_000:])
    assert done_one.item_id == done_two.item_id
    with world.reading(olena.actor) as work:
        history = queries.versions(work, str(done_one.item_id))
    assert [world.content(olena.actor, str(done_one.item_id), line.id) for line in history] == [DATA, other]


def test_room_is_reserved_and_given_back(world: World) -> None:
    olena = world.make_person(quota=len(DATA) + 10)
    upload = begin(world, olena)
    with pytest.raises(OverQuota):
        begin(world, olena, "second")
    with pytest.raises(OverQuota):
        world.upload(olena.actor, olena.root_id, "third", b"x" * 11)
    send(world, olena, upload, 0, DATA[:300_000])
    with world.writing(olena.actor) as work:
        uploads.cancel_upload(work, upload.id)
    assert used(world, olena) == 0
    with pytest.raises(NotFound):
        state(world, olena, upload)


def test_what_nobody_goes_on_with_ends_after_a_week(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    upload = begin(world, olena)
    send(world, olena, upload, 0, DATA[:300_000])
    world.clock.move(timedelta(days=7, seconds=1))
    with pytest.raises(NotFound):
        state(world, olena, upload)
    with world.writing(WORKER) as work:
        assert uploads.end_old_uploads(work) == 1
    assert (used(world, olena), objects(world)) == (0, 0)


def test_an_upload_ends_with_the_folder_it_goes_into(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    folder_id = world.folder(olena.actor, olena.root_id, "a")
    with world.writing(olena.actor) as work:
        upload = uploads.create_upload(work, folder_id, "b", len(DATA))
    send(world, olena, upload, 0, DATA[:300_000])
    with world.writing(olena.actor) as work:
        trash.trash(work, folder_id)
    with pytest.raises(NotFound):
        send(world, olena, upload, 300_000, DATA[300_000:])
    with world.writing(olena.actor) as work:
        trash.delete_for_good(work, folder_id)
    assert used(world, olena) == 0


def test_nobody_else_touches_an_upload(embedded_world: World) -> None:
    world = embedded_world
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    upload = begin(world, olena)
    with pytest.raises(NotFound):
        send(world, petro, upload, 0, DATA)
    with pytest.raises(NotFound), world.writing(petro.actor) as work:
        uploads.cancel_upload(work, upload.id)
    with pytest.raises(NotFound), world.writing(petro.actor) as work:
        uploads.create_upload(work, olena.root_id, "x", 1)


def test_what_an_upload_says_of_itself_is_checked(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    for wrong in ({"sha256": "abc"}, {"kind": "secret"}, {"owner_id": "x"}):
        with pytest.raises(NotAcceptable):
            begin(world, olena, **wrong)
    with pytest.raises(NotAcceptable), world.writing(olena.actor) as work:
        uploads.create_upload(work, olena.root_id, "x", -1)
    with pytest.raises(TooLarge), world.writing(olena.actor) as work:
        uploads.create_upload(work, olena.root_id, "x", world.settings.upload_limit + 1)
