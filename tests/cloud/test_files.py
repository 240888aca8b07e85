"""Files in a personal cloud: put in, opened, given versions, renamed."""

from __future__ import annotations

import hashlib

from tests.world import World


def test_what_goes_in_comes_out(world: World) -> None:
    olena = world.make_person()
    data = bytes(range(256)) * 4096
    added = world.upload(olena.actor, olena.root_id, "Акт.pdf", data)
    assert added.version.sha256 == hashlib.sha256(data).digest()
    assert not added.replaced
    assert world.content(olena.actor, added.item.id) == data
