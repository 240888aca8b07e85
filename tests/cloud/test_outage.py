"""The store is away, full, or loses a connection: nothing is lost, nothing is half there, metadata go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.world import Someone, World
from workspace.cloud import blobs, queries, service, transfer, trash, uploads
from workspace.kernel.errors import DomainError, KeyDestroyed, OverQuota, StorageFull, StorageUnavailable
from workspace.kernel.ports import StoredObject
from workspace.storage.filesystem import FilesystemStore, FileWriter
from workspace.storage.objects import open_objects

MIB = 1 << 20
DATA = b"x" * 3 * MIB


def with_store(world: World, store: object) -> None:
    """The same instance with another store, as if the network to it had changed."""
    world.runtime = replace(world.runtime, ports=replace(world.runtime.ports, objects=store))


def stored(world: World) -> list[Path]:
    return [path for path in (world.instance / "objects").rglob("*") if path.is_file()]


class FullStore(FilesystemStore):
    """A real store on a disk that is full after some bytes."""

    part_limit = MIB
    room = 0

    def create(self, key: str) -> FileWriter:
        store = self

        class Writer(FileWriter):
            def write(self, data: bytes | bytearray | memoryview) -> None:
                store.room -= len(data)
                if store.room < 0:
                    self.abort()
                    raise StorageFull(reason="ENOSPC")
                super().write(data)

        writer = super().create(key)
        writer.__class__ = Writer
        return writer


def some_person(world: World) -> tuple[Someone, service.AddedFile]:
    olena = world.make_person()
    return olena, world.upload(olena.actor, olena.root_id, "film", DATA)


def test_while_the_store_is_away_everything_but_bytes_goes_on(world: World) -> None:
    olena, film = some_person(world)
    small = world.upload(olena.actor, olena.root_id, "note.txt", b"inline")
    there = world.runtime.ports.objects
    with_store(world, open_objects("s3://a:b@127.0.0.1:9/gone?tls=0"))
    with world.reading(olena.actor) as work:
        assert queries.folder(work, olena.root_id).total == 2
        reader = service.open_version(work, film.item.id)
    with pytest.raises(StorageUnavailable):
        next(reader.stream())
    with pytest.raises(StorageUnavailable):
        world.upload(olena.actor, olena.root_id, "new", DATA)
    assert world.content(olena.actor, small.item.id) == b"inline"
    world.upload(olena.actor, olena.root_id, "small", b"goes on")
    with world.writing(olena.actor) as work:
        folder = service.make_folder(work, olena.root_id, "f")
        transfer.move(work, film.item.id, folder.id)
        copied = transfer.copy(work, film.item.id, olena.root_id)
        trash.trash(work, film.item.id)
        trash.delete_for_good(work, film.item.id)
    with_store(world, there)
    assert world.content(olena.actor, copied.id) == DATA


@pytest.mark.parametrize("room", [0, 1, MIB // 2, MIB + 5, 2 * MIB + 9])
def test_a_full_disk_leaves_nothing_half(embedded_world: World, room: int) -> None:
    world = embedded_world
    olena, film = some_person(world)
    before = stored(world)
    store = FullStore(world.instance / "objects")
    store.room = room
    with_store(world, store)
    with pytest.raises(StorageFull):
        world.upload(olena.actor, olena.root_id, "new", DATA)
    assert stored(world) == before
    with world.reading(olena.actor) as work:
        assert queries.usage(work, olena.space_id).used == len(DATA)
        assert queries.folder(work, olena.root_id).total == 1
    assert world.content(olena.actor, film.item.id) == DATA


def test_an_upload_in_pieces_goes_on_when_the_disk_has_room_again(embedded_world: World) -> None:
    world = embedded_world
    olena, _ = some_person(world)
    store = FullStore(world.instance / "objects")
    store.room = MIB + MIB // 2
    with_store(world, store)
    with world.writing(olena.actor) as work:
        upload = uploads.create_upload(work, olena.root_id, "new", len(DATA))
    with pytest.raises(StorageFull):
        uploads.receive(world.runtime, olena.actor, upload.id, 0, [memoryview(DATA)])
    store.room = 10 * MIB
    with world.reading(olena.actor) as work:
        offset = uploads.upload_state(work, upload.id).offset
    done = uploads.receive(world.runtime, olena.actor, upload.id, offset, [memoryview(DATA)[offset:]])
    assert world.content(olena.actor, str(done.item_id)) == DATA


def test_a_large_file_rolls_over_into_parts_and_is_read_across_them(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    store = FullStore(world.instance / "objects")
    store.room = 100 * MIB
    with_store(world, store)
    data = bytes(range(256)) * (5 * MIB // 256 + 3)
    added = world.upload(olena.actor, olena.root_id, "parts", data)
    with world.reading(olena.actor) as work:
        reader = service.open_version(work, added.item.id)
        parts = blobs.parts_of(work, added.version.blob_id)
    assert len(parts) > 5
    assert all(path.stat().st_size <= MIB for path in stored(world))
    edge = parts[0].size
    for start, stop in (
        (edge - 3, edge + 3),
        (edge, edge),
        (0, len(data)),
        (edge - 1, 3 * edge + 1),
        (4 * edge, len(data)),
    ):
        assert b"".join(map(bytes, reader.stream(start, stop))) == data[start:stop]


def test_a_refused_upload_takes_its_bytes_back(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person(quota=MIB)
    with pytest.raises(OverQuota):
        world.upload(olena.actor, olena.root_id, "new", DATA)
    assert stored(world) == []


def test_a_connection_cut_in_the_middle_leaves_nothing(world: World) -> None:
    def cut() -> Iterator[bytes]:
        yield DATA
        raise ConnectionResetError

    def take() -> None:
        with blobs.BlobWriter(world.runtime.ports, world.settings) as writer:
            for piece in cut():
                writer.write(piece)

    before = keys(world)
    with pytest.raises(ConnectionResetError):
        take()
    assert keys(world) == before


def test_a_shredded_cloud_is_closed_to_everybody(embedded_world: World) -> None:
    world = embedded_world
    olena, film = some_person(world)
    world.runtime.ports.keyring.destroy(olena.space_id)
    with pytest.raises(KeyDestroyed):
        world.content(olena.actor, film.item.id)
    with pytest.raises(DomainError):
        world.upload(olena.actor, olena.root_id, "new", b"1")


def keys(world: World) -> set[str]:
    found: Iterator[StoredObject] = world.runtime.ports.objects.walk()
    return {one.key for one in found}
