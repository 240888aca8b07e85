"""What others share, and what an official may see of a case: by paths, under the same rule as everywhere."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cases.conftest import _town
from tests.dav.conftest import DavProgram, Programs, asked
from tests.world import Someone, World
from workspace.accounts.app_passwords import make_app_password
from workspace.cases.office import register
from workspace.cloud import service
from workspace.cloud.things import locate_item
from workspace.kernel.actors import COMMAND, Principal, SubjectKind
from workspace.sharing.models import Download
from workspace.sharing.rule import Level
from workspace.sharing.service import grant, revoke


def share(world: World, owner: Someone, item_id: str, to: Someone, level: Level = Level.VIEW) -> str:
    with world.writing(owner.actor) as work:
        _, thing = locate_item(work, item_id)
        return grant(work, thing, Principal(SubjectKind.PERSON, to.id), level).id


@pytest.fixture
def petro(world: World) -> Someone:
    return world.make_person("Petro")


def test_two_shares_of_equal_name_are_both_reached_and_keep_their_names(
    world: World, dav: Programs, petro: Someone
) -> None:
    his = dav(petro)
    his.root = "/dav/shared"
    owners = [world.make_person(name) for name in ("Olena", "Iryna")]
    folders = [world.folder(one.actor, one.root_id, "Reports") for one in owners]
    grants = []
    for owner, folder in zip(owners, folders, strict=True):
        world.upload(owner.actor, folder, "who.txt", owner.name.encode())
        grants.append(share(world, owner, folder, petro))
    assert his.names() == ["Reports", "Reports%20%282%29"]
    assert his.ask(200, "GET", "/Reports/who.txt").data == b"Olena"
    assert his.ask(200, "GET", "/Reports (2)/who.txt").data == b"Iryna"
    with world.writing(owners[0].actor) as work:
        revoke(work, locate_item(work, folders[0])[1], grants[0])
    with world.writing(owners[1].actor) as work:
        service.rename(work, folders[1], "Renamed")
    assert his.names() == ["Reports%20%282%29"]
    assert his.ask(410, "GET", "/Reports/who.txt")
    assert his.ask(200, "GET", "/Reports (2)/who.txt").data == b"Iryna"


def test_each_level_does_what_it_says(world: World, dav: Programs, petro: Someone) -> None:
    olena = world.make_person("Olena")
    his = dav(petro)
    for level in (Level.VIEW, Level.CONTRIBUTE, Level.EDIT):
        folder = world.folder(olena.actor, olena.root_id, level.word)
        world.upload(olena.actor, folder, "there", b"x")
        share(world, olena, folder, petro, level)
        his.root = f"/dav/shared/{level.word}"
        adds, changes = level >= Level.CONTRIBUTE, level >= Level.EDIT
        his.ask(201 if adds else 403, "PUT", "/new", b"x")
        his.ask(201 if adds else 403, "MKCOL", "/sub")
        his.ask(201 if adds else 403, "COPY", "/there", Destination=his.root + "/copy")
        his.ask(204 if changes else 403, "PUT", "/there", b"y")
        his.ask(201 if changes else 403, "MOVE", "/there", Destination=his.root + "/moved")
        his.ask(403, "MOVE", "/moved" if changes else "/there", Destination="/dav/personal/taken")
        his.ask(204 if changes else 403, "DELETE", "/moved" if changes else "/there")
        his.ask(403, "DELETE", "")
        his.ask(403, "MOVE", "", Destination="/dav/shared/other")
    his.ask(403, "PUT", "/dav/shared/mine", b"x")
    his.ask(403, "MKCOL", "/dav/shared/mine")
    his.ask(201, "COPY", "/dav/shared/view", Destination="/dav/personal/kept")
    assert his.names("/dav/personal/kept") == ["there"]


def test_what_a_program_was_refused_stands_in_the_owners_ledger_once(
    world: World, dav: Programs, petro: Someone
) -> None:
    olena = world.make_person("Olena")
    folder = world.folder(olena.actor, olena.root_id, "Shared")
    file = world.upload(olena.actor, folder, "act.txt", b"act").item.id
    share(world, olena, folder, petro)
    his = dav(petro)
    his.root = "/dav/shared/Shared"
    for _again in range(2):
        his.ask(403, "PUT", "/act.txt", b"forged")
        his.ask(403, "PUT", "/.DS_Store", b"x")
    dav(world.make_person("Stranger")).ask(404, "GET", "/dav/shared/Shared/act.txt")
    lines = [(one.thing_id, one.person_id, one.door) for one in world.facts("access.refused")]
    assert sorted(lines) == sorted((one, petro.id, "dav") for one in (file, folder))


def test_looks_of_others_stand_in_the_owners_ledger(world: World, dav: Programs, petro: Someone) -> None:
    olena = world.make_person("Olena")
    folder = world.folder(olena.actor, olena.root_id, "Shared")
    world.upload(olena.actor, folder, "file", b"x")
    share(world, olena, folder, petro)
    his = dav(petro)
    his.names("/dav/shared/Shared")
    his.ask(200, "GET", "/dav/shared/Shared/file")
    told = [(one.kind, one.door, one.person_id) for one in world.facts("access.listed", "access.downloaded")]
    assert told == [("access.listed", "dav", petro.id), ("access.downloaded", "dav", petro.id)]


def test_downloads_are_counted_through_paths_as_everywhere(world: World, dav: Programs, petro: Someone) -> None:
    olena = world.make_person("Olena")
    folder = world.folder(olena.actor, olena.root_id, "Shared")
    for name in ("a.bin", "b.bin"):
        world.upload(olena.actor, folder, name, b"x" * 50_000)
    with world.writing(olena.actor) as work:
        thing = locate_item(work, folder)[1]
        grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.VIEW, downloads=3)
    his = dav(petro)
    his.ask(207, "PROPFIND", "/dav/shared/Shared", Depth="1")
    for span in ("bytes=0-9", "bytes=10-", "bytes=-5"):
        his.ask(206, "GET", "/dav/shared/Shared/a.bin", Range=span)
    his.ask(201, "COPY", "/dav/shared/Shared", Destination="/dav/personal/kept")
    his.ask(200, "GET", "/dav/shared/Shared/b.bin")
    assert _used(world) == 2, "a.bin and b.bin, within ten minutes"
    world.clock.move(timedelta(minutes=11))
    his.ask(200, "GET", "/dav/shared/Shared/a.bin")
    his.ask(410, "GET", "/dav/shared/Shared/b.bin", Range="bytes=0-0")
    his.ask(410, "COPY", "/dav/shared/Shared", Destination="/dav/personal/kept again")
    assert _used(world) == 3
    assert his.names("/dav/personal") == ["kept"]


def _used(world: World) -> int:
    with world.reading(COMMAND) as work:
        return len(work.session.scalars(select(Download.id)).all())


def test_class_17_what_was_read_over_paths_is_kept_by_nobody_and_its_tag_confirms_nothing(
    world: World, dav: Programs, petro: Someone
) -> None:
    olena = world.make_person("Olena")
    file = world.upload(olena.actor, olena.root_id, "act.bin", b"x" * 50_000).item.id
    given = share(world, olena, file, petro)
    his, path = dav(petro), "/dav/shared/act.bin"
    tag = his.ask(200, "GET", path).headers["ETag"]
    told = [
        his.ask(304, "GET", path, If_None_Match=tag),
        his.ask(206, "GET", path, Range="bytes=0-0"),
        his.ask(200, "HEAD", path),
        his.ask(207, "PROPFIND", path, Depth="0"),
    ]
    with world.writing(olena.actor) as work:
        revoke(work, locate_item(work, file)[1], given)
    stranger = dav(world.make_person("Mykola"))
    for program, status in ((his, 410), (stranger, 404)):
        for condition in ("If_None_Match", "If_Match", "If_Range"):
            told.append(program.ask(status, "GET", path, Range="bytes=0-0", **{condition: tag}))
            assert not {"ETag", "Content-Range"} & set(told[-1].headers.keys())
    for answer in told:
        assert {"no-store", "private"} <= {one.strip() for one in answer.headers["Cache-Control"].split(",")}


ASKED = (("GET", "0"), ("PROPFIND", "0"), ("DELETE", "infinity"))


def test_what_is_not_shared_looks_like_what_does_not_exist(world: World, dav: Programs, petro: Someone) -> None:
    olena = world.make_person("Olena")
    world.folder(olena.actor, olena.root_id, "Private")
    his = dav(petro)
    assert his.names("/dav/shared") == []
    for path in ("/dav/shared/Private", "/dav/shared/random", "/dav/other", "/dav/bodies/x"):
        refused = [his.ask(404, method, path, Depth=depth).data for method, depth in ASKED]
        assert len({*refused, his.ask(404, "GET", "/dav/shared/random").data}) == 1
    assert his.list("/dav/shared", "0", asked("quota-used-bytes"))["/dav/shared/"] == {}


def test_an_official_reads_a_delivered_case_and_changes_nothing(
    world: World, app: Flask, dav: Programs, petro: Someone
) -> None:
    town = _town(world)
    case = town.open()
    inner = world.folder(town.olena.actor, case.folder_id, "photos")
    world.upload(town.olena.actor, inner, "riser.jpg", b"jpeg of the riser")
    town.deliver(case)
    with world.writing(town.iryna) as work:
        number = register(work, case.id).replace("/", "\u2215")
        secret = make_app_password(work, "a program").secret
    root = f"/dav/bodies/{town.housing.slug}/cases"
    official = DavProgram(app, "", "", root, {"Authorization": f"Bearer {secret}"})
    assert list(official.list("/dav"))[-1] == "/dav/bodies/"
    assert official.names("/dav/bodies") == [town.housing.slug]
    assert official.names() == [quote(number)]
    assert official.names(f"/{number}") == ["01%20appeal"]
    photo = f"/{number}/01 appeal/photos/riser.jpg"
    assert official.ask(200, "GET", photo).data == b"jpeg of the riser"
    told = world.facts("access.downloaded")[-1]
    assert (told.door, told.person_id, told.case_id) == ("dav", town.iryna.person_id, case.id)
    for method in ("PUT", "DELETE", "PROPPATCH", "LOCK", "MOVE", "COPY", "MKCOL"):
        for path in (photo, f"/{number}/new", f"/{number}", ""):
            answer = official.send(method, path, BODIES.get(method, b""), Destination="/dav/personal/x")
            assert answer.status_code in (403, 404, 405, 409), (method, path, answer.status)
    for path in ("/dav/bodies", root, f"{root}/{number}", root + photo):
        dav(petro).ask(404, "PROPFIND", path, Depth="0")


BODIES = {
    "PROPPATCH": '<propertyupdate xmlns="DAV:"><set><prop><a/></prop></set></propertyupdate>',
    "LOCK": '<lockinfo xmlns="DAV:"><lockscope><shared/></lockscope><locktype><write/></locktype></lockinfo>',
}
