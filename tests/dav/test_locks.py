"""Locks: who holds one keeps others out through every door, for as long as they may."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import Program, app_password
from tests.dav.conftest import DavProgram, Programs, asked
from tests.world import Someone, World
from workspace.cloud import locks, replacing, service, transfer, trash
from workspace.cloud.held import end_unheld
from workspace.cloud.queries import by_path
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.kernel.errors import Forbidden, Locked
from workspace.sharing.rule import Level
from workspace.sharing.service import grant, revoke

SHORT = '<lockinfo xmlns="DAV:"><lockscope><{}/></lockscope><locktype><write/></locktype>{}</lockinfo>'
OWNER = '<owner><href>mailto:olena@example.org</href><b xmlns="urn:b">me &amp; co</b></owner>'


def lock(program: DavProgram, path: str, scope: str = "exclusive", status: int = 200, **more: str) -> str:
    """Take a lock; gives back the token in brackets, as `If` and `Lock-Token` take it."""
    answer = program.ask(
        status, "LOCK", path, SHORT.format(scope, OWNER), **{"Depth": "0", "Timeout": "Second-600", **more}
    )
    return answer.headers.get("Lock-Token", "")


@dataclass
class Team:
    """Olena shares a folder with Petro, who may edit; each has a program. `folder` is the folder's id."""

    olena: Someone
    petro: Someone
    hers: DavProgram
    his: DavProgram
    folder: str
    grant_id: str


@pytest.fixture
def team(world: World, dav: Programs) -> Team:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder = world.folder(olena.actor, olena.root_id, "Team")
    world.upload(olena.actor, folder, "plan.txt", b"plan")
    with world.writing(olena.actor) as work:
        thing = by_path(work, olena.space_id, "/Team")[1]
        given = grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.EDIT).id
    hers, his = dav(olena), dav(petro)
    hers.root, his.root = "/dav/personal/Team", "/dav/shared/Team"
    return Team(olena, petro, hers, his, folder, given)


@pytest.fixture
def quick(embedded_world: World, embedded_dav: Programs) -> DavProgram:
    return embedded_dav(embedded_world.make_person())


def test_a_lock_keeps_everybody_out_who_does_not_name_it(team: Team) -> None:
    token = lock(team.his, "/plan.txt")
    for program in (team.hers, team.his):
        program.ask(423, "PUT", "/plan.txt", b"over")
        program.ask(423, "DELETE", "/plan.txt")
        program.ask(423, "MOVE", "/plan.txt", Destination=program.root + "/other.txt")
        program.ask(
            423,
            "PROPPATCH",
            "/plan.txt",
            '<propertyupdate xmlns="DAV:"><set><prop><a xmlns="u:"/></prop></set></propertyupdate>',
        )
        program.ask(423, "LOCK", "/plan.txt", SHORT.format("shared", ""))
        program.ask(201, "PUT", "/beside.txt", b"x")
        program.ask(423, "MOVE", "/beside.txt", Destination=program.root + "/plan.txt")
        program.ask(423, "COPY", "/beside.txt", Destination=program.root + "/plan.txt")
        program.ask(204, "DELETE", "/beside.txt")
    team.hers.ask(423, "PUT", "/plan.txt", b"over", If=f"({token})")
    team.his.ask(412, "PUT", "/plan.txt", b"over", If="(<opaquelocktoken:another>)")
    assert team.hers.ask(200, "GET", "/plan.txt").data == b"plan"
    team.his.ask(204, "PUT", "/plan.txt", b"mine", If=f"({token})")
    team.his.ask(204, "UNLOCK", "/plan.txt", Lock_Token=token)
    team.hers.ask(204, "PUT", "/plan.txt", b"hers")


def test_pages_and_programs_respect_somebody_elses_lock(world: World, team: Team) -> None:
    lock(team.his, "/plan.txt")
    olena = team.olena
    with world.reading(olena.actor) as work:
        item = by_path(work, olena.space_id, "/Team/plan.txt")[0].id
    acts = (
        lambda work: service.rename(work, item, "other"),
        lambda work: service.describe(work, item, note="x"),
        lambda work: trash.trash(work, item),
        lambda work: trash.trash(work, team.folder),
        lambda work: transfer.move(work, item, olena.root_id),
        lambda work: replacing.expect_version(work, item),
        lambda work: service.expect_file(work, team.folder, "plan.txt"),
    )
    for act in acts:
        with pytest.raises(Locked), world.writing(olena.actor) as work:
            act(work)
    api = Program(team.hers.app, app_password(world, olena))
    refused = api.api("PUT", f"/items/{item}/content", data=b"x")
    assert (refused.status_code, refused.get_json()["code"]) == (423, "locked")
    with world.writing(team.petro.actor) as work:
        service.rename(work, item, "his own lock is no obstacle to his own page.txt")


def test_a_lock_dies_with_its_holders_grant(world: World, team: Team) -> None:
    lock(team.his, "/plan.txt")
    with world.writing(team.olena.actor) as work:
        revoke(work, by_path(work, team.olena.space_id, "/Team")[1], team.grant_id)
    found = team.hers.list("/plan.txt", "0", asked("lockdiscovery"))
    assert not list(next(iter(found.values()))["{DAV:}lockdiscovery"])
    team.hers.ask(204, "PUT", "/plan.txt", b"hers")
    with world.writing(WORKER) as work:
        assert end_unheld(work) == 1
    assert team.his.send("UNLOCK", "/plan.txt", Lock_Token="<opaquelocktoken:x>").status_code == 410


def test_a_lock_ends_with_its_time_and_lasts_longer_if_renewed(world: World, team: Team) -> None:
    token = lock(team.his, "/plan.txt", Timeout="Infinite, Second-60")
    world.clock.move(timedelta(seconds=59))
    renewed = team.his.ask(200, "LOCK", "/plan.txt", If=f"({token})", Timeout="Second-4100000000")
    assert "Lock-Token" not in renewed.headers
    assert b"<d:timeout>Second-3600</d:timeout>" in renewed.data
    world.clock.move(timedelta(seconds=3599))
    team.hers.ask(423, "PUT", "/plan.txt", b"x")
    world.clock.move(timedelta(seconds=2))
    team.his.ask(412, "LOCK", "/plan.txt", If=f"({token})")
    team.hers.ask(204, "PUT", "/plan.txt", b"x")


def test_only_its_holder_and_the_owner_of_the_cloud_end_a_lock(world: World, team: Team, dav: Programs) -> None:
    token = lock(team.hers, "/plan.txt")
    seen = team.his.ask(207, "PROPFIND", "/plan.txt", asked("lockdiscovery"), Depth="0").get_data(as_text=True)
    assert "<d:exclusive/>" in seen
    assert "mailto:olena@example.org" in seen
    assert token[1:-1] not in seen
    team.his.ask(403, "UNLOCK", "/plan.txt", Lock_Token=token)
    team.his.ask(409, "UNLOCK", "/plan.txt", Lock_Token="<opaquelocktoken:none>")
    team.his.ask(400, "UNLOCK", "/plan.txt", Lock_Token="none")
    team.his.ask(400, "UNLOCK", "/plan.txt")
    dav(world.make_person("Stranger")).ask(404, "UNLOCK", "/dav/shared/Team/plan.txt", Lock_Token=token)
    team.hers.ask(204, "UNLOCK", "/plan.txt", Lock_Token=token)
    his = lock(team.his, "/plan.txt")
    assert his[1:-1].encode() in team.hers.ask(207, "PROPFIND", "/plan.txt", asked("lockdiscovery"), Depth="0").data
    team.hers.ask(204, "UNLOCK", "/plan.txt", Lock_Token=his)


def test_who_may_only_look_takes_no_lock(world: World, team: Team) -> None:
    reader = world.make_person("Reader")
    with world.writing(team.olena.actor) as work:
        item, thing = by_path(work, team.olena.space_id, "/Team")
        grant(work, thing, Principal(SubjectKind.PERSON, reader.id), Level.CONTRIBUTE)
    with pytest.raises(Forbidden), world.writing(reader.actor) as work:
        locks.lock(work, item.id)


def test_a_locked_folder_keeps_its_members_and_a_deep_lock_all_below(quick: DavProgram) -> None:
    quick.ask(201, "MKCOL", "/f")
    quick.ask(201, "MKCOL", "/f/g")
    quick.ask(201, "PUT", "/f/g/file", b"x")
    shallow = lock(quick, "/f")
    quick.ask(423, "PUT", "/f/new", b"x")
    quick.ask(423, "MKCOL", "/f/new")
    quick.ask(423, "DELETE", "/f/g")
    quick.ask(204, "PUT", "/f/g/file", b"y")
    quick.ask(201, "PUT", "/f/new", b"x", If=f"</dav/personal/f/> ({shallow})")
    quick.ask(204, "UNLOCK", "/f", Lock_Token=shallow)
    deep = lock(quick, "/f", Depth="infinity")
    quick.ask(423, "PUT", "/f/g/file", b"z")
    quick.ask(423, "LOCK", "/f/g/file", SHORT.format("exclusive", ""))
    quick.ask(204, "PUT", "/f/g/file", b"z", If=f"({deep})")
    quick.ask(200, "LOCK", "/f/g/file", If=f"({deep})")
    told = quick.ask(207, "PROPFIND", "/f/g", asked("lockdiscovery"), Depth="1").get_data(as_text=True)
    assert told.count("<d:lockroot><d:href>/dav/personal/f/</d:href></d:lockroot>") == 2
    quick.ask(204, "UNLOCK", "/f/g/file", Lock_Token=deep)


def test_a_folder_is_not_thrown_away_over_a_lock_inside(quick: DavProgram) -> None:
    quick.ask(201, "MKCOL", "/f")
    quick.ask(201, "PUT", "/f/file", b"x")
    token = lock(quick, "/f/file")
    quick.ask(423, "LOCK", "/f", SHORT.format("exclusive", ""), Depth="infinity")
    for method in ("DELETE", "MOVE"):
        refused = quick.ask(423, method, "/f", Destination="/dav/personal/h")
        assert b"<d:lock-token-submitted>" in refused.data
    named = f"</dav/personal/f/file> ({token})"
    quick.ask(201, "MOVE", "/f", Destination="/dav/personal/h", If=named)
    quick.ask(204, "PUT", "/h/file", b"locks do not move with what they lie on")


def test_shared_locks_stand_beside_each_other(team: Team) -> None:
    his, hers = lock(team.his, "/plan.txt", "shared"), lock(team.hers, "/plan.txt", "shared")
    assert his != hers
    team.his.ask(423, "LOCK", "/plan.txt", SHORT.format("exclusive", ""))
    team.his.ask(204, "PUT", "/plan.txt", b"1", If=f"({his})")
    team.hers.ask(423, "PUT", "/plan.txt", b"2")
    team.hers.ask(204, "PUT", "/plan.txt", b"2", If=f"({hers})")


def test_a_locked_name_is_kept_by_an_empty_file(quick: DavProgram) -> None:
    token = lock(quick, "/new.odt", status=201)
    assert quick.ask(200, "GET", "/new.odt").data == b""
    quick.ask(204, "PUT", "/new.odt", b"text", If=f"({token})")
    quick.ask(409, "LOCK", "/no/new.odt", SHORT.format("exclusive", ""))


def test_conditions_on_tags_and_locks_decide(quick: DavProgram) -> None:
    tag = quick.ask(201, "PUT", "/a", b"1").headers["ETag"]
    token = lock(quick, "/a")
    for condition in (
        f'({token} ["other"])',
        "(<opaquelocktoken:x>)",
        '(Not <DAV:no-lock> ["x"])',
        f"</dav/personal/b> ({token})",
    ):
        quick.ask(412, "PUT", "/a", b"2", If=condition)
    quick.ask(423, "PUT", "/a", b"2", If=f"([{tag}])")
    quick.ask(423, "PUT", "/a", b"2", If="(<DAV:no-lock>) (Not <DAV:no-lock>)")
    quick.ask(400, "PUT", "/a", b"2", If="nonsense")
    quick.ask(204, "PUT", "/a", b"2", If=f"({token} [{tag}])")
    quick.ask(412, "DELETE", "/a", If=f"({token} [{tag}])")
    quick.ask(
        204, "DELETE", "/a", If=f"<http://elsewhere.example/a> (<urn:x>) <http://localhost/dav/personal/a> ({token})"
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<lockinfo xmlns='DAV:'/>", 400),
        ("<propfind xmlns='DAV:'/>", 400),
        (SHORT.format("read", ""), 422),
        (SHORT.format("exclusive", f"<owner>{'x' * 3000}</owner>"), 422),
        ("", 400),
        ("<", 400),
    ],
)
def test_what_is_no_lock_is_refused(quick: DavProgram, body: str, status: int) -> None:
    quick.ask(201, "PUT", "/a", b"1")
    quick.ask(status, "LOCK", "/a", body)
    quick.ask(400, "LOCK", "/a", SHORT.format("exclusive", ""), Depth="1")
    assert timeout_of(quick.ask(200, "LOCK", "/a", SHORT.format("exclusive", ""))) == 3600


def timeout_of(answer: TestResponse) -> int:
    found = re.search(rb"<d:timeout>Second-(\d+)</d:timeout>", answer.data)
    assert found
    return int(found[1])
