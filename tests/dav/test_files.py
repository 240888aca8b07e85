"""Files and folders of one's own cloud, as programs read and write them."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

import pytest
from flask import Flask

from tests.dav.conftest import DavProgram, Programs, asked, found_in
from tests.web.files_site import FilesSite
from tests.world import World
from workspace.accounts.app_passwords import make_app_password
from workspace.accounts.service import add_person
from workspace.cloud import queries
from workspace.kernel.actors import COMMAND

DATA = b"A letter to the department.\n" * 1000


@pytest.fixture
def mine(world: World, dav: Programs) -> DavProgram:
    return dav(world.make_person())


@pytest.fixture
def quick(embedded_world: World, embedded_dav: Programs) -> DavProgram:
    return embedded_dav(embedded_world.make_person())


def test_what_is_put_is_got_back_whole_and_in_ranges(mine: DavProgram) -> None:
    stored = mine.ask(201, "PUT", "/letter.txt", DATA, Content_Type="text/plain")
    got = mine.ask(200, "GET", "/letter.txt")
    assert (got.data, got.headers["ETag"], got.mimetype) == (DATA, stored.headers["ETag"], "text/plain")
    part = mine.ask(206, "GET", "/letter.txt", Range="bytes=5-9")
    assert (part.data, part.headers["Content-Range"]) == (DATA[5:10], f"bytes 5-9/{len(DATA)}")
    assert mine.ask(200, "HEAD", "/letter.txt").headers["Content-Length"] == str(len(DATA))
    mine.ask(304, "GET", "/letter.txt", If_None_Match=stored.headers["ETag"])
    mine.ask(416, "GET", "/letter.txt", Range="bytes=999999-")


def test_a_range_of_an_older_version_gets_the_whole_new_one(quick: DavProgram) -> None:
    old = quick.ask(201, "PUT", "/a", b"old content").headers["ETag"]
    new = quick.ask(204, "PUT", "/a", b"new content").headers["ETag"]
    assert old != new
    assert quick.ask(200, "GET", "/a", Range="bytes=4-", If_Range=old).data == b"new content"
    assert quick.ask(206, "GET", "/a", Range="bytes=4-", If_Range=new).data == b"content"


def test_a_folder_lists_what_lies_in_it(mine: DavProgram) -> None:
    mine.ask(201, "MKCOL", "/Bus stop/")
    mine.ask(201, "PUT", "/Bus stop/photo 1.jpg", b"jpeg")
    mine.ask(201, "MKCOL", "/Bus stop/old")
    found = mine.list("/Bus stop/")
    base = "/dav/personal/Bus%20stop/"
    assert list(found) == [base, base + "old/", base + "photo%201.jpg"]
    photo = found[base + "photo%201.jpg"]
    assert photo["{DAV:}getcontentlength"].text == "4"
    assert photo["{DAV:}getcontenttype"].text == "image/jpeg"
    assert photo["{DAV:}displayname"].text == "photo 1.jpg"
    assert photo["{DAV:}getetag"].text == mine.ask(200, "HEAD", "/Bus stop/photo 1.jpg").headers["ETag"]
    assert found[base]["{DAV:}resourcetype"].find("{DAV:}collection") is not None
    assert "{DAV:}quota-used-bytes" not in photo


def test_the_first_request_of_a_program_opens_the_cloud(embedded_world: World, embedded_app: Flask) -> None:
    with embedded_world.writing(COMMAND) as work:
        person = add_person(work, email="new@example.org", name="New")
        secret = make_app_password(work, "a program", person.id).secret
    quick = DavProgram(embedded_app, "new@example.org", secret)
    assert list(quick.list("/dav")) == ["/dav/", "/dav/personal/", "/dav/shared/"]
    assert quick.list("", "1", asked("resourcetype")).keys() == {"/dav/personal/"}


def test_room_is_told_to_who_asks(quick: DavProgram) -> None:
    quick.ask(201, "PUT", "/a", b"x" * 1000)
    room = quick.list("", "0", asked("quota-available-bytes", "quota-used-bytes"))["/dav/personal/"]
    assert room["{DAV:}quota-used-bytes"].text == "1000"
    assert int(room["{DAV:}quota-available-bytes"].text or 0) == 10_000_000_000 - 1000


def test_properties_that_nobody_knows_are_missing(quick: DavProgram) -> None:
    body = '<propfind xmlns="DAV:"><prop><getetag/><x:a xmlns:x="urn:x"/></prop></propfind>'
    missing = found_in(quick.ask(207, "PROPFIND", "", body, Depth="0"), "404")
    assert set(missing["/dav/personal/"]) == {"{urn:x}a"}


def test_saving_onto_a_file_keeps_its_history(world: World, dav: Programs) -> None:
    olena = world.make_person()
    mine = dav(olena)
    mine.ask(201, "PUT", "/deed.odt", b"first")
    with world.reading(olena.actor) as work:
        before = queries.by_path(work, olena.space_id, "/deed.odt")[0].id
    mine.ask(201, "PUT", "/.~deed.odt", b"second")
    mine.ask(204, "MOVE", "/.~deed.odt", Destination="/dav/personal/deed.odt")
    mine.ask(201, "PUT", "/third", b"third")
    mine.ask(204, "COPY", "/third", Destination="http://localhost/dav/personal/deed.odt")
    assert mine.ask(200, "GET", "/deed.odt").data == b"third"
    with world.reading(olena.actor) as work:
        assert queries.by_path(work, olena.space_id, "/deed.odt")[0].id == before
        assert [one.number for one in queries.versions(work, before)] == [3, 2, 1]
    assert mine.names() == ["deed.odt", "third"]


def test_folders_move_and_copy_with_all_they_hold(mine: DavProgram) -> None:
    mine.ask(201, "MKCOL", "/a")
    mine.ask(201, "PUT", "/a/file", b"content")
    mine.ask(201, "COPY", "/a", Destination="/dav/personal/b")
    mine.ask(201, "MOVE", "/a/", Destination="/dav/personal/b/inner/")
    assert mine.names("/b") == ["inner", "file"]
    assert mine.ask(200, "GET", "/b/inner/file").data == b"content"
    mine.ask(201, "COPY", "/b", Destination="/dav/personal/bare", Depth="0")
    assert mine.names("/bare") == []
    mine.ask(412, "MOVE", "/b", Destination="/dav/personal/bare", Overwrite="F")
    mine.ask(204, "MOVE", "/b", Destination="/dav/personal/bare")
    assert mine.names() == ["bare"]
    mine.ask(204, "DELETE", "/bare")
    assert mine.names() == []


def test_a_folder_goes_neither_into_itself_nor_over_what_it_lies_in(quick: DavProgram) -> None:
    quick.ask(201, "MKCOL", "/a")
    quick.ask(201, "MKCOL", "/a/b")
    for method in ("MOVE", "COPY"):
        quick.ask(403, method, "/a", Destination="/dav/personal/a/b/c")
        quick.ask(403, method, "/a/b", Destination="/dav/personal/a")
        quick.ask(403, method, "/a", Destination="/dav/personal/a")
        quick.ask(403, method, "", Destination="/dav/personal/a")
    assert quick.names("/a") == ["b"]


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ("http://elsewhere.example/dav/personal/b", 502),
        ("http://localhost:81/dav/personal/b", 502),
        ("https://localhost/dav/personal/b", 502),
        ("/files/b", 502),
        ("/davx/personal/b", 502),
        ("//localhost/dav/personal/b", 400),
        ("b", 400),
        ("", 400),
        ("http://[", 400),
        ("/dav/personal/b?x", 400),
        ("/dav/personal/a%2Fb", 422),
        ("/dav/personal/%FF", 422),
        ("/dav/personal/../b", 422),
        ("/dav/personal//b", 422),
        ("/dav/personal/no/b", 409),
        ("/dav/b", 403),
    ],
)
def test_a_destination_elsewhere_is_refused(quick: DavProgram, destination: str, status: int) -> None:
    quick.ask(201, "PUT", "/a", b"x")
    for method in ("COPY", "MOVE"):
        quick.ask(status, method, "/a", Destination=destination)
    assert quick.names() == ["a"]


def test_what_has_no_folder_to_lie_in_is_refused(quick: DavProgram) -> None:
    quick.ask(409, "PUT", "/no/file", b"x")
    quick.ask(409, "MKCOL", "/no/folder")
    quick.ask(201, "PUT", "/file", b"x")
    quick.ask(409, "PUT", "/file/inside", b"x")
    quick.ask(409, "MKCOL", "/file/inside")
    quick.ask(405, "MKCOL", "/file")
    quick.ask(415, "MKCOL", "/new", "<mkcol/>")
    quick.ask(404, "GET", "/file/")
    quick.ask(404, "GET", "/no")
    quick.ask(404, "DELETE", "/no")
    quick.ask(405, "GET", "")
    quick.ask(405, "PUT", "/new/", b"x")
    quick.ask(403, "PUT", "/dav/file", b"x")
    quick.ask(403, "MKCOL", "/dav/folder")
    for path in ("", "/dav"):
        quick.ask(403, "DELETE", path)
    assert quick.names() == ["file"]


def test_conditions_hold_for_every_change(quick: DavProgram) -> None:
    tag = quick.ask(201, "PUT", "/a", b"1", If_None_Match="*").headers["ETag"]
    quick.ask(412, "PUT", "/a", b"2", If_None_Match="*")
    quick.ask(412, "PUT", "/a", b"2", If_Match='"other"')
    quick.ask(412, "PUT", "/new", b"2", If_Match="*")
    for method, more in (("DELETE", {}), ("MOVE", {"Destination": "/dav/personal/b"})):
        quick.ask(412, method, "/a", If_Match=f'"other", W/{tag}', **more)
    quick.ask(400, "DELETE", "/a", If_Match="other")
    quick.ask(204, "PUT", "/a", b"2", If_Match=f'"other", {tag}')
    quick.ask(412, "DELETE", "/a", If_Match=tag)
    assert quick.ask(200, "GET", "/a").data == b"2"


def hex_of(name: str) -> str:
    return hashlib.new(name, DATA).hexdigest()


def base64_of(name: str) -> str:
    return base64.b64encode(hashlib.new(name, DATA).digest()).decode()


CHECKSUMS = {
    "Content_MD5": base64_of("md5"),
    "Digest": f"sha-256={base64_of('sha256')}, unknown=x",
    "Repr_Digest": f"sha-256=:{base64_of('sha256')}:",
    "OC_Checksum": f"SHA1:{hex_of('sha1')} MD5:{hex_of('md5')} ADLER32:00",
}


@pytest.mark.parametrize("field", CHECKSUMS)
def test_announced_checksums_are_verified(quick: DavProgram, embedded_world: World, field: str) -> None:
    quick.ask(201, "PUT", "/right", DATA, **{field: CHECKSUMS[field]})
    answer = quick.send("PUT", "/wrong", DATA + b"!", **{field: CHECKSUMS[field]})
    assert answer.status_code == 400
    assert quick.send(
        "PUT", "/odd", DATA, **{field: CHECKSUMS[field].replace(":", ":!").replace("=", "=!")}
    ).status_code in (201, 400, 422)
    assert "wrong" not in quick.names()


def test_a_refusal_of_a_checksum_leaves_no_bytes(quick: DavProgram, embedded_world: World) -> None:
    quick.ask(400, "PUT", "/wrong", DATA, Content_MD5=base64.b64encode(b"x" * 16).decode())
    assert not [path for path in (embedded_world.instance / "objects").rglob("*") if path.is_file()]


def test_every_name_comes_back_as_it_went_in(quick: DavProgram) -> None:
    names = [
        "a%b",
        "a;b",
        "a?b#c",
        "й",
        "и\u0306",
        "A",
        "a",
        "CON",
        " lead",
        "trail. ",
        "<&\"'>",
        "tab\tnew\nline",
        "\\",
        "😀",
        "~+=",
    ]
    for name in names:
        quick.ask(201, "PUT", "/" + quote(name, safe=""), name.encode())
    found = [href.rpartition("/")[2] for href in list(quick.list())[1:]]
    assert sorted(found) == sorted(quote(name, safe="") for name in names)
    for name in names:
        assert quick.ask(200, "GET", "/" + quote(name, safe="")).data == name.encode()


def test_nobody_gets_in_without_an_app_password(quick: DavProgram) -> None:
    for fields in ({"Authorization": "Basic !"}, {"Authorization": "Digest x"}, {"Authorization": "Bearer no"}):
        answer = quick.send("PROPFIND", "", **fields)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    for method in ("OPTIONS", "GET", "PUT", "PROPFIND", "LOCK", "BREW"):
        assert quick.app.test_client().open("/dav/personal/", method=method).status_code == 401


def test_every_answer_keeps_a_browser_from_acting_on_it(quick: DavProgram) -> None:
    quick.ask(201, "PUT", "/page.html", b"<script>alert(1)</script>", Content_Type="text/html")
    for answer in (quick.send("GET", "/page.html"), quick.send("PROPFIND", "", Depth="1"), quick.send("GET", "/no")):
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


def test_neither_the_browsers_cookie_nor_the_accounts_password_opens_this_door(embedded_world: World) -> None:
    site = FilesSite(embedded_world)
    reader = site.reader()
    assert reader.client.get("/files").status_code == 200
    assert reader.client.get("/dav/personal/").status_code == 401
