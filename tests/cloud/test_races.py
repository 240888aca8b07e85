"""Many at once: never more than there is room for, never a circle, never a lost version."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.world import Someone, World
from workspace.cloud import queries, quota, service, transfer, trash
from workspace.cloud.models import QuotaCharge, Space
from workspace.kernel.errors import DomainError, NameTaken, NotFound, OverQuota

TOGETHER = 12


def all_at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What each of these returned or, for domain errors, raised."""

    def outcome(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except DomainError as error:
            return error

    with ThreadPoolExecutor(TOGETHER) as threads:
        return list(threads.map(outcome, acts))


def used(world: World, person: Someone) -> int:
    with world.reading(person.actor) as work:
        return queries.usage(work, person.space_id).used


@pytest.mark.parametrize(("count", "size", "fits"), [(50, 100_000, 10), (60, 1_000, 60)])
def test_fifty_uploads_at_once_never_pass_the_quota(world: World, count: int, size: int, fits: int) -> None:
    olena = world.make_person(quota=1_000_000)
    sealed = [world.seal(bytes([number]) * size) for number in range(count)]

    def put(number: int) -> None:
        with world.writing(olena.actor) as work:
            service.add_file(work, olena.root_id, f"{number}", sealed[number])

    outcomes = all_at_once([lambda number=number: put(number) for number in range(count)])
    refused = [one for one in outcomes if one is not None]
    assert len(refused) == count - fits
    assert all(isinstance(one, OverQuota) for one in refused)
    assert used(world, olena) == fits * size
    with world.reading(olena.actor) as work:
        assert sum(one.size for one in queries.folder(work, olena.root_id).entries) == fits * size


def test_many_writers_with_much_room_do_not_wait_for_the_space(grown_world: World) -> None:
    world = grown_world
    olena = world.make_person()
    with world.runtime.writing(olena.actor) as first:
        quota.charge(first, olena.space_id, 1000)
        with world.writing(olena.actor) as second:
            quota.charge(second, olena.space_id, 1000)
        first.commit()
    assert used(world, olena) == 2000


def test_charges_are_folded_without_losing_one(world: World) -> None:
    olena = world.make_person()

    def charge() -> None:
        with world.writing(olena.actor) as work:
            quota.charge(work, olena.space_id, 7)

    def fold() -> None:
        with world.writing(olena.actor) as work:
            quota.fold(work, olena.space_id)

    outcomes = all_at_once([charge] * quota.FOLD_AT + [fold] * 5 + [charge] * 40)
    assert set(outcomes) == {None}
    fold()
    with world.reading(olena.actor) as work:
        assert work.session.query(QuotaCharge).count() == 0
        assert work.session.get_one(Space, olena.space_id).used_bytes == 7 * (quota.FOLD_AT + 40)


def test_two_folders_moved_into_each_other_make_no_circle(world: World) -> None:
    olena = world.make_person()
    for number in range(4):
        one, two = (world.folder(olena.actor, olena.root_id, f"{name}{number}") for name in "ab")
        deep = [one, two]
        for level in range(3):
            deep = [world.folder(olena.actor, deep[0], f"{level}"), world.folder(olena.actor, deep[1], f"{level}")]

        def move(item_id: str, target: str) -> None:
            with world.writing(olena.actor) as work:
                transfer.move(work, item_id, target)

        outcomes = all_at_once([lambda: move(one, deep[1]), lambda: move(two, deep[0])])  # noqa: B023
        assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 1
        with world.reading(olena.actor) as work:
            for item_id in (one, two, *deep):
                assert queries.path(work, item_id)[0].id == olena.root_id


def test_one_name_written_by_many_at_once_is_one_file_with_all_versions(world: World) -> None:
    olena = world.make_person()
    sealed = [world.seal(bytes([number])) for number in range(TOGETHER)]

    def put(number: int) -> service.AddedFile:
        with world.writing(olena.actor) as work:
            return service.add_file(work, olena.root_id, "same", sealed[number])

    outcomes = all_at_once([lambda number=number: put(number) for number in range(TOGETHER)])
    assert len({one.item.id for one in outcomes}) == 1
    with world.reading(olena.actor) as work:
        history = queries.versions(work, outcomes[0].item.id)
    assert [one.number for one in history] == list(range(TOGETHER, 0, -1))
    contents = {world.content(olena.actor, outcomes[0].item.id, one.id) for one in history}
    assert contents == {bytes([number]) for number in range(TOGETHER)}


def test_one_folder_name_made_by_many_at_once_is_made_once(world: World) -> None:
    olena = world.make_person()

    def make() -> str:
        with world.writing(olena.actor) as work:
            return service.make_folder(work, olena.root_id, "same").id

    def make_path() -> str:
        with world.writing(olena.actor) as work:
            return service.make_folders(work, olena.root_id, "same/inner").id

    outcomes = all_at_once([make] * 6)
    assert sum(isinstance(one, str) for one in outcomes) == 1
    assert sum(isinstance(one, NameTaken) for one in outcomes) == 5
    assert len(set(all_at_once([make_path] * 6))) == 1


def test_deleting_while_others_put_in_leaves_no_orphan(world: World) -> None:
    olena = world.make_person()
    folder_id = world.folder(olena.actor, olena.root_id, "f")
    sealed = [world.seal(bytes([number])) for number in range(10)]

    def put(number: int) -> str:
        with world.writing(olena.actor) as work:
            return service.add_file(work, folder_id, f"{number}", sealed[number]).item.id

    def delete() -> None:
        with world.writing(olena.actor) as work:
            trash.trash(work, folder_id)
            trash.delete_for_good(work, folder_id)

    acts: list[Callable[[], Any]] = [lambda number=number: put(number) for number in range(10)]
    outcomes = all_at_once([*acts[:5], delete, *acts[5:]])
    assert all(isinstance(one, str | NotFound | None) or one.code == "wrong_state" for one in outcomes)
    with world.reading(olena.actor) as work:
        for one in outcomes:
            if isinstance(one, str):
                try:
                    assert queries.path(work, one)[0].id == olena.root_id
                except NotFound:
                    continue
