"""Folders tell of changes below them: what `test_machine.py` proves of every verb holds for rights and many writers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, text

from tests.world import Someone, World
from workspace.cloud import etags, queries, service, transfer
from workspace.db.folder_changes import FolderChange
from workspace.db.work import Work
from workspace.jobs import kinds
from workspace.jobs.registry import HANDLERS
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level


def read_etags(world: World, person: Someone, *folder_ids: str) -> list[str]:
    with world.writing(person.actor) as work:
        etags.fold_changes(work, person.space_id)
        return [queries.item(work, one).entry.etag for one in folder_ids]


def changed(world: World, person: Someone, folder_ids: list[str], before: list[str]) -> list[bool]:
    return [one != two for one, two in zip(before, read_etags(world, person, *folder_ids), strict=True)]


def pending(work: Work) -> int:
    return work.session.scalar(select(func.count()).select_from(FolderChange)) or 0


@pytest.fixture
def line(world: World) -> tuple[World, Someone, list[str]]:
    """Folders in each other, the root first, and one beside."""
    olena = world.make_person()
    one = world.folder(olena.actor, olena.root_id, "one")
    return world, olena, [
        olena.root_id, one, world.folder(olena.actor, one, "two"), world.folder(olena.actor, one, "beside")
    ]  # fmt: skip


def test_a_right_given_changed_and_taken_away_changes_every_folder_above(line) -> None:
    world, olena, folders = line
    petro = world.make_person("Petro")
    file = world.upload(olena.actor, folders[2], "act.txt", b"1")
    for thing_id, touched in ((file.item.id, [True, True, True, False]), (folders[2], [True, True, True, False])):
        thing, subject = world.thing(thing_id), Principal(SubjectKind.PERSON, petro.id)
        before = read_etags(world, olena, *folders)
        with world.writing(olena.actor) as work:
            grant = sharing.grant(work, thing, subject, Level.VIEW)
        assert changed(world, olena, folders, before) == touched
        before = read_etags(world, olena, *folders)
        with world.writing(olena.actor) as work:
            sharing.grant(work, thing, subject, Level.EDIT, valid_until=work.now + timedelta(days=1))
        assert changed(world, olena, folders, before) == touched
        before = read_etags(world, olena, *folders)
        with world.writing(olena.actor) as work:
            sharing.revoke(work, thing, grant.id)
        assert changed(world, olena, folders, before) == touched


def test_what_others_change_in_a_shared_folder_its_owner_sees(line) -> None:
    world, olena, folders = line
    petro = world.make_person("Petro")
    with world.writing(olena.actor) as work:
        sharing.grant(work, world.thing(folders[1]), Principal(SubjectKind.PERSON, petro.id), Level.EDIT)
    before = read_etags(world, olena, *folders)
    world.upload(petro.actor, folders[2], "from petro.txt", b"1")
    assert changed(world, olena, folders, before) == [True, True, True, False]


def test_a_change_in_a_folder_that_moved_before_it_was_told_reaches_the_new_place(line) -> None:
    world, olena, folders = line
    _, _, two, beside = folders
    before = read_etags(world, olena, *folders)
    world.upload(olena.actor, two, "act.txt", b"1")
    with world.writing(olena.actor) as work:
        transfer.move(work, two, beside)
    assert changed(world, olena, folders, before) == [True, True, True, True]


def test_a_change_that_is_committed_while_others_are_told_is_told_next_time(grown_world: World) -> None:
    world = grown_world
    olena = world.make_person()
    folder = world.folder(olena.actor, olena.root_id, "folder")
    with world.runtime.writing(olena.actor) as slow:
        service.make_folder(slow, folder, "slow")
        world.upload(olena.actor, folder, "quick", b"1")
        told = read_etags(world, olena, olena.root_id, folder)
        slow.commit()
    assert changed(world, olena, [olena.root_id, folder], told) == [True, True]


def test_a_writer_never_waits_for_another_ones_folders(grown_world: World) -> None:
    """One root above both, and neither change is committed: with the ETags written at once the second would wait."""
    world = grown_world
    olena = world.make_person()
    folders = [world.folder(olena.actor, olena.root_id, name) for name in "ab"]
    with world.runtime.writing(olena.actor) as first, world.runtime.writing(olena.actor) as second:
        for work, folder in zip((first, second), folders, strict=True):
            work.session.execute(text("SET LOCAL lock_timeout = '10s'"))
            world.upload_in(work, folder)
        second.commit()
        first.commit()


def test_many_writers_and_readers_at_once_lose_no_change(line) -> None:
    world, olena, folders = line

    def put(number: int) -> None:
        world.upload(olena.actor, folders[1 + number % 3], f"{number}", b"1")

    def look(_number: int) -> None:
        read_etags(world, olena, *folders)

    before = read_etags(world, olena, *folders)
    with ThreadPoolExecutor(8) as threads:
        acts = [threads.submit(act, number) for number in range(15) for act in (put, look)]
        for act in acts:
            act.result()
    assert changed(world, olena, folders, before) == [True] * 4
    with world.reading(WORKER) as work:
        assert pending(work) == 0
        assert not etags.etags_are_old(work, olena.space_id)


def test_nothing_changed_costs_one_look_into_an_index(line) -> None:
    world, olena, folders = line
    read_etags(world, olena, *folders)
    asked: list[str] = []
    with world.reading(olena.actor) as work:
        work.session.connection()
        event.listen(world.runtime.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        assert not etags.etags_are_old(work, olena.space_id)
    assert len(asked) == 1
    if world.stack.name == "embedded":
        with world.reading(olena.actor) as work:
            plan = work.session.execute(text(f"EXPLAIN QUERY PLAN {asked[0].replace('?', ':space')}"), {"space": "x"})
            assert "SEARCH folder_change USING PRIMARY KEY (space_id=?)" in str(plan.all())


def test_changes_that_nobody_asks_about_are_told_by_the_worker(line) -> None:
    world, _, _ = line
    with world.reading(WORKER) as work:
        assert pending(work) > 0
    HANDLERS[kinds.FOLD_CHANGES](world.runtime, {}, lambda _progress: None)
    with world.reading(WORKER) as work:
        assert pending(work) == 0
