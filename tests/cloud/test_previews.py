"""Previews: made by the worker, seen by those who may open the file, told to its owner."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from tests.world import World
from workspace.cloud import previews, queries, transfer, versions
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import NotFound
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level


def a_photo() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:03:02 07:14:09"
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "navy").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_photo_gets_pictures_and_its_time(world: World) -> None:
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "riser.jpg", a_photo())
    assert previews.make_previews(world.runtime, added.version.id)
    assert not previews.make_previews(world.runtime, added.version.id)
    with world.writing(olena.actor) as work:
        small = previews.open_preview(work, added.item.id)
        view = queries.item(work, added.item.id)
        (line,) = queries.folder(work, olena.root_id).entries
    assert Image.open(io.BytesIO(small.reader.read_all(1 << 20))).size == (320, 213)
    assert [(one.name, one.width) for one in view.previews] == [("large", 900), ("small", 320)]
    assert line.has_preview
    # the camera knew no zone: Kyiv in winter
    assert view.entry.captured_at == datetime(2026, 3, 2, 5, 14, 9, tzinfo=UTC)


def test_what_cannot_be_shown_is_not_tried_again(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    for name, data in {"a.jpg": b"no picture", "b.zip": b"PK", "c.txt": b"", "d.png": b""}.items():
        added = world.upload(olena.actor, olena.root_id, name, data)
        assert not previews.make_previews(world.runtime, added.version.id)
        with world.writing(olena.actor) as work:
            assert queries.item(work, added.item.id).previews == ()
            with pytest.raises(NotFound):
                previews.open_preview(work, added.item.id)
    assert not previews.make_previews(world.runtime, added.item.id)  # no version at all


def test_the_first_lines_of_a_text(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "лист.txt", "Шановні!\n".encode() * 30_000)
    newer = world.upload(olena.actor, olena.root_id, "лист.txt", "Вельмишановні!\n".encode())
    with world.reading(olena.actor) as work:
        text = previews.text_preview(work, added.item.id, added.version.id)
        assert text is not None
        assert text.startswith("Шановні!\nШановні!")
        assert previews.text_preview(work, newer.item.id) == "Вельмишановні!\n"


@pytest.mark.parametrize(
    ("name", "data"), [("a.txt", b""), ("b.txt", b"\0\1\2"), ("c.jpg", b"text"), ("d.bin", b"text")]
)
def test_what_is_no_text_has_no_first_lines_and_nobody_has_seen_any(world: World, name: str, data: bytes) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    added = world.upload(olena.actor, olena.root_id, name, data)
    with world.writing(olena.actor) as work:
        sharing.grant(work, world.thing(added.item.id), Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
    with world.writing(petro.actor) as work:
        assert previews.text_preview(work, added.item.id) is None
    assert world.facts("access.previewed") == []


def test_copies_and_restored_versions_look_the_same(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    added = world.upload(olena.actor, olena.root_id, "riser.jpg", a_photo())
    previews.make_previews(world.runtime, added.version.id)
    world.upload(olena.actor, olena.root_id, "riser.jpg", b"broken")
    with world.writing(olena.actor) as work:
        versions.restore_version(work, added.item.id, added.version.id)
        sharing.grant(work, world.thing(added.item.id), Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
    with world.writing(petro.actor) as work:
        copied = transfer.copy(work, added.item.id, petro.root_id)
    for person, item_id in ((olena, added.item.id), (petro, copied.id)):
        with world.writing(person.actor) as work:
            assert previews.open_preview(work, item_id).reader.read_all(1 << 20)[:4] == b"RIFF"


def test_who_sees_the_picture_stands_in_the_ledger(embedded_world: World) -> None:
    world = embedded_world
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    added = world.upload(olena.actor, olena.root_id, "riser.jpg", a_photo())
    previews.make_previews(world.runtime, added.version.id)
    with world.writing(petro.actor) as work, pytest.raises(NotFound):
        previews.open_preview(work, added.item.id)
    with world.writing(olena.actor) as work:
        sharing.grant(work, world.thing(added.item.id), Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
    with world.writing(petro.actor) as work:
        previews.open_preview(work, added.item.id, "large")
    assert [(fact.person_id, fact.details["version"]) for fact in world.facts("access.previewed")] == [
        (petro.id, added.version.id)
    ]


def test_nothing_of_a_preview_is_readable_on_the_disk(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "a.txt", b"CANARY-9913 " * 50_000)
    with world.reading(olena.actor) as work:
        assert "CANARY-9913" in (previews.text_preview(work, added.item.id) or "")
    holding = [path for path in world.instance.rglob("*") if path.is_file() and b"CANARY-9913" in path.read_bytes()]
    assert holding == []
