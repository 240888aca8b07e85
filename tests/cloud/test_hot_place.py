"""What the hot statements move and throw away lies afterwards as if the verbs had done it, or nothing has happened."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text

from tests.cloud.test_hot import CHANGES, Owner, added, owner
from workspace.cloud import transfer, trash
from workspace.cloud.hot_place import HotPlace, Spot
from workspace.cloud.locks import lock
from workspace.cloud.models import Item, Space
from workspace.cloud.paths import walk
from workspace.db.raw import DRIVER_ERRORS
from workspace.kernel.actors import COMMAND, Door
from workspace.kernel.errors import Forbidden, NotFound

__all__ = ["owner"]


class Desk:
    """An owner with two folders, the first with twins in it: what is done to one carefully is done hot to the other."""

    def __init__(self, owner: Owner) -> None:
        self.owner, self.world = owner, owner.world
        self.actor = owner.person.actor.through(Door.DAV)
        self.places = HotPlace(owner.hot)
        self.root = owner.person.root_id
        self.here = self.world.folder(self.actor, self.root, "here")
        self.there = self.world.folder(self.actor, self.root, "there")
        self.twins: dict[str, str] = {}
        for name in ("one", "two"):
            folder = self.world.folder(self.actor, self.here, f"folder {name}")
            self.world.upload(self.actor, folder, "inside.txt", b"inside")
            self.twins[f"folder {name}"] = folder
            self.twins[f"file {name}"] = self.world.upload(self.actor, self.here, f"file {name}", b"bytes").item.id

    def move(self, name: str, to_folder_id: str, to: str) -> bool:
        standing = self.owner.standing
        return self.places.move(self.actor, standing, Spot(self.here, name), Spot(to_folder_id, to)) is not None

    def trash(self, name: str) -> bool:
        return self.places.trash(self.actor, self.owner.standing, Spot(self.here, name)) is not None

    def left_by(self, act: Callable[[], object], name: str) -> Any:
        """What an act on one of the twins leaves behind, told without saying which of them it was."""
        told = json.dumps(added(self.world, act), default=str, sort_keys=True, ensure_ascii=False)
        for number in ("one", "two"):
            told = told.replace(self.twins[f"{name} {number}"], "THE TWIN").replace(f"{name} {number}", f"{name} N")
        with self.world.reading(COMMAND) as work:
            versions = [work.session.get_one(Item, one).version_id for one in self.twins.values()]
        for one in filter(None, versions):
            told = told.replace(one, "ITS VERSION")
        return json.loads(told)

    def epoch(self) -> int:
        with self.world.reading(COMMAND) as work:
            return work.session.get_one(Space, self.owner.person.space_id).epoch

    def names(self, folder_id: str) -> list[str]:
        with self.world.reading(COMMAND) as work:
            asked = text("SELECT name FROM item WHERE parent_id = :folder AND trashed_at IS NULL ORDER BY name")
            return list(work.session.scalars(asked, {"folder": folder_id}))


@pytest.fixture
def desk(owner: Owner) -> Desk:
    return Desk(owner)


@pytest.mark.parametrize("what", ["file", "folder"])
@pytest.mark.parametrize("how", ["renamed", "moved", "moved and renamed"])
def test_what_is_moved_lies_there_as_if_the_verb_had_moved_it(desk: Desk, what: str, how: str) -> None:
    to_folder_id = desk.here if how == "renamed" else desk.there

    def name(number: str) -> str:
        return f"{what} {number}" if how == "moved" else f"Ґанок {what} {number}.pdf"

    def carefully() -> None:
        with desk.world.writing(desk.actor) as work:
            transfer.move(work, desk.twins[f"{what} one"], to_folder_id, name("one"))
            work.commit()

    careful = desk.left_by(carefully, what)
    epoch = desk.epoch()
    quick = desk.left_by(lambda: desk.move(f"{what} two", to_folder_id, name("two")), what)
    assert quick == careful
    assert [len(quick[table]) for table in ("item", "fact", "folder_change")] == [1, 1, 1 if how == "renamed" else 2]
    assert desk.epoch() == epoch + 1


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_thrown_away_lies_in_the_trash_as_if_the_verb_had_thrown_it(desk: Desk, what: str) -> None:
    def carefully() -> None:
        with desk.world.writing(desk.actor) as work:
            trash.trash(work, desk.twins[f"{what} one"])
            work.commit()

    careful = desk.left_by(carefully, what)
    epoch = desk.epoch()
    assert desk.left_by(lambda: desk.trash(f"{what} two"), what) == careful
    assert desk.epoch() == epoch + 1
    with desk.world.writing(desk.actor) as work:
        trash.restore(work, desk.twins[f"{what} two"])
        work.commit()
    assert f"{what} two" in desk.names(desk.here)


def test_a_name_that_is_there_is_left_to_the_verbs_and_nothing_changes(desk: Desk) -> None:
    epoch = desk.epoch()
    assert not desk.move("file one", desk.here, "file two")
    assert not desk.move("nothing", desk.here, "new")
    assert not desk.trash("nothing")
    assert desk.names(desk.here) == ["file one", "file two", "folder one", "folder two"]
    assert desk.epoch() == epoch


def test_a_lock_anywhere_in_the_cloud_is_left_to_the_verbs(desk: Desk) -> None:
    with desk.world.writing(desk.actor) as work:
        lock(work, desk.twins["folder one"])
        work.commit()
    assert not desk.move("folder one", desk.there, "elsewhere")
    assert not desk.trash("folder two")
    assert desk.names(desk.here) == ["file one", "file two", "folder one", "folder two"]


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_moved_by_who_stands_where_something_has_changed(desk: Desk, change: str) -> None:
    person = desk.owner
    folder = desk.world.folder(desk.actor, desk.root, "papers")
    standing = person.standing
    with desk.world.writing(desk.actor) as work:
        CHANGES[change](work, person, folder)
        work.commit()
    spot = Spot(desk.here, "file one")
    assert desk.places.move(desk.actor, standing, spot, Spot(folder, "file one")) is None
    assert desk.places.trash(desk.actor, standing, spot) is None
    assert "file one" in desk.names(desk.here)


def test_two_folders_moved_into_each_other_at_once_never_leave_the_tree(desk: Desk) -> None:
    """One by the hot statements, one by the verb; whoever is second is refused."""
    one, two = desk.twins["folder one"], desk.twins["folder two"]
    for _ in range(5):
        standing, begin = desk.owner.standing, threading.Barrier(2)

        def quickly(standing: Any = standing, begin: threading.Barrier = begin) -> None:
            begin.wait(60)
            try:
                desk.places.move(desk.actor, standing, Spot(desk.here, "folder one"), Spot(two, "in"))
            except DRIVER_ERRORS:
                return  # the careful way follows then, and is refused

        def carefully(begin: threading.Barrier = begin) -> None:
            begin.wait(60)
            with desk.world.writing(desk.actor) as work, suppress(Forbidden):  # into itself: the other was first
                transfer.move(work, two, one, "in")
                work.commit()

        threads = [threading.Thread(target=act) for act in (quickly, carefully)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with desk.world.writing(desk.actor) as work:
            for folder, name in ((one, "folder one"), (two, "folder two")):
                assert walk(work, folder, ()).thing.lineage[-1] == desk.root
                try:
                    transfer.move(work, folder, desk.here, name)
                except NotFound:  # pragma: no cover - what the test is about
                    raise AssertionError(f"{name} hangs on nothing") from None
            work.commit()
