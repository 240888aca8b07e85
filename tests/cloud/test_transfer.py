"""Moving and copying: no bytes travel, grants stay with what they were given on."""

from __future__ import annotations

import pytest

from tests.world import Someone, World
from workspace.cloud import queries, service, transfer, trash
from workspace.cloud.models import Blob
from workspace.kernel.actors import Actor, Principal, SubjectKind
from workspace.kernel.errors import Forbidden, NameTaken, NotFound, OverQuota, WrongState
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level


def share(world: World, owner: Someone, item_id: str, person: Someone, level: Level) -> str:
    with world.writing(owner.actor) as work:
        return sharing.grant(work, world.thing(item_id), Principal(SubjectKind.PERSON, person.id), level).id


def used(world: World, person: Someone) -> int:
    with world.reading(person.actor) as work:
        return queries.usage(work, person.space_id).used


def epoch(world: World, person: Someone) -> int:
    with world.reading(person.actor) as work:
        return queries.locate_space(work, person.space_id)[0].epoch


def may_open(world: World, actor: Actor, item_id: str) -> bool:
    try:
        world.content(actor, item_id)
    except (NotFound, Forbidden):
        return False
    return True


def test_a_move_keeps_id_history_and_content(world: World) -> None:
    olena = world.make_person()
    folder_id = world.folder(olena.actor, olena.root_id, "2026")
    first = world.upload(olena.actor, olena.root_id, "act.txt", b"one")
    world.upload(olena.actor, olena.root_id, "act.txt", b"two")
    before = epoch(world, olena)
    with world.writing(olena.actor) as work:
        transfer.move(work, first.item.id, folder_id, "deed.txt")
    assert epoch(world, olena) > before
    with world.reading(olena.actor) as work:
        assert [one.name for one in queries.path(work, first.item.id)] == ["", "2026", "deed.txt"]
        assert len(queries.versions(work, first.item.id)) == 2
    assert world.content(olena.actor, first.item.id) == b"two"
    assert used(world, olena) == 6


def test_a_folder_is_never_moved_into_itself(world: World) -> None:
    olena = world.make_person()
    outer = world.folder(olena.actor, olena.root_id, "outer")
    inner = world.folder(olena.actor, outer, "inner")
    for act in (transfer.move, transfer.copy):
        for target in (outer, inner):
            with world.writing(olena.actor) as work, pytest.raises(Forbidden) as refused:
                act(work, outer, target)
            assert refused.value.details["reason"] == "into_itself"
    with world.writing(olena.actor) as work:
        with pytest.raises(WrongState):
            transfer.move(work, olena.root_id, outer)
        with pytest.raises(WrongState):
            transfer.move(work, inner, world.upload_in(work, outer).item.id)


def test_a_name_that_is_taken_stops_a_move(world: World) -> None:
    olena = world.make_person()
    folder_id = world.folder(olena.actor, olena.root_id, "a")
    other = world.folder(olena.actor, olena.root_id, "b")
    world.folder(olena.actor, folder_id, "b")
    added = world.upload(olena.actor, olena.root_id, "file", b"1")
    with world.writing(olena.actor) as work:
        with pytest.raises(NameTaken):
            transfer.move(work, other, folder_id)
        with pytest.raises(NameTaken):
            transfer.move(work, added.item.id, folder_id, "b")
        with pytest.raises(NameTaken):
            transfer.copy(work, other, folder_id)
        assert transfer.move(work, added.item.id, olena.root_id).id == added.item.id


def test_a_program_that_saves_by_moving_over_the_file_makes_a_version(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    document = world.upload(olena.actor, olena.root_id, "letter.odt", b"draft")
    share(world, olena, document.item.id, petro, Level.VIEW)
    saved = world.upload(olena.actor, olena.root_id, "~letter.tmp", b"final!")
    with world.writing(olena.actor) as work:
        assert transfer.move(work, saved.item.id, olena.root_id, "letter.odt").id == document.item.id
    assert world.content(petro.actor, document.item.id) == b"final!"
    with world.reading(olena.actor) as work:
        assert [one.size for one in queries.versions(work, document.item.id)] == [6, 5]
        assert queries.item(work, document.item.id).entry.media_type == "application/vnd.oasis.opendocument.text"
        assert queries.trash_list(work, olena.space_id).lines == ()
        with pytest.raises(NotFound):
            queries.item(work, saved.item.id)
    assert used(world, olena) == 5 + 6


def test_what_has_a_history_of_its_own_goes_to_the_trash_when_moved_over_a_file(world: World) -> None:
    olena = world.make_person()
    target = world.upload(olena.actor, olena.root_id, "a", b"1")
    world.upload(olena.actor, olena.root_id, "b", b"22")
    source = world.upload(olena.actor, olena.root_id, "b", b"333")
    with world.writing(olena.actor) as work:
        transfer.move(work, source.item.id, olena.root_id, "a")
    assert world.content(olena.actor, target.item.id) == b"333"
    with world.reading(olena.actor) as work:
        assert [line.entry.id for line in queries.trash_list(work, olena.space_id).lines] == [source.item.id]
    assert used(world, olena) == 1 + 2 + 3 + 3


def test_a_copy_shares_bytes_but_neither_grants_nor_fate(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    original = world.upload(olena.actor, olena.root_id, "act.pdf", b"x" * 100_000, kind="evidence")
    share(world, olena, original.item.id, petro, Level.VIEW)
    with world.writing(olena.actor) as work:
        blobs = work.session.query(Blob).count()
        copied = transfer.copy(work, original.item.id, olena.root_id)
        assert work.session.query(Blob).count() == blobs
    assert (copied.name, copied.kind) == ("act (2).pdf", "evidence")
    assert may_open(world, petro.actor, original.item.id)
    assert not may_open(world, petro.actor, copied.id)
    assert used(world, olena) == 200_000
    with world.writing(olena.actor) as work:
        trash.trash(work, original.item.id)
        trash.delete_for_good(work, original.item.id)
    assert world.content(olena.actor, copied.id) == b"x" * 100_000
    assert used(world, olena) == 100_000


def test_a_whole_tree_is_copied_without_its_trash_and_history(world: World) -> None:
    olena = world.make_person()
    tree = world.folder(olena.actor, olena.root_id, "tree")
    inner = world.folder(olena.actor, tree, "inner")
    for number in range(7):
        world.upload(olena.actor, inner, f"{number}", b"old")
        world.upload(olena.actor, inner, f"{number}", b"new!")
    with world.writing(olena.actor) as work:
        trash.trash(work, world.upload_in(work, inner).item.id)
    with world.writing(olena.actor) as work:
        copied = transfer.copy(work, tree, olena.root_id, "twin")
    with world.reading(olena.actor) as work:
        (line,) = queries.folder(work, copied.id).entries
        files = queries.folder(work, line.id).entries
    assert [(one.name, one.size, one.version) for one in files] == [(str(number), 4, 1) for number in range(7)]
    assert {world.content(olena.actor, one.id) for one in files} == {b"new!"}


def test_a_copy_into_another_cloud_is_written_into_the_owners_ledger(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder_id = world.folder(olena.actor, olena.root_id, "photos")
    added = world.upload(olena.actor, folder_id, "a.jpg", b"x" * 50_000)
    with world.writing(petro.actor) as work, pytest.raises(NotFound):
        transfer.copy(work, folder_id, petro.root_id)
    grant_id = share(world, olena, folder_id, petro, Level.VIEW)
    with world.writing(petro.actor) as work:
        copied = transfer.copy(work, folder_id, petro.root_id)
    with world.reading(petro.actor) as work:
        (line,) = queries.folder(work, copied.id).entries
    assert (used(world, olena), used(world, petro)) == (50_000, 50_000)
    (fact,) = world.facts("access.downloaded")
    assert (fact.person_id, fact.thing_id, fact.grant_id, fact.space_id) == (
        petro.id, added.item.id, grant_id, olena.space_id,
    )  # fmt: skip
    with world.writing(olena.actor) as work:
        trash.trash(work, added.item.id)
        sharing.revoke(work, world.thing(folder_id), grant_id)
    assert world.content(petro.actor, line.id) == b"x" * 50_000


def test_nothing_is_moved_between_clouds(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    mine = world.folder(olena.actor, olena.root_id, "mine")
    added = world.upload(olena.actor, mine, "a", b"1")
    share(world, olena, mine, petro, Level.EDIT)
    with world.writing(petro.actor) as work, pytest.raises(Forbidden) as refused:
        transfer.move(work, added.item.id, petro.root_id)
    assert refused.value.details["reason"] == "other_space"
    with world.writing(olena.actor) as work, pytest.raises(NotFound):
        transfer.move(work, added.item.id, petro.root_id)


def test_who_may_only_look_or_add_can_do_no_more(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder_id = world.folder(olena.actor, olena.root_id, "f")
    added = world.upload(olena.actor, folder_id, "a", b"1")
    grant_id = share(world, olena, folder_id, petro, Level.VIEW)
    with world.writing(petro.actor) as work:
        for act in (
            lambda: service.make_folder(work, folder_id, "x"),
            lambda: service.rename(work, added.item.id, "x"),
            lambda: transfer.move(work, added.item.id, folder_id, "x"),
            lambda: transfer.copy(work, added.item.id, folder_id, "x"),
            lambda: trash.trash(work, added.item.id),
        ):
            with pytest.raises(Forbidden):
                act()
    with world.writing(olena.actor) as work:
        sharing.revoke(work, world.thing(folder_id), grant_id)
    share(world, olena, folder_id, petro, Level.CONTRIBUTE)
    theirs = world.upload(petro.actor, folder_id, "b", b"2")
    assert theirs.item.made_by == petro.id
    for name in ("a", "b"):
        with pytest.raises(Forbidden):
            world.upload(petro.actor, folder_id, name, b"3")


def test_a_grant_goes_where_its_item_goes_and_nowhere_else(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    shared = world.folder(olena.actor, olena.root_id, "shared")
    private = world.folder(olena.actor, olena.root_id, "private")
    inside = world.upload(olena.actor, shared, "a", b"1")
    outside = world.upload(olena.actor, private, "b", b"2")
    share(world, olena, shared, petro, Level.VIEW)
    with world.writing(olena.actor) as work:
        transfer.move(work, inside.item.id, private)
        transfer.move(work, outside.item.id, shared)
    assert not may_open(world, petro.actor, inside.item.id)
    assert may_open(world, petro.actor, outside.item.id)
    with world.writing(olena.actor) as work:
        trash.trash(work, shared)
    assert not may_open(world, petro.actor, outside.item.id)
    again = world.folder(olena.actor, olena.root_id, "shared")
    fresh = world.upload(olena.actor, again, "b", b"3")
    assert not may_open(world, petro.actor, fresh.item.id)


def test_a_copy_needs_room(world: World) -> None:
    olena = world.make_person(quota=150)
    tree = world.folder(olena.actor, olena.root_id, "tree")
    added = world.upload(olena.actor, tree, "a", b"x" * 100)
    for item_id in (tree, added.item.id):
        with world.writing(olena.actor) as work, pytest.raises(OverQuota) as refused:
            transfer.copy(work, item_id, olena.root_id, "b")
        assert refused.value.details == {"needed": 100, "free": 50}
