"""Fast lanes answer as the careful way does: the same request, once plain, once with a field that no lane knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.api.conftest import basic
from tests.dav.conftest import DavProgram, Programs
from tests.world import World
from workspace.app import create_app
from workspace.dav import door, lanes

DATA = b"A letter to the department.\n" * 100
BIG = DATA * 300  # lies in parts, not in the row
PASSING = {"Date", "Server"}


@pytest.fixture
def program(embedded_world: World, embedded_dav: Programs) -> DavProgram:
    program = embedded_dav(embedded_world.make_person())
    program.ask(201, "MKCOL", "/papers")
    program.ask(201, "MKCOL", "/papers/Ґанок%202")
    for path, data in (("a.txt", DATA), ("empty", b""), ("big.bin", BIG), ("Ґанок%202/тека.pdf", DATA)):
        program.ask(201, "PUT", f"/papers/{path}", data)
    return program


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods of requests that a lane has answered."""
    seen: list[str] = []
    answer = lanes.Lanes.answer

    def noted(self: lanes.Lanes, environ: dict[str, Any], caller: Any) -> Any:
        found = answer(self, environ, caller)
        if found is not None:
            seen.append(environ["REQUEST_METHOD"])
        return found

    monkeypatch.setattr(lanes.Lanes, "answer", noted)
    return seen


def both(program: DavProgram, method: str, path: str, **fields: str) -> tuple[Any, Any]:
    """The answers of a lane and of the careful way."""
    told = []
    for more in ({}, {"X_Careful": "yes"}):
        answer = program.send(method, path, **fields, **more)
        headers = {name: value for name, value in answer.headers if name not in PASSING}
        told.append((answer.status_code, headers, answer.data))
    return told[0], told[1]


@pytest.mark.parametrize("path", ["/papers/a.txt", "/papers/empty", "/papers/big.bin", "/papers/Ґанок%202/тека.pdf"])
@pytest.mark.parametrize("range_", ["", "bytes=5-9", "bytes=-7", "bytes=0-"])
def test_a_file_is_read_alike(program: DavProgram, taken: list[str], path: str, range_: str) -> None:
    fields = {"Range": range_} if range_ else {}
    quick, careful = both(program, "GET", path, **fields)
    assert quick == careful
    assert taken.count("GET") == (0 if quick[0] == 416 else 1)


def at_hand(program: DavProgram, method: str, path: str, **fields: str) -> tuple[Any, Any, bytes] | None:
    """The answer that needs no other thread; None where it does."""
    sent = {"Authorization": basic(program.email, program.secret)} | fields
    environ = EnvironBuilder(program.root + path, method=method, headers=sent).get_environ()
    application = program.app.at_hand(environ)  # type: ignore[attr-defined]
    if application is None:
        return None
    pieces, status, headers = run_wsgi_app(application, environ)
    told = {name: value for name, value in headers if name not in PASSING}
    return int(status.split()[0]), told, b"".join(pieces)


@pytest.mark.parametrize("path", ["/papers/a.txt", "/papers/empty", "/papers/Ґанок%202/тека.pdf"])
def test_a_small_file_is_at_hand_once_its_program_is_known(program: DavProgram, path: str) -> None:
    assert at_hand(program, "GET", path, Authorization=basic(program.email, "a wrong secret")) is None
    assert at_hand(program, "GET", path) == both(program, "GET", path)[1]


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("GET", "/papers/big.bin", {}),
        ("GET", "/papers/a.txt", {"Range": "bytes=0-4"}),
        ("GET", "/papers/a.txt", {"If-None-Match": "*"}),
        ("GET", "/papers/a.txt", {"Cookie": "session=x"}),
        ("GET", "/papers", {}),
        ("GET", "/papers/nothing", {}),
        ("GET", "/papers/%ff", {}),
        ("GET", "/papers/a.txt?x", {}),
        ("HEAD", "/papers/a.txt", {}),
        ("PUT", "/papers/a.txt", {}),
        ("DELETE", "/papers/a.txt", {}),
    ],
)
def test_nothing_else_is_at_hand(program: DavProgram, method: str, path: str, fields: dict[str, str]) -> None:
    assert at_hand(program, method, path, **fields) is None
    program.ask(200, "GET", "/papers/a.txt")


PROXIED = [
    {
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "x.example",
        "Via": "1.1 Caddy",
    },
    {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Real-IP": "203.0.113.7"},
]
"""What Caddy and nginx say of their clients, as the guide sets them up."""


@pytest.mark.parametrize("said", PROXIED, ids=["Caddy", "nginx"])
def test_behind_a_proxy_programs_take_the_same_lanes(
    program: DavProgram, embedded_world: World, taken: list[str], said: dict[str, str]
) -> None:
    runtime = embedded_world.runtime
    program.app = create_app(replace(runtime, settings=replace(runtime.settings, trusted_proxies=1)))
    program.send("GET", "/papers/a.txt", **said)
    assert at_hand(program, "GET", "/papers/a.txt", **said) == both(program, "GET", "/papers/a.txt")[1]
    taken.clear()
    program.headers = said
    program.ask(201, "PUT", "/papers/new.txt", DATA)
    program.ask(200, "GET", "/papers/big.bin")
    program.ask(201, "MOVE", "/papers/new.txt", Destination=f"{runtime.settings.base_url}{program.root}/papers/old.txt")
    program.ask(204, "DELETE", "/papers/old.txt")
    assert taken == ["PUT", "GET", "MOVE", "DELETE"]


@pytest.mark.parametrize(
    "path",
    ["/papers", "/papers/", "/nothing", "/papers/nothing/a", "/papers//a.txt", "/papers/%2e%2e/a", "/papers/%ff"],
)
def test_what_is_no_file_is_refused_alike(program: DavProgram, path: str) -> None:
    quick, careful = both(program, "GET", path)
    assert quick == careful
    assert quick[0] >= 400


def test_a_new_file_is_put_by_the_lane_and_an_old_one_carefully(program: DavProgram, taken: list[str]) -> None:
    program.ask(201, "PUT", "/papers/new.txt", DATA)
    assert taken == ["PUT"]
    program.ask(204, "PUT", "/papers/new.txt", DATA[::-1])
    assert taken == ["PUT"]
    assert program.ask(200, "GET", "/papers/new.txt").data == DATA[::-1]


@pytest.mark.parametrize(
    "fields", [{"If_None_Match": "*"}, {"Content_MD5": "Q2hlY2sgSW50ZWdyaXR5IQ=="}, {"X_Anything": "1"}]
)
def test_a_condition_is_never_passed_over(program: DavProgram, taken: list[str], fields: dict[str, str]) -> None:
    program.send("PUT", "/papers/conditional", DATA, **fields)
    assert taken == []


HERE = "http://localhost/dav/personal/papers"
INNER = f"/papers/{quote('Ґанок 2')}"
MOVES = {
    "renamed": ("/papers/a.txt", f"{HERE}/b.txt"),
    "into another folder": ("/papers/a.txt", f"http://localhost/dav/personal{INNER}/a.txt"),
    "a folder": (f"{INNER}/", f"{HERE}/moved/"),
    "by a path alone": ("/papers/empty", "/dav/personal/empty"),
}


@pytest.mark.parametrize("name", MOVES)
def test_what_is_moved_and_thrown_away_by_a_lane_is_answered_alike(
    program: DavProgram, taken: list[str], name: str
) -> None:
    source, to = MOVES[name]
    target = to.removeprefix("http://localhost").removeprefix("/dav/personal")
    told = []
    for careful in ({}, {"X_Careful": "yes"}):
        answer = program.ask(201, "MOVE", source, Destination=to, **careful)
        assert program.send("PROPFIND", source, Depth="0").status_code == 404
        there = program.ask(207, "PROPFIND", target, Depth="0").data
        told.append(({key: value for key, value in answer.headers if key not in PASSING}, there))
        back = source.rstrip("/")
        program.ask(201, "MOVE", target, Destination=f"http://localhost/dav/personal{back}", **careful)
    assert taken.count("MOVE") == 2
    assert told[0] == told[1]
    program.ask(204, "DELETE", source)
    assert taken.count("DELETE") == 1
    assert program.send("PROPFIND", source, Depth="0").status_code == 404


REFUSED = {
    "onto what is there, unasked": ("/papers/a.txt", f"{HERE}/empty", {"Overwrite": "F"}, 412),
    "into itself": ("/papers", f"/dav/personal{INNER}/papers", {}, 403),
    "onto itself": ("/papers/a.txt", f"{HERE}/a.txt", {}, 403),
    "where no folder is": ("/papers/a.txt", f"{HERE}/nowhere/a.txt", {}, 409),
    "to another server": ("/papers/a.txt", "http://elsewhere.example/dav/personal/a.txt", {}, 502),
    "out of the tree": ("/papers/a.txt", "http://localhost/files/a.txt", {}, 502),
    "without a destination": ("/papers/a.txt", "", {}, 400),
    "with what Overwrite is not": ("/papers/a.txt", f"{HERE}/b.txt", {"Overwrite": "perhaps"}, 400),
    "to a name that is none": ("/papers/a.txt", f"{HERE}/%2e%2e/b.txt", {}, 422),
    "of what is not there": ("/papers/nothing", f"{HERE}/b.txt", {}, 404),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_move_that_cannot_be_is_refused_alike(program: DavProgram, name: str) -> None:
    source, to, fields, status = REFUSED[name]
    quick, careful = both(program, "MOVE", source, Destination=to, **fields)
    assert quick == careful
    assert quick[0] == status
    assert program.ask(200, "GET", "/papers/a.txt").data == DATA


def test_a_program_stays_known_when_it_moves_things(program: DavProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    program.ask(200, "GET", "/papers/a.txt")
    monkeypatch.setattr(door, "who_asks", lambda *_: pytest.fail("verified again"))
    for number in range(3):
        name = f"{HERE}/a-{number + 1}.txt"
        program.ask(201, "MOVE", f"/papers/a-{number}.txt" if number else "/papers/a.txt", Destination=name)
    assert program.ask(200, "GET", "/papers/a-3.txt").data == DATA
