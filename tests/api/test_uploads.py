"""The resumable door speaks tus 1.0.0: created, sent in pieces, checked, resumed, ended."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import new, sha256
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import Program
from tests.world import Someone, World

Programs = Callable[[Someone], Program]
BYTES = "application/offset+octet-stream"
MIB = 1 << 20


class Sender:
    """A program that uploads."""

    def __init__(self, program: Program) -> None:
        self.program = program
        program.headers["Tus-Resumable"] = "1.0.0"

    def create(self, length: int, data: bytes | None = None, **metadata: str) -> TestResponse:
        headers = {"Upload-Length": str(length), "Upload-Metadata": self.metadata(**metadata)}
        more: dict[str, Any] = {} if data is None else {"data": data, "content_type": BYTES}
        return self.program.send("POST", "/uploads/", headers=headers, **more)

    def patch(self, address: str, offset: int, data: bytes, **headers: str) -> TestResponse:
        sent = {"Upload-Offset": str(offset)} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.program.send("PATCH", address, data=data, content_type=BYTES, headers=sent)

    def offset(self, address: str) -> int:
        answer = self.program.send("HEAD", address)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    @staticmethod
    def metadata(**values: str) -> str:
        return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in values.items())


@pytest.fixture
def olena(world: World) -> Someone:
    return world.make_person(quota=64 * MIB)


@pytest.fixture
def sender(olena: Someone, program: Programs) -> Sender:
    return Sender(program(olena))


def test_a_file_comes_in_pieces_and_is_whole(sender: Sender, olena: Someone) -> None:
    data = bytes(range(256)) * 12_000
    made = sender.create(len(data), filename="відео.mp4", parent=olena.root_id, filetype="video/mp4", kind="evidence")
    assert (made.status_code, made.headers["Upload-Offset"]) == (201, "0")
    assert made.headers["Upload-Expires"].endswith("GMT")
    address, middle = made.headers["Location"], 1_000_001
    assert sender.patch(address, 0, data[:middle]).headers["Upload-Offset"] == str(middle)
    assert sender.offset(address) == middle
    assert sender.program.get(f"/items/{olena.root_id}/children")["items"] == []
    done = sender.patch(address, middle, data[middle:])
    assert (done.status_code, done.headers["X-Workspace-Sha256"]) == (204, sha256(data).hexdigest())
    assert done.headers["X-Workspace-Replaced"] == "0"
    item = sender.program.get(f"/items/{done.headers['X-Workspace-Item']}")
    assert (item["name"], item["media_type"], item["kind"]) == ("відео.mp4", "video/mp4", "evidence")
    assert sender.program.api("GET", f"/items/{item['id']}/content").data == data


def test_a_small_file_comes_with_its_creation_and_a_second_one_replaces_it(sender: Sender, olena: Someone) -> None:
    first = sender.create(5, b"first", filename="a.txt", parent=olena.root_id)
    assert (first.status_code, first.headers["Upload-Offset"]) == (201, "5")
    again = sender.create(6, b"second", filename="a.txt", parent=olena.root_id)
    assert again.headers["X-Workspace-Item"] == first.headers["X-Workspace-Item"]
    assert again.headers["X-Workspace-Replaced"] == "1"
    empty = sender.create(0, filename="empty", parent=olena.root_id)
    assert empty.headers["X-Workspace-Sha256"] == sha256(b"").hexdigest()


def test_a_dropped_folder_makes_its_folders(sender: Sender, olena: Someone) -> None:
    for name in ("one.txt", "two.txt"):
        made = sender.create(1, b"x", filename=name, parent=olena.root_id, relativePath=f"Двір/2026/{name}")
        assert made.status_code == 201
    hits = sender.program.get("/search?q=txt")["items"]
    assert [[step["name"] for step in one["path"]] for one in hits] == [["", "Двір", "2026"]] * 2
    climbing = sender.create(1, b"x", filename="x", parent=olena.root_id, relativePath="../x")
    assert climbing.status_code == 422


def test_the_wrong_place_the_wrong_bytes_and_too_many_are_refused(sender: Sender, olena: Someone) -> None:
    address = sender.create(10, filename="a.txt", parent=olena.root_id).headers["Location"]
    elsewhere = sender.patch(address, 3, b"xyz")
    assert (elsewhere.status_code, elsewhere.headers["Upload-Offset"]) == (409, "0")
    assert sender.patch(address, 0, b"x" * 11).status_code == 413
    for name, size in (("sha1", 20), ("sha256", 32)):
        wrong = sender.patch(address, 0, b"hello", Upload_Checksum=f"{name} {b64encode(b'0' * size).decode()}")
        assert (wrong.status_code, wrong.get_json()["status"]) == (460, 460)
        assert sender.offset(address) == 0
    assert sender.patch(address, 0, b"hello", Upload_Checksum="crc32 AAAA").status_code == 422
    for number, name in ((0, "sha1"), (5, "sha256")):
        announced = f"{name} {b64encode(new(name, b'hello').digest()).decode()}"
        assert sender.patch(address, number, b"hello", Upload_Checksum=announced).status_code == 204
    assert sender.patch(address, 10, b"").status_code == 204
    assert sender.patch(address, 10, b"more").status_code == 413


def test_an_announced_hash_of_the_whole_is_compared(sender: Sender, olena: Someone) -> None:
    digest = sha256(b"what was meant").hexdigest()
    assert sender.create(4, b"came", filename="a", parent=olena.root_id, sha256=digest).status_code == 460
    assert sender.program.get(f"/items/{olena.root_id}/children")["items"] == []


def test_an_ended_upload_gives_its_room_back(sender: Sender, olena: Someone, world: World) -> None:
    def used() -> int:
        return int(sender.program.get("/spaces")["items"][0]["used"])

    address = sender.create(40 * MIB, filename="big", parent=olena.root_id).headers["Location"]
    assert used() == 40 * MIB
    full = sender.create(40 * MIB, filename="more", parent=olena.root_id, relativePath="New/more")
    assert (full.status_code, full.get_json()["code"]) == (507, "over_quota")
    assert sender.program.get(f"/items/{olena.root_id}/children")["items"] == []
    sender.patch(address, 0, b"x" * 3 * MIB)
    assert sender.program.send("DELETE", address).status_code == 204
    assert used() == 0
    assert sender.program.send("HEAD", address).status_code == 404
    assert sender.patch(address, 3 * MIB, b"x").status_code == 404
    assert list(world.runtime.ports.objects.walk()) == [] or world.stack.name == "grown"


def test_options_tell_what_this_door_can_do(sender: Sender) -> None:
    answer = sender.program.app.test_client().options("/uploads/")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) >= {
        "creation",
        "creation-with-upload",
        "checksum",
        "expiration",
        "termination",
        "concatenation",
    }
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_another_version_of_tus_and_missing_words_are_refused(sender: Sender, olena: Someone) -> None:
    sender.program.headers.pop("Tus-Resumable")
    old = sender.create(1, filename="a", parent=olena.root_id)
    assert (old.status_code, old.headers["Tus-Version"]) == (412, "1.0.0")
    sender.program.headers["Tus-Resumable"] = "1.0.0"
    for headers in ({}, {"Upload-Length": "-1"}, {"Upload-Length": "9" * 30}, {"Upload-Length": "1.5"}):
        assert sender.program.send("POST", "/uploads/", headers=headers).status_code == 422
    huge = sender.create(10**17, filename="a", parent=olena.root_id)
    assert huge.status_code == 413
    for metadata in ("filename !!", "filename YQ==,filename YQ==", "filename /w=="):
        headers = {"Upload-Length": "1", "Upload-Metadata": metadata}
        assert sender.program.send("POST", "/uploads/", headers=headers).status_code == 422
    assert sender.create(1, filename="a/b", parent=olena.root_id).status_code == 422
    assert sender.create(1, filename="a", parent="nowhere").status_code == 404
    address = sender.create(1, filename="a", parent=olena.root_id).headers["Location"]
    form = sender.program.send("PATCH", address, data=b"x", headers={"Upload-Offset": "0"})
    assert form.status_code == 415


def test_nobody_else_sees_or_feeds_an_upload(sender: Sender, olena: Someone, world: World, program: Programs) -> None:
    mykola = world.make_person("Mykola")
    theirs = Sender(program(mykola))
    address = sender.create(4, filename="a", parent=olena.root_id).headers["Location"]
    assert theirs.program.send("HEAD", address).status_code == 404
    assert theirs.patch(address, 0, b"evil").status_code == 404
    assert theirs.program.send("DELETE", address).status_code == 404
    assert theirs.create(1, b"x", filename="a", parent=olena.root_id).status_code == 404
    nobody = sender.program.app.test_client()
    refused = nobody.post("/uploads/", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "1"})
    assert refused.status_code == 401
    assert not refused.headers.get("WWW-Authenticate", "").startswith("Basic")
    assert sender.offset(address) == 0


def test_a_post_may_stand_for_a_patch_or_a_delete(sender: Sender, olena: Someone) -> None:
    address = sender.create(4, filename="a", parent=olena.root_id).headers["Location"]
    headers = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    sent = sender.program.send("POST", address, data=b"full", content_type=BYTES, headers=headers)
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, "4")
    other = sender.create(4, filename="b", parent=olena.root_id).headers["Location"]
    ended = sender.program.send("POST", other, headers={"X-HTTP-Method-Override": "DELETE"})
    assert ended.status_code == 204
    assert sender.program.send("POST", address).status_code == 405
