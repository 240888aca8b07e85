"""Pieces that are sent side by side become one file: byte for byte, once, within the room there is."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.api.conftest import Program
from tests.api.test_uploads import MIB, Sender
from tests.jobs.keeping import do_all
from tests.world import Someone, World
from workspace.cloud.models import Part, Upload, WrappedKey
from workspace.cloud.uploads import end_old_uploads
from workspace.db.outbox import Job
from workspace.jobs.errands import join_upload
from workspace.jobs.worker import Worker
from workspace.kernel.actors import COMMAND

Programs = Callable[[Someone], Program]


@pytest.fixture
def olena(world: World) -> Someone:
    return world.make_person("Olena", quota=10 * MIB)


@pytest.fixture
def sender(olena: Someone, program: Programs) -> Sender:
    return Sender(program(olena))


def piece(sender: Sender, data: bytes, length: int | None = None) -> str:
    """The address of a piece that has been sent."""
    headers = {"Upload-Length": str(len(data) if length is None else length), "Upload-Concat": "partial"}
    made = sender.program.send("POST", "/uploads/", headers=headers)
    assert made.status_code == 201, made.get_data(as_text=True)
    sender.patch(made.headers["Location"], 0, data)
    return str(made.headers["Location"])


def join(sender: Sender, pieces: list[str], **metadata: str) -> TestResponse:
    headers = {"Upload-Concat": f"final;{' '.join(pieces)}", "Upload-Metadata": sender.metadata(**metadata)}
    return sender.program.send("POST", "/uploads/", headers=headers)


def job_of(sender: Sender, answer: TestResponse) -> dict[str, object]:
    return dict(sender.program.get(answer.headers["Link"].partition(">")[0].removeprefix("</api/v1")))


def used(sender: Sender) -> int:
    return int(sender.program.get("/spaces")["items"][0]["used"])


def left_behind(world: World) -> tuple[int, ...]:
    """Rows of uploads, of parts and of keys that belong to no file."""
    with world.reading(COMMAND) as work:
        counts = [work.session.scalar(select(func.count()).select_from(table)) for table in (Upload, Part, WrappedKey)]
        return tuple(int(one or 0) for one in counts)


def test_pieces_in_any_order_of_sending_become_the_file_in_the_order_named(
    sender: Sender, olena: Someone, world: World
) -> None:
    data = os.urandom(8 * MIB)
    cuts = [data[: 3 * MIB], data[3 * MIB : 7 * MIB], data[7 * MIB :]]
    last, first, middle = (piece(sender, cuts[one]) for one in (2, 0, 1))
    told = sender.program.send("HEAD", first)
    assert (told.headers["Upload-Concat"], told.headers["Upload-Offset"]) == ("partial", str(3 * MIB))
    digest = sha256(data).hexdigest()
    made = join(
        sender, [first, middle, f"http://localhost{last}"], filename="a.bin", parent=olena.root_id, sha256=digest
    )
    assert made.status_code == 201
    assert "Upload-Offset" not in made.headers
    assert used(sender) == 8 * MIB, "8 of 10 MiB: the file takes the room of its pieces"
    waiting = sender.program.send("HEAD", made.headers["Location"])
    assert (waiting.headers["Upload-Length"], "Upload-Offset" in waiting.headers) == (str(8 * MIB), False)
    assert waiting.headers["Upload-Concat"] == f"final;{first} {middle} {last}"
    assert job_of(sender, made)["state"] == "waiting"
    assert sender.patch(made.headers["Location"], 0, b"x").status_code == 403
    assert sender.program.send("DELETE", first).status_code == 409
    do_all(Worker(world.runtime, reacts=False))
    done = sender.program.send("HEAD", made.headers["Location"])
    assert (done.headers["Upload-Offset"], done.headers["X-Workspace-Sha256"]) == (str(8 * MIB), digest)
    item = done.headers["X-Workspace-Item"]
    job = job_of(sender, made)
    assert (job["state"], job["item"], job["problem"]) == ("done", item, None)
    assert sender.program.api("GET", f"/items/{item}/content").data == data
    assert used(sender) == 8 * MIB
    assert [sender.program.send("HEAD", one).status_code for one in (first, middle, last)] == [404] * 3
    payload = {"upload": made.headers["Location"].rpartition("/")[2], "job": str(job["id"]), "person": olena.id}
    join_upload(world.runtime, payload, lambda _: None)
    assert len(sender.program.get(f"/items/{item}/versions")["items"]) == 1, (
        "a worker that dies at its end does it once"
    )


def test_what_cannot_be_put_together_is_refused(
    sender: Sender, olena: Someone, world: World, program: Programs
) -> None:
    whole, half = piece(sender, b"whole"), piece(sender, b"ha", length=4)
    place = {"filename": "a", "parent": olena.root_id}
    plain = sender.create(1, filename="b", parent=olena.root_id).headers["Location"]
    assert join(sender, [whole, half], **place).status_code == 409
    assert join(sender, [whole, whole], **place).status_code == 422
    assert join(sender, [whole, plain], **place).status_code == 422
    assert join(sender, [f"/uploads/{'0' * 26}"], **place).status_code == 404
    assert join(sender, [whole], filename="a/b", parent=olena.root_id).status_code == 422
    for words in ("final;", "final;/elsewhere/x", "partial;x", "whole", "final;" + " ".join([whole] * 501)):
        headers = {"Upload-Concat": words, "Upload-Metadata": sender.metadata(**place), "Upload-Length": "1"}
        assert sender.program.send("POST", "/uploads/", headers=headers).status_code == 422, words
    stranger = Sender(program(world.make_person("Mykola")))
    assert join(stranger, [whole], **place).status_code == 404
    assert join(sender, [whole], **place).status_code == 201
    assert join(sender, [whole], **place).status_code == 409, "it belongs to another file by now"


def test_other_bytes_than_announced_end_it_and_give_the_room_back(sender: Sender, olena: Someone, world: World) -> None:
    pieces = [piece(sender, os.urandom(MIB)) for _ in range(2)]
    meant = sha256(b"what was meant").hexdigest()
    made = join(sender, pieces, filename="a", parent=olena.root_id, sha256=meant)
    do_all(Worker(world.runtime, reacts=False))
    job = job_of(sender, made)
    assert (job["state"], job["problem"], job["item"]) == ("failed", "checksum_mismatch", None)
    assert sender.program.send("HEAD", made.headers["Location"]).status_code == 404
    assert used(sender) == 0
    assert left_behind(world) == (0, 0, 0)


def test_ended_or_abandoned_pieces_leave_nothing(sender: Sender, olena: Someone, world: World) -> None:
    made = join(sender, [piece(sender, b"abc"), piece(sender, b"def")], filename="a", parent=olena.root_id)
    assert sender.program.send("DELETE", made.headers["Location"]).status_code == 204
    assert (used(sender), left_behind(world)) == (0, (0, 0, 0))
    do_all(Worker(world.runtime, reacts=False))
    assert job_of(sender, made)["problem"] == "not_found"
    piece(sender, b"abandoned")
    join(sender, [piece(sender, b"never put together")], filename="b", parent=olena.root_id)
    world.clock.move(timedelta(days=8))
    with world.writing(COMMAND) as work:
        while end_old_uploads(work):
            pass
    assert (used(sender), left_behind(world)) == (0, (0, 0, 0))


def test_in_somebody_elses_cloud_it_takes_their_room_and_asks_for_the_right_again(
    sender: Sender, olena: Someone, world: World, program: Programs
) -> None:
    mykola = world.make_person("Mykola", quota=MIB)
    theirs = program(mykola)
    folder = theirs.post(f"/items/{mykola.root_id}/children", {"name": "in"})["id"]
    subject = {"kind": "person", "email": olena.email}
    grant = theirs.post(f"/items/{folder}/grants", {"subject": subject, "level": "contribute"})["id"]
    pieces = [piece(sender, os.urandom(300_000)) for _ in range(2)]
    made = join(sender, pieces, filename="a", parent=folder)
    assert theirs.get("/spaces")["items"][0]["used"] == 600_000
    do_all(Worker(world.runtime, reacts=False))
    assert job_of(sender, made)["state"] == "done"
    assert (theirs.get("/spaces")["items"][0]["used"], used(sender)) == (600_000, 0)
    assert join(sender, [piece(sender, os.urandom(500_000))], filename="b", parent=folder).status_code == 507
    late = join(sender, [piece(sender, b"late")], filename="c", parent=folder)
    theirs.api("DELETE", f"/items/{folder}/grants/{grant}")
    do_all(Worker(world.runtime, reacts=False))
    assert job_of(sender, late)["state"] == "failed"
    assert [one["name"] for one in theirs.get(f"/items/{folder}/children")["items"]] == ["a"]
    with world.reading(COMMAND) as work:
        assert work.session.scalars(select(Job).where(Job.done_at.is_(None))).all() == []


def test_of_two_who_put_the_same_pieces_together_at_once_one_does(sender: Sender, olena: Someone, world: World) -> None:
    pieces = [piece(sender, b"one"), piece(sender, b"two")]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda name: join(sender, pieces, filename=name, parent=olena.root_id), "abcd"))
    assert sorted(one.status_code for one in made) == [201, 409, 409, 409]
    do_all(Worker(world.runtime, reacts=False))
    files = sender.program.get(f"/items/{olena.root_id}/children")["items"]
    assert [one["size"] for one in files] == [6]
    assert used(sender) == 6
