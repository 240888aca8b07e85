"""Large files as sync clients send them: a folder of chunks, put together by one MOVE."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask

from tests.api.conftest import basic
from tests.dav.conftest import DavProgram, app_password, found_in
from tests.dav.recorded import DAV
from tests.world import World
from workspace.cloud import queries

MIB = 1 << 20
PIECES = [bytes([65 + number]) * MIB for number in range(3)]
WHOLE = b"".join(PIECES)
CHECKSUM = "SHA256:" + hashlib.sha256(WHOLE).hexdigest()
ID = "/3105526716"


class Uploader:
    """A program with its two trees: files and folders of chunks."""

    def __init__(self, world: World, app: Flask) -> None:
        self.world, self.who = world, world.make_person("Olena")
        secret = app_password(world, self.who)
        self.files = DavProgram(app, self.who.email, secret, f"/remote.php/dav/files/{self.who.id}")
        self.chunks = DavProgram(app, self.who.email, secret, f"/remote.php/dav/uploads/{self.who.id}")

    def open(self, length: int = len(WHOLE)) -> None:
        self.chunks.ask(201, "MKCOL", ID, OC_Total_Length=str(length))

    def send(self, name: str, data: bytes) -> None:
        self.chunks.ask(201, "PUT", f"{ID}/{name}", data)

    def put_together(self, status: int, name: str = "/film.bin", **fields: str):
        fields = {"OC_Total_Length": str(len(WHOLE)), "OC_Checksum": CHECKSUM, "X_OC_Mtime": "1600000000"} | fields
        return self.chunks.ask(status, "MOVE", f"{ID}/.file", Destination=self.files.root + name, **fields)

    def used(self) -> int:
        with self.world.reading(self.who.actor) as work:
            return queries.usage(work, self.who.space_id).used


@pytest.fixture
def olena(world: World, app: Flask) -> Uploader:
    return Uploader(world, app)


@pytest.fixture
def quick(embedded_world: World, embedded_app: Flask) -> Uploader:
    return Uploader(embedded_world, embedded_app)


@pytest.mark.parametrize(
    "names",
    [
        ("0000000000000000", "0000000000000001", "0000000000000002"),
        ("0000000000000000", f"{MIB:016}", f"{2 * MIB:016}"),
        ("000001", "000002", "000003"),
        (f"{0:015}-{MIB:015}", f"{MIB:015}-{2 * MIB:015}", f"{2 * MIB:015}-{3 * MIB:015}"),
    ],
    ids=["Nextcloud", "ownCloud", "Android", "rclone"],
)
def test_chunks_become_the_file_however_the_client_counts(quick: Uploader, names: tuple[str, ...]) -> None:
    quick.open()
    for name, data in zip(names, PIECES, strict=True):
        quick.send(name, data)
    made = quick.put_together(201)
    assert quick.files.ask(200, "GET", "/film.bin").data == WHOLE
    got = quick.files.ask(200, "HEAD", "/film.bin")
    assert (made.headers["ETag"], made.headers["X-OC-MTime"]) == (got.headers["ETag"], "accepted")
    assert made.headers["OC-FileId"]
    assert got.headers["Last-Modified"] == "Sun, 13 Sep 2020 12:26:40 GMT"
    assert quick.used() == len(WHOLE)
    quick.chunks.ask(404, "PROPFIND", ID, Depth="1")


def test_after_a_cut_the_client_lists_what_came_and_goes_on(olena: Uploader) -> None:
    olena.open()
    olena.send("0000000000000000", PIECES[0])
    olena.send("0000000000000001", PIECES[1])
    listed = found_in(olena.chunks.ask(207, "PROPFIND", ID, Depth="1"))
    folder, *chunks = listed
    assert folder == f"{olena.chunks.root}{ID}/"
    assert [href.rpartition("/")[2] for href in chunks] == ["0000000000000000", "0000000000000001"]
    assert sum(int(listed[one][f"{DAV}getcontentlength"].text or 0) for one in chunks) == 2 * MIB
    olena.send("0000000000000002", PIECES[2])
    olena.put_together(201)
    assert olena.files.ask(200, "GET", "/film.bin").data == WHOLE


def test_a_file_is_replaced_only_where_it_is_the_one_that_was_seen(olena: Uploader) -> None:
    seen = olena.files.ask(201, "PUT", "/film.bin", b"old").headers["ETag"]
    olena.open()
    for number, data in enumerate(PIECES):
        olena.send(f"{number:016}", data)
    address = f"{olena.files.root}/film.bin"
    olena.put_together(412, If=f'<{address}> (["another"])')
    olena.put_together(412, User_Agent="Mozilla/5.0 (Linux) mirall/3.7.3git (Nextcloud)")
    assert olena.files.ask(200, "GET", "/film.bin").data == b"old"
    olena.put_together(204, If=f"<{address}> ([{seen}])")
    assert olena.files.ask(200, "GET", "/film.bin").data == WHOLE


@pytest.mark.parametrize(
    "lie", [{"OC_Checksum": "SHA1:" + "0" * 40}, {"OC_Checksum": "SHA256:" + "0" * 64}, {"OC_Total_Length": "17"}]
)
def test_what_is_not_what_was_announced_is_not_stored(quick: Uploader, lie: dict[str, str]) -> None:
    quick.open()
    for number in (1, 0, 2):
        quick.send(f"{number:016}", PIECES[number])
    quick.put_together(400, **lie)
    assert quick.files.names("/") == []
    quick.put_together(201)
    assert quick.files.ask(200, "GET", "/film.bin").data == WHOLE


def test_there_has_to_be_room_before_anything_is_sent(quick: Uploader) -> None:
    quick.chunks.ask(507, "MKCOL", ID, OC_Total_Length=str(10_000_000_001))
    quick.open()
    quick.chunks.ask(405, "MKCOL", ID)


def test_only_ones_own_chunks_and_only_into_ones_own_files(quick: Uploader) -> None:
    other = Uploader(quick.world, quick.files.app)
    quick.open()
    quick.send("1", PIECES[0])
    for method, path in (("PUT", f"{ID}/2"), ("PROPFIND", ID), ("DELETE", ID), ("MOVE", f"{ID}/.file")):
        address = quick.chunks.root + path
        fields = {"Destination": f"{other.files.root}/x", "Depth": "1"}
        answer = other.chunks.app.test_client().open(
            address, method=method, headers={"Authorization": _basic(other)} | fields
        )
        assert answer.status_code == 404, (method, path)
    for destination in ("/dav/personal/x", "https://evil.example/remote.php/webdav/x", "/remote.php/dav/uploads/x", ""):
        answer = quick.chunks.send("MOVE", f"{ID}/.file", Destination=destination)
        assert answer.status_code in (400, 403, 502), destination
    quick.chunks.ask(404, "MOVE", f"{ID}/1", Destination=quick.files.root + "/x")
    for name in ("..", "a", "1x"):
        assert quick.chunks.send("PUT", f"{ID}/{name}", b"x").status_code in (404, 422), name
    quick.chunks.ask(204, "DELETE", ID)
    assert quick.used() == 0


def _basic(uploader: Uploader) -> str:
    return basic(uploader.who.email, uploader.files.secret)
