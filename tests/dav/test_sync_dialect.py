"""What sync clients ask at `/remote.php`, as they ask it; `test_sync_clients.py` runs a real one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from flask import Flask

from tests.dav.conftest import DavProgram, app_password, asked, found_in
from tests.dav.recorded import (
    ANDROID,
    ANDROID_PROPFIND,
    DAV,
    DESKTOP_PROPFIND,
    IOS,
    IOS_PROPFIND,
    NC,
    NEXTCLOUD_DESKTOP,
    OC,
    OWNCLOUD_DESKTOP,
)
from tests.world import Someone, World
from workspace.accounts.instance import renew_data_fingerprint
from workspace.kernel.actors import COMMAND, Principal, SubjectKind
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level

FILES = "/remote.php/dav/files"
WHOLE = DESKTOP_PROPFIND.replace("{stray}", "")
Clients = tuple[World, Someone, DavProgram]


def client(app: Flask, who: Someone, secret: str, agent: str = NEXTCLOUD_DESKTOP) -> DavProgram:
    return DavProgram(app, who.email, secret, f"{FILES}/{who.id}", {"User-Agent": agent})


@pytest.fixture
def olena(world: World, app: Flask) -> Clients:
    who = world.make_person("Olena")
    return world, who, client(app, who, app_password(world, who))


@pytest.fixture
def quick(embedded_world: World, embedded_app: Flask) -> Clients:
    who = embedded_world.make_person("Olena")
    return embedded_world, who, client(embedded_app, who, app_password(embedded_world, who))


def text(found: dict, name: str) -> str | None:
    return found[name].text if name in found else None


def etag(program: DavProgram, path: str = "/") -> str:
    ((_, found),) = program.list(path, "0", asked("getetag")).items()
    return str(found[f"{DAV}getetag"].text)


def test_a_listing_has_the_form_that_clients_insist_on(olena: Clients) -> None:
    _, who, program = olena
    program.ask(201, "MKCOL", "/a folder")
    program.ask(201, "PUT", "/a.txt", b"content", X_OC_Mtime="1600000000")
    answer = program.ask(207, "PROPFIND", "/", DESKTOP_PROPFIND.replace("{stray}", "M"), Depth="1")
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    said = answer.get_data(as_text=True)
    assert "<d:status>HTTP/1.1 200 OK</d:status>" in said
    assert re.match(r'<\?xml [^>]*>\s*<d:multistatus xmlns:d="DAV:" xmlns:oc="[^"]+" xmlns:nc="[^"]+">', said)
    assert said.index("200 OK") < said.index("404 Not Found")
    found = found_in(answer)
    base = f"{FILES}/{who.id}/"
    assert list(found) == [base, f"{base}a%20folder/", f"{base}a.txt"]
    root, folder, file = found.values()
    for one in (root, folder, file):
        assert {f"{DAV}getetag", f"{DAV}getlastmodified", f"{OC}id", f"{OC}permissions"} <= one.keys()
    assert text(file, f"{DAV}getlastmodified") == "Sun, 13 Sep 2020 12:26:40 GMT"
    assert text(file, f"{DAV}getcontentlength") == "7"
    assert file[f"{OC}checksums"][0].text == "SHA256:" + hashlib.sha256(b"content").hexdigest()
    assert [text(one, f"{OC}permissions") for one in (root, folder, file)] == ["RGCK", "RGDNVCK", "RGDNVW"]
    assert text(root, f"{OC}data-fingerprint") is None


def test_the_same_cloud_lies_at_each_of_its_addresses_and_nobody_elses(olena: Clients) -> None:
    world, who, program = olena
    program.ask(201, "PUT", "/a.txt", b"1")
    for top in (
        f"{FILES}/{who.id}",
        f"{FILES}/{quote(who.email)}",
        f"{FILES}/{who.email.upper()}",
        "/remote.php/webdav",
    ):
        again = replace(program, root=top)
        assert again.names("/") == ["a.txt"], top
        assert list(again.list("/a.txt", "0", asked("getetag"))) == [f"{top}/a.txt"]
    petro = world.make_person("Petro")
    for other in (f"{FILES}/{petro.id}", f"{FILES}/{petro.email}", FILES, "/remote.php/dav", "/remote.php/nothing"):
        assert replace(program, root=other).send("PROPFIND", "/", Depth="0").status_code == 404
    assert program.send("PROPFIND", "/dav/%2Fsynced", Depth="0").status_code in (404, 422)


def test_every_change_below_gives_every_folder_above_a_new_etag(olena: Clients) -> None:
    _, _, program = olena
    program.ask(201, "MKCOL", "/one")
    program.ask(201, "MKCOL", "/one/two")
    program.ask(201, "MKCOL", "/beside")
    base = f"{program.root}"
    acts = [
        lambda: program.ask(201, "PUT", "/one/two/a", b"1"),
        lambda: program.ask(204, "PUT", "/one/two/a", b"2", If_Match=etag(program, "/one/two/a")),
        lambda: program.ask(201, "MOVE", "/one/two/a", Destination=f"{base}/one/two/b"),
        lambda: program.ask(204, "DELETE", "/one/two/b"),
    ]
    for act in acts:
        before = [etag(program, path) for path in ("/", "/one", "/one/two", "/beside")]
        act()
        after = [etag(program, path) for path in ("/", "/one", "/one/two", "/beside")]
        assert [one != two for one, two in zip(before, after, strict=True)] == [True, True, True, False]
        assert [etag(program, path) for path in ("/", "/one", "/one/two", "/beside")] == after
    listed = program.list("/", "1", asked("getetag"))
    assert listed[f"{base}/one/"][f"{DAV}getetag"].text == etag(program, "/one")


def test_what_is_stored_is_told_with_the_answer(quick: Clients) -> None:
    _, _, program = quick
    put = program.ask(
        201, "PUT", "/a", b"1", X_OC_Mtime="1400000000", OC_Checksum="SHA1:" + hashlib.sha1(b"1").hexdigest()
    )
    listed = program.list("/a", "0", WHOLE)[f"{program.root}/a"]
    assert put.headers["ETag"] == put.headers["OC-ETag"] == text(listed, f"{DAV}getetag")
    assert put.headers["OC-FileId"] == text(listed, f"{OC}id")
    assert put.headers["X-OC-MTime"] == "accepted"
    got = program.ask(200, "GET", "/a")
    assert got.headers["OC-Checksum"] == "SHA256:" + hashlib.sha256(b"1").hexdigest()
    assert got.headers["Last-Modified"] == "Tue, 13 May 2014 16:53:20 GMT"
    moved = program.ask(201, "MOVE", "/a", Destination=f"{program.root}/b")
    assert moved.headers["OC-FileId"] == put.headers["OC-FileId"], "known by it wherever it goes"
    assert (
        text(program.list("/b", "0", WHOLE)[f"{program.root}/b"], f"{DAV}getlastmodified")
        == got.headers["Last-Modified"]
    )
    assert "OC-FileId" in program.ask(201, "MKCOL", "/folder").headers
    program.ask(405, "MKCOL", "/folder")


@pytest.mark.parametrize("checksum", ["SHA1:" + "0" * 40, "MD5:" + "0" * 32, "SHA256:" + "0" * 64])
def test_a_wrong_checksum_stores_nothing(quick: Clients, checksum: str) -> None:
    _, _, program = quick
    program.ask(400, "PUT", "/a", b"1", OC_Checksum=checksum)
    assert program.names("/") == []


@pytest.mark.parametrize("given", ["yesterday", "-1", "999999999999", "1e9"])
def test_a_time_that_is_none_is_refused(quick: Clients, given: str) -> None:
    _, _, program = quick
    program.ask(400, "PUT", "/a", b"1", X_OC_Mtime=given)
    assert program.names("/") == []


def test_a_sync_client_overwrites_only_what_it_has_seen_and_other_programs_what_they_like(quick: Clients) -> None:
    _, _, program = quick
    program.ask(201, "PUT", "/a", b"1")
    seen = etag(program, "/a")
    for agent in (NEXTCLOUD_DESKTOP, OWNCLOUD_DESKTOP):
        program.ask(412, "PUT", "/a", b"2", User_Agent=agent)
        program.ask(412, "PUT", "/a", b"2", User_Agent=agent, If_Match='"another"')
    assert program.ask(200, "GET", "/a").data == b"1"
    program.ask(204, "PUT", "/a", b"2", If_Match=seen)
    for agent in (ANDROID, IOS, "rclone/v1.75"):
        program.ask(204, "PUT", "/a", b"3", User_Agent=agent)


def test_a_phone_finds_what_it_asks_for(quick: Clients) -> None:
    _, who, program = quick
    program.ask(201, "PUT", "/a.jpg", b"content")
    for body, agent in ((ANDROID_PROPFIND, ANDROID), (IOS_PROPFIND, IOS)):
        found = found_in(program.ask(207, "PROPFIND", "/", body, Depth="1", User_Agent=agent))
        root, file = found.values()
        assert int(text(root, f"{DAV}quota-available-bytes") or 0) > 0
        assert int(text(file, f"{OC}fileid") or 0).bit_length() <= 63, "Android reads it into a long"
        assert (text(file, f"{OC}size"), text(file, f"{NC}is-encrypted")) == ("7", "0")
    assert text(found_in(program.ask(207, "PROPFIND", "/a.jpg", ANDROID_PROPFIND, Depth="0"))[f"{program.root}/a.jpg"],
                f"{OC}owner-id") == who.id  # fmt: skip
    favorite = (
        '<?xml version="1.0"?><d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">'
        "<d:set><d:prop><oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>"
    )
    program.ask(207, "PROPPATCH", "/a.jpg", favorite)
    assert text(program.list("/a.jpg", "0", IOS_PROPFIND)[f"{program.root}/a.jpg"], f"{OC}favorite") == "1"


def test_nobody_sets_what_is_computed(quick: Clients) -> None:
    _, _, program = quick
    program.ask(201, "PUT", "/a", b"1")
    body = (
        '<d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">'
        "<d:set><d:prop><oc:permissions>RGDNVW</oc:permissions></d:prop></d:set></d:propertyupdate>"
    )
    assert f"{OC}permissions" in found_in(program.ask(207, "PROPPATCH", "/a", body), "403")[f"{program.root}/a"]


def test_a_restored_backup_changes_the_fingerprint(quick: Clients) -> None:
    world, _, program = quick

    def fingerprint() -> str:
        root = program.list("/", "0", WHOLE)[f"{program.root}/"]
        return root[f"{OC}data-fingerprint"].text or ""

    assert fingerprint() == ""
    with world.writing(COMMAND) as work:
        renew_data_fingerprint(work)
    first = fingerprint()
    assert first
    assert fingerprint() == first


# what others share ----------------------------------------------------------------------------------------------------
SHARED = "/Shared with me"


def share(world: World, owner: Someone, item_id: str, level: Level, to: Someone) -> str:
    with world.writing(owner.actor) as work:
        return sharing.grant(work, world.thing(item_id), Principal(SubjectKind.PERSON, to.id), level).id


@pytest.mark.parametrize(
    ("level", "folder", "inside"),
    [(Level.VIEW, "SG", "SG"), (Level.CONTRIBUTE, "SGCK", "SG"), (Level.EDIT, "SGCK", "SGDNVW")],
)
def test_what_others_share_lies_in_a_folder_with_the_letters_of_what_may_be_done(
    olena: Clients, level: Level, folder: str, inside: str
) -> None:
    world, who, program = olena
    petro = world.make_person("Petro")
    shared = world.folder(petro.actor, petro.root_id, "plans")
    world.upload(petro.actor, shared, "a.txt", b"from petro")
    assert program.names("/") == []
    before = etag(program)
    share(world, petro, shared, level, who)
    assert program.names("/") == ["Shared%20with%20me"]
    assert etag(program) != before
    top = program.list(SHARED, "1", WHOLE)
    base = f"{program.root}/Shared%20with%20me/"
    assert [text(one, f"{OC}permissions") for one in top.values()] == ["SG", folder]
    assert list(top) == [base, f"{base}plans/"]
    listed = program.list(f"{SHARED}/plans", "1", WHOLE)
    assert [text(one, f"{OC}permissions") for one in listed.values()] == [folder, inside]
    assert program.ask(200, "GET", f"{SHARED}/plans/a.txt").data == b"from petro"
    may = {"W": level is Level.EDIT, "C": level is not Level.VIEW}
    seen = {"If-Match": etag(program, f"{SHARED}/plans/a.txt")}
    assert program.send("PUT", f"{SHARED}/plans/a.txt", b"x", **seen).status_code == (204 if may["W"] else 403)
    assert program.send("PUT", f"{SHARED}/plans/b.txt", b"x").status_code == (201 if may["C"] else 403)
    assert program.send("DELETE", f"{SHARED}/plans").status_code == 403
    assert program.send("DELETE", SHARED).status_code == 403
    assert program.send("MKCOL", f"{SHARED}/mine").status_code == 403


def test_a_change_by_the_owner_reaches_the_root_of_those_they_share_with(olena: Clients) -> None:
    world, who, program = olena
    petro = world.make_person("Petro")
    shared = world.folder(petro.actor, petro.root_id, "plans")
    deep = world.folder(petro.actor, shared, "deep")
    grant_id = share(world, petro, shared, Level.VIEW, who)
    paths = ("/", SHARED, f"{SHARED}/plans", f"{SHARED}/plans/deep")

    def tags() -> list[str]:
        return [text(program.list(path, "0", WHOLE).popitem()[1], f"{DAV}getetag") or "" for path in paths]

    before = tags()
    assert tags() == before
    world.upload(petro.actor, deep, "new.txt", b"1")
    after = tags()
    assert not set(before) & set(after)
    share(world, petro, shared, Level.EDIT, who)
    assert not set(after) & set(tags()), "what may be done with each of them is another"
    with world.writing(petro.actor) as work:
        sharing.revoke(work, world.thing(shared), grant_id)
    assert program.names("/") == []
    program.ask(404, "PROPFIND", f"{SHARED}", Depth="0")


def test_ones_own_folder_of_that_name_comes_first(quick: Clients) -> None:
    world, who, program = quick
    petro = world.make_person("Petro")
    program.ask(201, "MKCOL", SHARED)
    program.ask(201, "PUT", f"{SHARED}/mine", b"1")
    share(world, petro, world.folder(petro.actor, petro.root_id, "plans"), Level.VIEW, who)
    assert sorted(program.names("/")) == ["Shared%20with%20me", "Shared%20with%20me%20%282%29"]
    assert program.names(SHARED) == ["mine"]
    assert program.names(f"{SHARED} (2)") == ["plans"]
