"""What a program can do with somebody's files: everything the pages can, under conditions, page by page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

from tests.api.conftest import Program
from tests.world import Someone, World

Programs = Callable[[Someone], Program]


def test_a_file_goes_in_and_out_unchanged(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine, data = program(olena), b"plan of the yard " * 5000
    stored = mine.store(olena.root_id, "план.pdf", data)
    assert stored["sha256"] == sha256(data).hexdigest()
    assert stored["replaced"] is False
    answer = mine.api("GET", f"/items/{stored['item']}/content")
    assert answer.data == data
    assert answer.headers["ETag"] == f'"{stored["version"]}"'
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    shown = mine.get(f"/items/{stored['item']}")
    assert (shown["name"], shown["size"], shown["sha256"]) == ("план.pdf", len(data), stored["sha256"])


def test_a_range_gives_those_bytes_and_no_others(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine, data = program(olena), bytes(range(256)) * 4000
    stored = mine.store(olena.root_id, "scan.bin", data)
    path = f"/items/{stored['item']}/content"
    part = mine.api("GET", path, headers={"Range": "bytes=300000-300099"})
    assert (part.status_code, part.data) == (206, data[300_000:300_100])
    assert part.headers["Content-Range"] == f"bytes 300000-300099/{len(data)}"
    beyond = mine.api("GET", path, headers={"Range": f"bytes={len(data)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(data)}"
    assert mine.api("GET", path, headers={"If-None-Match": f'"{stored["version"]}"'}).status_code == 304


def test_the_same_name_makes_a_version_and_an_old_one_comes_back(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    first = mine.store(olena.root_id, "letter.txt", b"first")
    again = mine.api("PUT", f"/items/{olena.root_id}/files/letter.txt", data=b"second")
    assert (again.status_code, again.get_json()["replaced"]) == (200, True)
    assert again.get_json()["item"] == first["item"]
    assert [one["number"] for one in mine.get(f"/items/{first['item']}/versions")["items"]] == [2, 1]
    assert mine.api("GET", f"/items/{first['item']}/content?version={first['version']}").data == b"first"
    restored = mine.post(f"/items/{first['item']}/versions/{first['version']}/restore", None)
    assert restored["version"] != first["version"]
    assert mine.api("GET", f"/items/{first['item']}/content").data == b"first"


def test_two_programs_do_not_overwrite_each_other(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    first = mine.store(olena.root_id, "letter.txt", b"first")
    path, seen = f"/items/{first['item']}/content", {"If-Match": f'"{first["version"]}"'}
    assert mine.api("PUT", path, data=b"second", headers=seen).status_code == 200
    late = mine.api("PUT", path, data=b"other", headers=seen)
    assert (late.status_code, late.get_json()["code"]) == (412, "precondition_failed")
    by_name = f"/items/{olena.root_id}/files/letter.txt"
    assert mine.api("PUT", by_name, data=b"other", headers=seen).status_code == 412
    assert mine.api("PUT", by_name, data=b"other", headers={"If-None-Match": "*"}).status_code == 412
    assert mine.api("GET", path).data == b"second"


def test_a_change_is_refused_where_somebody_was_faster(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    item = mine.store(olena.root_id, "a.txt", b"a")["item"]
    tag = mine.api("GET", f"/items/{item}").headers["ETag"]
    renamed = mine.api("PATCH", f"/items/{item}", json={"name": "b.txt"}, headers={"If-Match": tag})
    assert (renamed.status_code, renamed.get_json()["name"]) == (200, "b.txt")
    assert renamed.headers["ETag"] != tag
    assert mine.api("PATCH", f"/items/{item}", json={"name": "c"}, headers={"If-Match": tag}).status_code == 412
    assert mine.api("DELETE", f"/items/{item}", headers={"If-Match": tag}).status_code == 412
    held = mine.api("GET", f"/items/{item}", headers={"If-None-Match": renamed.headers["ETag"]})
    assert (held.status_code, held.data) == (304, b"")


def test_a_wrong_digest_stores_nothing(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)

    def digest(data: bytes) -> str:
        return f"sha-256=:{b64encode(sha256(data).digest()).decode()}:"

    path = f"/items/{olena.root_id}/files/act.txt"
    wrong = mine.api("PUT", path, data=b"what came", headers={"Repr-Digest": digest(b"what was meant")})
    assert (wrong.status_code, wrong.get_json()["code"]) == (400, "checksum_mismatch")
    assert mine.api("PUT", path, data=b"x", headers={"Content-Digest": "sha-256=:nonsense:"}).status_code == 422
    assert mine.get(f"/items/{olena.root_id}/children")["items"] == []
    assert mine.get("/spaces")["items"][0]["used"] == 0
    right = mine.api("PUT", path, data=b"what came", headers={"Repr-Digest": digest(b"what came")})
    assert right.status_code == 201


def test_a_long_folder_is_read_page_by_page(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    for number in range(7):
        mine.store(olena.root_id, f"{number}.txt", b"")
    mine.post(f"/items/{olena.root_id}/children", {"name": "folder"})
    path: str | None = f"/api/v1/items/{olena.root_id}/children?limit=3&order=desc"
    seen: list[str] = []
    while path:
        answer = mine.send("GET", path)
        page = answer.get_json()
        assert page["total"] == 8
        seen += [one["name"] for one in page["items"]]
        path = page["next"]
        assert ("Link" in answer.headers) == (path is not None)
    assert seen == ["folder", *(f"{number}.txt" for number in range(6, -1, -1))]


def test_move_copy_describe_trash_restore_delete(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    folder = mine.post(f"/items/{olena.root_id}/children", {"name": "Water"})["id"]
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    change = {"parent": folder, "name": "deed.txt", "kind": "evidence", "note": "From the engineer"}
    changed = mine.api("PATCH", f"/items/{item}", json=change).get_json()
    assert (changed["parent"], changed["name"], changed["kind"]) == (folder, "deed.txt", "evidence")
    assert changed["note"] == "From the engineer"
    copy = mine.post(f"/items/{item}/copy", {"parent": olena.root_id})
    assert (copy["id"] != item, copy["name"]) == (True, "deed.txt")
    assert mine.api("DELETE", f"/items/{item}").status_code == 204
    assert mine.api("GET", f"/items/{item}").status_code == 404
    assert [one["id"] for one in mine.get("/trash")["items"]] == [item]
    assert mine.post(f"/trash/{item}/restore", {}, status=200)["parent"] == folder
    assert [one["id"] for one in mine.get("/search?q=DEED")["items"]] == sorted(
        [item, copy["id"]], key=lambda one: (one != copy["id"]) if copy["id"] < item else one != item
    )
    mine.api("DELETE", f"/items/{item}")
    assert mine.api("DELETE", f"/trash/{item}").status_code == 204
    assert mine.get("/trash")["items"] == []


def test_all_of_a_change_or_nothing(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    mine.store(olena.root_id, "taken.txt", b"")
    item = mine.store(olena.root_id, "a.txt", b"")["item"]
    refused = mine.api("PATCH", f"/items/{item}", json={"kind": "evidence", "name": "taken.txt"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "name_taken")
    refused = mine.api("PATCH", f"/items/{item}", json={"kind": "evidence", "name": "a/b"})
    assert refused.status_code == 422
    shown = mine.get(f"/items/{item}")
    assert (shown["name"], shown["kind"]) == ("a.txt", "other")


def test_over_quota_is_said_before_and_nothing_is_kept(world: World, program: Programs) -> None:
    olena = world.make_person(quota=1000)
    mine = program(olena)
    refused = mine.api("PUT", f"/items/{olena.root_id}/files/big", data=b"x" * 1001)
    assert (refused.status_code, refused.get_json()["code"]) == (507, "over_quota")
    assert refused.get_json()["free"] == 1000
    assert mine.get("/spaces")["items"][0]["used"] == 0
