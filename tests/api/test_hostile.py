"""What strangers' pages, crowds and odd programs try on these doors."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from tests.api.conftest import Program
from tests.web.files_site import FilesSite, Reader
from tests.world import Someone, World

Programs = Callable[[Someone], Program]


@pytest.fixture
def olena(embedded_world: World) -> Reader:
    """In a browser, with a session."""
    return FilesSite(embedded_world).reader()


def creation(reader: Reader) -> dict[str, str]:
    assert reader.someone is not None
    pairs = {"filename": "planted.txt", "parent": reader.someone.root_id}
    metadata = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return {"Tus-Resumable": "1.0.0", "Upload-Length": "0", "Upload-Metadata": metadata}


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"X-CSRFToken": "made up"},
        {},
    ],
)
def test_another_site_cannot_upload_with_somebodys_session(olena: Reader, sent: dict[str, str]) -> None:
    refused = olena.client.post("/uploads/", headers=creation(olena) | sent)
    assert refused.status_code == 403
    assert "planted.txt" not in olena.page("/files")


def test_our_own_page_uploads_with_its_token(olena: Reader) -> None:
    made = olena.client.post("/uploads/", headers=creation(olena) | {"X-CSRFToken": olena.token()})
    assert made.status_code == 201
    assert "planted.txt" in olena.page("/files")


def test_both_compositions_of_a_name_are_two_files(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    names = [unicodedata.normalize(form, "Київ й.txt") for form in ("NFC", "NFD")]
    for name in names:
        assert mine.store(olena.root_id, quote(name), name.encode())["replaced"] is False
    found = {one["name"]: one["id"] for one in mine.get(f"/items/{olena.root_id}/children")["items"]}
    assert set(found) == set(names)
    for name in names:
        assert mine.api("GET", f"/items/{found[name]}/content").data == name.encode()


@pytest.mark.parametrize("name", [".", "..", "%00", "a%00b", "a" * 256, "я" * 128, "%ff", "%ed%a0%80"])
def test_a_name_that_no_file_can_have_is_refused(embedded_world: World, embedded_program: Programs, name: str) -> None:
    olena = embedded_world.make_person()
    mine = embedded_program(olena)
    answer = mine.api("PUT", f"/items/{olena.root_id}/files/{name}", data=b"x")
    stored = mine.get(f"/items/{olena.root_id}/children")["items"]
    # an address is decoded with replacement, so that half a character becomes a whole other name, never a crash
    assert answer.status_code in (404, 405, 422) or "\ufffd" in stored[0]["name"]
    assert not (embedded_world.instance / "objects" / name).exists()


def test_a_thousand_ranges_get_the_whole_file_once(embedded_world: World, embedded_program: Programs) -> None:
    olena = embedded_world.make_person()
    mine, data = embedded_program(olena), b"x" * 5000
    item = mine.store(olena.root_id, "a.bin", data)["item"]
    many = "bytes=" + ",".join("0-" for _ in range(1000))
    answer = mine.api("GET", f"/items/{item}/content", headers={"Range": many})
    assert (answer.status_code, answer.data) == (200, data)


def test_a_crowd_of_uploads_never_takes_more_than_there_is(world: World, program: Programs) -> None:
    quota, size = 400_000, 50_000
    olena = world.make_person(quota=quota)
    mine = program(olena)

    def put(number: int) -> int:
        return mine.api("PUT", f"/items/{olena.root_id}/files/{number}.bin", data=b"x" * size).status_code

    with ThreadPoolExecutor(8) as crowd:
        statuses = list(crowd.map(put, range(24)))
    stored = mine.get(f"/items/{olena.root_id}/children")["items"]
    assert set(statuses) == {201, 507}
    assert len(stored) == statuses.count(201) == quota // size
    assert mine.get("/spaces")["items"][0]["used"] == quota


def test_of_many_who_replace_the_same_version_one_wins(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    first = mine.store(olena.root_id, "a.txt", b"first")
    seen = {"If-Match": f'"{first["version"]}"'}

    def replace(number: int) -> int:
        content = f"/items/{first['item']}/content"
        return mine.api("PUT", content, data=f"{number}".encode(), headers=seen).status_code

    with ThreadPoolExecutor(8) as crowd:
        statuses = sorted(crowd.map(replace, range(8)))
    assert statuses == [200] + [412] * 7
    assert len(mine.get(f"/items/{first['item']}/versions")["items"]) == 2


def test_of_many_who_rename_the_same_state_one_wins(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    item = mine.store(olena.root_id, "a.txt", b"")["item"]
    seen = {"If-Match": mine.api("GET", f"/items/{item}").headers["ETag"]}

    def rename(number: int) -> int:
        return mine.api("PATCH", f"/items/{item}", json={"name": f"{number}.txt"}, headers=seen).status_code

    with ThreadPoolExecutor(8) as crowd:
        assert sorted(crowd.map(rename, range(8))) == [200] + [412] * 7


def test_two_folders_moved_into_each_other_make_no_circle(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    left, right = (mine.post(f"/items/{olena.root_id}/children", {"name": name})["id"] for name in ("l", "r"))

    def move(pair: tuple[str, str]) -> int:
        return mine.api("PATCH", f"/items/{pair[0]}", json={"parent": pair[1]}).status_code

    with ThreadPoolExecutor(2) as crowd:
        statuses = sorted(crowd.map(move, [(left, right), (right, left)]))
    assert statuses == [200, 403]
    assert mine.get(f"/items/{olena.root_id}/children")["total"] == 1
