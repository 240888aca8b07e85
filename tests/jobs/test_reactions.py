"""What follows from a fact: a picture where one can be made, nothing where none can."""

import io

from PIL import Image
from sqlalchemy import select

from tests.jobs.keeping import do_all, keep_log
from tests.world import World
from workspace.cloud.models import Preview
from workspace.db.outbox import Job
from workspace.jobs.reactions import REACTIONS
from workspace.jobs.registry import HANDLERS
from workspace.kernel.actors import WORKER


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (640, 480), "#0e4a45").save(data, "JPEG")
    return data.getvalue()


def jobs(world: World) -> list[tuple[str, str]]:
    with world.reading(WORKER) as work:
        rows = work.session.scalars(select(Job).where(Job.kind == "preview.make")).all()
        return [(one.kind, one.payload["version"]) for one in rows]


def test_a_picture_gets_a_preview_and_a_file_of_which_there_is_none_costs_no_job(world):
    olena = world.make_person()
    seen = world.upload(olena.actor, olena.root_id, "riser.jpg", picture())
    world.upload(olena.actor, olena.root_id, "programs.zip", b"PK\x03\x04 and more")
    world.upload(olena.actor, olena.root_id, "empty.txt", b"")
    worker = keep_log(world)
    assert jobs(world) == [("preview.make", seen.version.id)]
    do_all(worker)
    with world.reading(WORKER) as work:
        assert work.session.scalars(select(Job.last_error).where(Job.last_error.is_not(None))).all() == []
        small = work.session.get_one(Preview, (seen.version.id, "small"))
        assert small.blob_id is not None
    new = world.upload(olena.actor, olena.root_id, "riser.jpg", picture())
    keep_log(world)
    assert new.version.id in {version for _, version in jobs(world)}


def test_every_reaction_has_a_handler():
    assert set(REACTIONS.values()) <= set(HANDLERS)
