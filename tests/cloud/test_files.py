"""Files in a personal cloud: put in, opened, given versions, renamed, described."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from tests.world import World
from workspace.cloud import queries, service, versions
from workspace.cloud.service import ABSENT
from workspace.kernel.errors import (
    Damaged,
    Forbidden,
    NameNotAllowed,
    NameTaken,
    NotAcceptable,
    NotFound,
    PreconditionFailed,
    RangeNotSatisfiable,
    WrongState,
)

MIB = 1 << 20
LARGE = bytes(range(251)) * (3 * MIB // 251)


def test_what_goes_in_comes_out(world: World) -> None:
    olena = world.make_person()
    for name, data in {"empty": b"", "small.txt": b"one line\n", "large.bin": LARGE}.items():
        added = world.upload(olena.actor, olena.root_id, name, data)
        assert added.version.sha256 == hashlib.sha256(data).digest()
        assert added.item.size == len(data)
        assert not added.replaced
        assert world.content(olena.actor, added.item.id) == data


def test_nothing_readable_lies_on_the_disk(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    world.upload(olena.actor, olena.root_id, "small.txt", b"CANARY-7261 " * 10)
    added = world.upload(olena.actor, olena.root_id, "large.txt", b"CANARY-7261 " * 200_000)
    with world.writing(olena.actor) as work:
        service.describe(work, added.item.id, note="CANARY-7261")
    holding = [path for path in world.instance.rglob("*") if path.is_file() and b"CANARY-7261" in path.read_bytes()]
    assert holding == []
    assert any(path.stat().st_size > MIB for path in (world.instance / "objects").rglob("*") if path.is_file())


def test_the_same_name_makes_a_new_version_of_the_same_file(world: World) -> None:
    olena = world.make_person()
    first = world.upload(olena.actor, olena.root_id, "act.txt", b"one")
    second = world.upload(olena.actor, olena.root_id, "act.txt", LARGE, kind="evidence")
    assert second.replaced
    assert second.item.id == first.item.id
    with world.reading(olena.actor) as work:
        history = queries.versions(work, first.item.id)
        view = queries.item(work, first.item.id)
    assert [(one.number, one.newest, one.size) for one in history] == [(2, True, len(LARGE)), (1, False, 3)]
    assert (view.entry.kind, view.entry.version, view.entry.size) == ("evidence", 2, len(LARGE))
    assert view.sha256 == hashlib.sha256(LARGE).digest()
    assert world.content(olena.actor, first.item.id, first.version.id) == b"one"


def test_an_old_version_becomes_the_newest_without_losing_the_others(world: World) -> None:
    olena = world.make_person()
    first = world.upload(olena.actor, olena.root_id, "act.txt", b"one")
    world.upload(olena.actor, olena.root_id, "act.txt", b"two!")
    with world.writing(olena.actor) as work:
        versions.restore_version(work, first.item.id, first.version.id)
    assert world.content(olena.actor, first.item.id) == b"one"
    with world.reading(olena.actor) as work:
        history = queries.versions(work, first.item.id)
        assert [(one.number, one.restored_from) for one in history] == [(3, 1), (2, None), (1, None)]
        assert queries.usage(work, olena.space_id).used == 3 + 4 + 3


def test_a_program_overwrites_only_what_it_has_seen(world: World) -> None:
    olena = world.make_person()
    first = world.upload(olena.actor, olena.root_id, "a", b"1", if_version=ABSENT)
    second = world.upload(olena.actor, olena.root_id, "a", b"2", if_version=first.version.id)
    for seen in (ABSENT, first.version.id):
        with pytest.raises(PreconditionFailed):
            world.upload(olena.actor, olena.root_id, "a", b"3", if_version=seen)
    with pytest.raises(PreconditionFailed):
        world.upload(olena.actor, olena.root_id, "b", b"3", if_version=first.version.id)
    assert world.content(olena.actor, second.item.id) == b"2"


def test_ranges_are_slices(world: World) -> None:
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "large.bin", LARGE)
    with world.reading(olena.actor) as work:
        reader = service.open_version(work, added.item.id)
    segment = 1 << 18
    for start, stop in (
        (0, 1),
        (5, 5),
        (segment - 1, segment + 1),
        (segment, 3 * segment),
        (len(LARGE) - 1, len(LARGE)),
    ):
        assert b"".join(map(bytes, reader.stream(start, stop))) == LARGE[start:stop]
    for start, stop in ((0, len(LARGE) + 1), (-1, 5), (9, 8), (len(LARGE) + 1, len(LARGE) + 1)):
        with pytest.raises(RangeNotSatisfiable) as refused:
            reader.stream(start, stop)
        assert refused.value.details["size"] == len(LARGE)


def test_no_byte_of_a_damaged_part_is_served(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "large.bin", LARGE)
    (part,) = (path for path in (world.instance / "objects").rglob("*") if path.is_file())
    sealed = bytearray(part.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    part.write_bytes(sealed)
    with world.reading(olena.actor) as work:
        reader = service.open_version(work, added.item.id)
    served = bytearray()
    with pytest.raises(Damaged):
        served.extend(b for piece in reader.stream() for b in piece)
    assert LARGE.startswith(served)
    part.unlink()
    with pytest.raises(Damaged):
        next(reader.stream())


def test_names_are_kept_as_they_came_and_twins_stay_apart(world: World) -> None:
    olena = world.make_person()
    names = [
        "Київ.txt",
        "\u0439",
        "\u0438\u0306",
        "a",
        "A",
        "ß",
        "SS",
        "con",
        " x ",
        "-rf",
        ".htaccess",
        "a\nb",
        "я" * 127,
    ]
    for name in names:
        added = world.upload(olena.actor, olena.root_id, name, name.encode())
        assert not added.replaced
    with world.reading(olena.actor) as work:
        page = queries.folder(work, olena.root_id)
        found = {one.name: one.id for one in page.entries}
        by_name = {name: queries.by_path(work, olena.space_id, f"/{name}")[0].id for name in names}
    assert set(found) == set(names)
    assert by_name == found
    for name in names:
        assert world.content(olena.actor, found[name]) == name.encode()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0", "\ud800", "я" * 128])
def test_what_cannot_be_a_name_is_refused(embedded_world: World, name: str) -> None:
    world = embedded_world
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "a", b"1")
    with pytest.raises(NameNotAllowed):
        world.upload(olena.actor, olena.root_id, name, b"1")
    with world.writing(olena.actor) as work:
        with pytest.raises(NameNotAllowed):
            service.make_folder(work, olena.root_id, name)
        with pytest.raises(NameNotAllowed):
            service.rename(work, added.item.id, name)


def test_renaming_keeps_the_file_and_refuses_a_taken_name(world: World) -> None:
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "a", b"1")
    world.folder(olena.actor, olena.root_id, "b")
    with world.writing(olena.actor) as work:
        assert service.rename(work, added.item.id, "c").id == added.item.id
    with world.writing(olena.actor) as work:
        with pytest.raises(NameTaken):
            service.rename(work, added.item.id, "b")
        with pytest.raises(NameTaken):
            service.make_folder(work, olena.root_id, "c")
        with pytest.raises(WrongState):
            service.rename(work, olena.root_id, "home")
    with pytest.raises(NameTaken):
        world.upload(olena.actor, olena.root_id, "b", b"a file where a folder is")


def test_folders_of_a_dropped_folder_are_made_once(world: World) -> None:
    olena = world.make_person()
    with world.writing(olena.actor) as work:
        deep = service.make_folders(work, olena.root_id, "2026/03/фото")
    with world.writing(olena.actor) as work:
        assert service.make_folders(work, olena.root_id, "2026//03/фото/").id == deep.id
        assert [one.name for one in queries.path(work, deep.id)] == ["", "2026", "03", "фото"]
    world.upload(olena.actor, deep.id, "a", b"1")
    with world.writing(olena.actor) as work, pytest.raises(NameTaken):
        service.make_folders(work, olena.root_id, "2026/03/фото/a/b")


def test_an_item_is_described(world: World) -> None:
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "a.jpg", b"1")
    taken = datetime(2026, 3, 2, 7, 14, tzinfo=UTC)
    with world.writing(olena.actor) as work:
        service.describe(work, added.item.id, kind="evidence", note="Лопнула труба", captured_at=taken)
    with world.writing(olena.actor) as work:
        view = queries.item(work, added.item.id)
        assert (view.entry.kind, view.note, view.entry.captured_at) == ("evidence", "Лопнула труба", taken)
        service.describe(work, added.item.id, note="")
        assert queries.item(work, added.item.id).note == ""
        for wrong in ({"kind": "secret"}, {"note": "x" * 10_001}):
            with pytest.raises(NotAcceptable):
                service.describe(work, added.item.id, **wrong)  # type: ignore[arg-type]


def test_a_stranger_gets_what_a_random_id_gets(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    added = world.upload(olena.actor, olena.root_id, "a", b"1")
    with world.writing(petro.actor) as work:
        for act in (
            lambda: service.open_version(work, added.item.id),
            lambda: queries.item(work, added.item.id),
            lambda: queries.folder(work, olena.root_id),
            lambda: queries.versions(work, added.item.id),
            lambda: queries.path(work, added.item.id),
            lambda: queries.usage(work, olena.space_id),
            lambda: queries.trash_list(work, olena.space_id),
            lambda: queries.by_path(work, olena.space_id, "/a"),
            lambda: service.make_folder(work, olena.root_id, "x"),
            lambda: service.rename(work, added.item.id, "x"),
            lambda: service.describe(work, added.item.id, kind="draft"),
            lambda: versions.restore_version(work, added.item.id, added.version.id),
        ):
            with pytest.raises(NotFound):
                act()
        assert queries.item_names(work, [added.item.id, olena.root_id]) == {}
    with pytest.raises(NotFound):
        world.upload(petro.actor, olena.root_id, "a", b"2")


def test_nobody_owns_what_a_body_holds(world: World) -> None:
    petro, body = world.make_person(), world.make_body()
    official = world.appoint(petro, body)
    with world.writing(official) as work, pytest.raises((NotFound, Forbidden)):
        service.make_folder(work, body.root_id, "x")
