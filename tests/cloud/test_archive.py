"""A folder or a selection as one ZIP."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.world import Someone, World
from workspace.cloud import archive, trash
from workspace.cloud.archive import safe_name
from workspace.kernel.actors import Actor, Principal, SubjectKind
from workspace.kernel.errors import AccessEnded, NotAcceptable, NotFound
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level

LARGE = bytes(range(256)) * 5000


def zipped(world: World, actor: Actor, *item_ids: str) -> zipfile.ZipFile:
    with world.writing(actor) as work:
        plan = archive.plan_archive(work, item_ids)
    stream = archive.ArchiveStream(world.runtime, actor, plan)
    data = b"".join(stream)
    assert len(data) == stream.length
    found = zipfile.ZipFile(io.BytesIO(data))
    assert found.testzip() is None
    return found


def some_files(world: World, person: Someone) -> str:
    folder_id = world.folder(person.actor, person.root_id, "Підвал")
    inner = world.folder(person.actor, folder_id, "фото")
    world.folder(person.actor, folder_id, "empty")
    world.upload(person.actor, folder_id, "act.txt", b"one")
    world.upload(person.actor, inner, "large.bin", LARGE)
    gone = world.upload(person.actor, inner, "gone.txt", b"thrown away")
    with world.writing(person.actor) as work:
        trash.trash(work, gone.item.id)
    return folder_id


def test_a_folder_comes_as_it_is(world: World) -> None:
    olena = world.make_person()
    folder_id = some_files(world, olena)
    found = zipped(world, olena.actor, folder_id)
    assert sorted(found.namelist()) == ["Підвал/act.txt", "Підвал/empty/", "Підвал/фото/large.bin"]
    assert found.read("Підвал/фото/large.bin") == LARGE
    assert set(zipped(world, olena.actor, olena.root_id).namelist()) == set(found.namelist())


def test_names_that_some_system_would_mix_up_are_told_apart(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    names = ["a", "A", "\u0439", "\u0438\u0306", "x\\..\\y", "con.txt", "C:", "dots...", "<b>"]
    items = [world.upload(olena.actor, olena.root_id, name, name.encode()).item.id for name in names]
    found = zipped(world, olena.actor, *items)
    contents = sorted(found.read(name).decode() for name in found.namelist())
    assert contents == sorted(names)
    assert not any(set(name) & set('\\:<>"|?*') for name in found.namelist())


def test_same_names_from_two_folders_stay_two_files(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    items = []
    for number in range(2):
        folder_id = world.folder(olena.actor, olena.root_id, f"f{number}")
        items.append(world.upload(olena.actor, folder_id, "act.txt", str(number).encode()).item.id)
    found = zipped(world, olena.actor, *items)
    assert sorted(found.namelist()) == ["act (2).txt", "act.txt"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [("CON", "_CON"), ("aux.h", "_aux.h"), ("..", "_"), ("a/b", "a_b"), ("...x", "_...x"), ("a. .", "a"), ("é", "é")],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_only_what_one_may_open_and_only_as_long_as_one_may(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder_id = some_files(world, olena)
    with world.writing(petro.actor) as work, pytest.raises(NotFound):
        archive.plan_archive(work, [folder_id])
    thing = world.thing(folder_id)
    with world.writing(olena.actor) as work:
        grant = sharing.grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
    assert len(zipped(world, petro.actor, folder_id).namelist()) == 3
    assert [(fact.thing_id == folder_id, fact.grant_id) for fact in world.facts("access.downloaded")] == [
        (False, grant.id),
        (False, grant.id),
    ]
    with world.writing(petro.actor) as work:
        plan = archive.plan_archive(work, [folder_id])
    with world.writing(olena.actor) as work:
        sharing.revoke(work, thing, grant.id)
    with pytest.raises(AccessEnded):
        b"".join(archive.ArchiveStream(world.runtime, petro.actor, plan))


def test_nothing_chosen_is_said(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    with world.writing(olena.actor) as work, pytest.raises(NotAcceptable):
        archive.plan_archive(work, [])
