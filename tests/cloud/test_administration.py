"""Room as administrators see and set it, on both databases."""

from __future__ import annotations

import pytest

from tests.world import World
from workspace.cloud.administration import LARGEST_QUOTA, change_quota, rooms_of, storage_numbers
from workspace.db.facts import FactRow
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import Forbidden, NotAcceptable, NotFound, OverQuota
from workspace.kernel.ids import new_id


def test_room_is_counted_by_person_and_over_all(world: World) -> None:
    olena, taras = world.make_person("Olena"), world.make_person("Taras")
    world.upload(olena.actor, olena.root_id, "a.txt", b"x" * 5000)
    world.upload(olena.actor, olena.root_id, "a.txt", b"y" * 7000)
    with world.reading(COMMAND) as work:
        rooms = rooms_of(work, [olena.id, taras.id, new_id()])
        numbers = storage_numbers(work)
    assert (rooms[olena.id].used, rooms[taras.id].used, len(rooms)) == (12_000, 0, 2)
    assert (numbers.clouds, numbers.used, numbers.stored, numbers.versions) == (2, 12_000, 12_000, 2)
    assert numbers.promised == 2 * world.settings.quota


def test_a_changed_quota_holds_for_the_next_file_and_is_written_down(world: World) -> None:
    olena = world.make_person("Olena")
    world.upload(olena.actor, olena.root_id, "a.txt", b"x" * 5000)
    with world.writing(COMMAND) as work:
        assert change_quota(work, olena.id, 4000).used == 5000
        change_quota(work, olena.id, 4000)
    with pytest.raises(OverQuota):
        world.upload(olena.actor, olena.root_id, "b.txt", b"x")
    with world.reading(COMMAND) as work:
        assert work.session.query(FactRow).filter_by(kind="space.quota_changed").count() == 1


@pytest.mark.parametrize("quota", [-1, LARGEST_QUOTA + 1])
def test_an_impossible_quota_is_refused(embedded_world: World, quota: int) -> None:
    olena = embedded_world.make_person()
    with embedded_world.runtime.writing(COMMAND) as work, pytest.raises(NotAcceptable):
        change_quota(work, olena.id, quota)


def test_nobody_without_an_account_gets_a_cloud(embedded_world: World) -> None:
    with embedded_world.runtime.writing(COMMAND) as work, pytest.raises(NotFound):
        change_quota(work, new_id(), 1000)


def test_a_citizen_neither_sees_nor_sets_room(embedded_world: World) -> None:
    olena = embedded_world.make_person()
    with embedded_world.runtime.writing(olena.actor) as work:
        for question in (
            lambda: rooms_of(work, [olena.id]),
            lambda: storage_numbers(work),
            lambda: change_quota(work, olena.id, 10),
        ):
            with pytest.raises(Forbidden):
                question()
