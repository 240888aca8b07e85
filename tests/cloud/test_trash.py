"""Trash: thrown away, taken back, deleted for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import Someone, World
from workspace.cloud import queries, service, trash
from workspace.cloud.models import Blob, Item, Preview, Version
from workspace.exchange.models import Comment
from workspace.exchange.service import comment
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.kernel.errors import Forbidden, NotFound, WrongState
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level


def throw(world: World, person: Someone, *item_ids: str) -> None:
    with world.writing(person.actor) as work:
        for item_id in item_ids:
            trash.trash(work, item_id)


def names(world: World, person: Someone, folder_id: str) -> list[str]:
    with world.reading(person.actor) as work:
        return [one.name for one in queries.folder(work, folder_id).entries]


def used(world: World, person: Someone) -> int:
    with world.reading(person.actor) as work:
        return queries.usage(work, person.space_id).used


def test_what_is_thrown_away_comes_back_with_all_that_lay_in_it(world: World) -> None:
    olena = world.make_person()
    folder_id = world.folder(olena.actor, olena.root_id, "a")
    added = world.upload(olena.actor, folder_id, "b", b"12345")
    throw(world, olena, folder_id)
    with pytest.raises(NotFound):
        world.content(olena.actor, added.item.id)
    with world.reading(olena.actor) as work:
        (line,) = queries.trash_list(work, olena.space_id).lines
    assert (line.entry.id, line.trashed_by, [one.name for one in line.path]) == (folder_id, olena.id, [""])
    assert used(world, olena) == 5
    with world.writing(olena.actor) as work:
        trash.restore(work, folder_id)
    assert world.content(olena.actor, added.item.id) == b"12345"


def test_a_taken_name_or_a_lost_folder_does_not_stop_coming_back(world: World) -> None:
    olena = world.make_person()
    folder_id = world.folder(olena.actor, olena.root_id, "a")
    first = world.upload(olena.actor, folder_id, "act.pdf", b"1")
    throw(world, olena, first.item.id)
    world.upload(olena.actor, folder_id, "act.pdf", b"2")
    with world.writing(olena.actor) as work:
        assert trash.restore(work, first.item.id).name == "act (2).pdf"
    throw(world, olena, first.item.id, folder_id)
    with world.writing(olena.actor) as work:
        assert trash.restore(work, first.item.id).parent_id == olena.root_id
        with pytest.raises(WrongState):
            trash.restore(work, first.item.id)
    other = world.folder(olena.actor, olena.root_id, "b")
    with world.writing(olena.actor) as work:
        with pytest.raises(Forbidden):
            trash.restore(work, folder_id, to_folder_id=world.make_person("Petro").root_id)
        assert trash.restore(work, folder_id, to_folder_id=other).parent_id == other


def test_deleted_for_good_gives_room_back_and_lets_the_bytes_go(world: World) -> None:
    olena = world.make_person()
    folder_id = world.folder(olena.actor, olena.root_id, "a")
    added = world.upload(olena.actor, folder_id, "b", b"x" * 100_000)
    world.upload(olena.actor, folder_id, "b", b"y" * 100_000)
    kept = world.upload(olena.actor, olena.root_id, "c", b"z")
    with world.writing(olena.actor) as work, pytest.raises(WrongState):
        trash.delete_for_good(work, folder_id)
    world.clock.move(timedelta(days=2))
    throw(world, olena, folder_id)
    with world.writing(olena.actor) as work:
        assert trash.delete_for_good(work, folder_id) == 200_000
    assert used(world, olena) == 1
    with world.reading(olena.actor) as work:
        assert work.session.query(Version).count() == 1
        assert work.session.query(Item).count() == 2
        let_go = work.session.get_one(Blob, added.version.blob_id)
        assert let_go.made_at == world.clock.now(), "the grace period of the bytes begins now"
    assert world.content(olena.actor, kept.item.id) == b"z"
    assert [fact.thing_id for fact in world.facts("item.deleted")] == [folder_id]


def test_emptying_the_trash_takes_comments_along(world: World) -> None:
    olena = world.make_person()
    gone = world.folder(olena.actor, olena.root_id, "gone")
    inner = world.upload(olena.actor, gone, "a", b"1")
    other = world.upload(olena.actor, olena.root_id, "b", b"22")
    with world.writing(olena.actor) as work:
        comment(work, inner.item.id, "a remark")
    throw(world, olena, inner.item.id, gone, other.item.id)
    with world.writing(olena.actor) as work:
        assert trash.empty_trash(work, olena.space_id) in (2, 3)
    with world.reading(olena.actor) as work:
        assert queries.trash_list(work, olena.space_id).lines == ()
        assert work.session.query(Comment).count() == 0
    assert used(world, olena) == 0


def test_old_trash_empties_itself(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    old, young = (world.folder(olena.actor, olena.root_id, name) for name in ("old", "young"))
    throw(world, olena, old)
    world.clock.move(timedelta(days=world.settings.trash_days, seconds=-1))
    throw(world, olena, young)
    with world.writing(WORKER) as work:
        assert trash.empty_old_trash(work) == 0
    world.clock.move(timedelta(seconds=2))
    with world.writing(WORKER) as work:
        assert trash.empty_old_trash(work) == 1
    with world.reading(olena.actor) as work:
        assert [line.entry.id for line in queries.trash_list(work, olena.space_id).lines] == [young]
    with pytest.raises(Forbidden), world.writing(olena.actor) as work:
        trash.empty_old_trash(work)


def test_an_editor_may_throw_away_and_take_back_but_not_delete(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder_id = world.folder(olena.actor, olena.root_id, "a")
    added = world.upload(olena.actor, folder_id, "b", b"1")
    with world.writing(olena.actor) as work:
        sharing.grant(work, world.thing(folder_id), Principal(SubjectKind.PERSON, petro.id), Level.EDIT)
    throw(world, petro, added.item.id)
    with world.writing(petro.actor) as work:
        for act in (
            lambda: trash.delete_for_good(work, added.item.id),
            lambda: trash.empty_trash(work, olena.space_id),
            lambda: queries.trash_list(work, olena.space_id),
        ):
            with pytest.raises((Forbidden, NotFound)):
                act()
        trash.restore(work, added.item.id)
    assert names(world, olena, folder_id) == ["b"]


def test_the_beginning_of_a_cloud_stays(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    with world.writing(olena.actor) as work, pytest.raises(WrongState):
        trash.trash(work, olena.root_id)


def test_a_long_trash_is_shown_page_by_page(world: World) -> None:
    olena = world.make_person()
    items = [world.folder(olena.actor, olena.root_id, f"{number}") for number in range(9)]
    for number, item_id in enumerate(items):
        throw(world, olena, item_id)
        if number % 2:
            world.clock.move(timedelta(seconds=1))
    seen, cursor = [], None
    with world.reading(olena.actor) as work:
        while True:
            page = queries.trash_list(work, olena.space_id, cursor, limit=2)
            seen += [line.entry.id for line in page.lines]
            cursor = page.cursor
            if cursor is None:
                break
    assert sorted(seen) == sorted(items)
    assert len(seen) == len(set(seen))
    assert seen[0] in items[-1:]


def test_previews_go_with_their_file(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "a", b"1")
    with world.writing(olena.actor) as work:
        work.session.add(Preview(version_id=added.version.id, size_name="small", made_at=work.now))
        service.describe(work, added.item.id, note="n")
    throw(world, olena, added.item.id)
    with world.writing(olena.actor) as work:
        trash.delete_for_good(work, added.item.id)
    with world.reading(olena.actor) as work:
        assert work.session.query(Preview).count() == 0
