"""What is held open in somebody else's cloud ends with the right under which it was opened."""

from __future__ import annotations

import pytest

from tests.jobs.keeping import do_all, keep_log
from tests.world import Someone, World
from workspace.accounts.service import disable
from workspace.cloud import queries, uploads
from workspace.kernel.actors import Actor, Principal, SubjectKind
from workspace.kernel.errors import AccessEnded, NotFound
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level

ADMIN = Actor(administrator=True, host=True)
SIZE = 1000


def used(world: World, person: Someone) -> int:
    with world.reading(person.actor) as work:
        return queries.usage(work, person.space_id).used


def test_an_upload_ends_with_the_grant_and_gives_its_room_back(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder = world.folder(olena.actor, olena.root_id, "Riser")
    with world.writing(olena.actor) as work:
        grant = sharing.grant(work, world.thing(folder), Principal(SubjectKind.PERSON, petro.id), Level.CONTRIBUTE)
        own = uploads.create_upload(work, folder, "mine.bin", SIZE)
    with world.writing(petro.actor) as work:
        upload = uploads.create_upload(work, folder, "film.bin", SIZE)
    uploads.receive(world.runtime, petro.actor, upload.id, 0, [memoryview(bytes(500))])
    do_all(keep_log(world))
    assert used(world, olena) == 2 * SIZE
    with world.writing(olena.actor) as work:
        sharing.revoke(work, world.thing(folder), grant.id)
    with pytest.raises(AccessEnded):
        uploads.receive(world.runtime, petro.actor, upload.id, 500, [memoryview(bytes(500))])
    do_all(keep_log(world))
    assert used(world, olena) == SIZE
    with world.reading(olena.actor) as work:
        assert uploads.upload_state(work, own.id).length == SIZE


def test_an_upload_ends_with_the_account(embedded_world: World) -> None:
    world = embedded_world
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    with world.writing(olena.actor) as work:
        thing = world.thing(olena.root_id)
        sharing.grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.EDIT)
    with world.writing(petro.actor) as work:
        upload = uploads.create_upload(work, olena.root_id, "film.bin", SIZE)
    do_all(keep_log(world))
    with world.writing(ADMIN) as work:
        disable(work, petro.id)
    do_all(keep_log(world))
    assert used(world, olena) == 0
    with world.reading(petro.actor) as work, pytest.raises(NotFound):
        uploads.upload_state(work, upload.id)
