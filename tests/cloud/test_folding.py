"""Charges of room are folded into one sum while files come in."""

from __future__ import annotations

from tests.world import World
from workspace.cloud.quota import FOLD_AT, charge, used_bytes


def test_room_stays_counted_over_hundreds_of_small_files(world: World) -> None:
    olena = world.make_person()
    for _number in range(FOLD_AT // 16 + 1):
        with world.writing(olena.actor) as work:
            for _file in range(16):
                charge(work, olena.space_id, 5)
    with world.reading(olena.actor) as work:
        assert used_bytes(work, olena.space_id) == 5 * 16 * (FOLD_AT // 16 + 1)
