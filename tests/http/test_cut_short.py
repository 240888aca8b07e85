"""Class 4 of security.md, revocation with live state, on real servers of two processes: whoever reads slowly is cut.

What is ended here is ended by another node: a second program on the same database.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select as query

from tests.journeys.program import program, put, root_of, signed_in
from tests.parts.instances import Instance, Instances
from workspace.accounts import app_passwords
from workspace.accounts.models import AppPassword, Person
from workspace.accounts.service import disable
from workspace.app import wire
from workspace.bodies.models import Body, Official
from workspace.bodies.service import dismiss
from workspace.cloud.service import make_folder
from workspace.cloud.things import locate_item
from workspace.db.runtime import Runtime
from workspace.kernel.actors import Actor, Principal, SubjectKind
from workspace.settings import from_environment
from workspace.sharing import service
from workspace.sharing.rule import Level

pytestmark = pytest.mark.slow
MIB = 1 << 20
LARGE = os.urandom(12 * MIB)
SHARED_FILM = "/dav/shared/Riser/film.bin"
SOON = 5.0
PATIENCE = 60.0
PEOPLE = ("olena", "petro", "iryna", "mykola", "andrii")
ADMIN = Actor(administrator=True, host=True)


class SlowReader:
    """Reads the head of an answer and then no further; knows when the other side has cut the connection."""

    def __init__(self, place: Instance, path: str, headers: dict[str, str]) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(("127.0.0.1", place.port))
        lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{place.port}", *(f"{k}: {v}" for k, v in headers.items())]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._socket.recv(1024)
        self.status = int(head.split()[1])

        self._cut_at: float | None = None
        self._waiting = threading.Thread(target=self._wait, daemon=True)
        self._waiting.start()

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self._socket, 0)  # errors and hang-ups alone
        if poll.poll(PATIENCE * 1000):
            self._cut_at = time.monotonic()

    def cut_after(self, since: float) -> float:
        """How many seconds after `since` the connection was reset."""
        self._waiting.join(PATIENCE)
        assert self._cut_at is not None, "the answer was never cut"
        return self._cut_at - since

    def rest(self) -> int:
        """How many bytes still come."""
        size = 0
        while piece := self._socket.recv(MIB):
            size += len(piece)
        return size

    def close(self) -> None:
        self._socket.close()


@dataclass
class City:
    """An instance with a citizen's large file, those she lets in, and a second node on the same data."""

    place: Instance
    node: Runtime = field(init=False)
    folder: str = ""
    file: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in PEOPLE:
            self.ids[name] = self.place.add_person(email(name), name.title())
        self.place.quick("body", "add", "housing", "--name", "Housing", "--email", "housing@example.org")
        self.place.quick("body", "staff", "housing", email("iryna"), "--role", "handler")
        self.node = wire(from_environment(self.place.environment))
        olena = program(self.place, email("olena"))
        with self.node.writing(self.owner) as work:
            self.folder = make_folder(work, root_of(olena), "Riser").id
            work.commit()
        self.file = put(olena, self.folder, "film.bin", LARGE).raise_for_status().json()["item"]

    @property
    def owner(self) -> Actor:
        return Actor(person_id=self.ids["olena"], name="Olena")

    def give(self, subject: Principal, level: Level = Level.VIEW, **more: object) -> str:
        with self.node.writing(self.owner) as work:
            thing = locate_item(work, self.folder)[1]
            given = service.grant(work, thing, subject, level, **more).id  # type: ignore[arg-type]
            work.commit()
        return given

    def let_in(self, name: str, level: Level = Level.VIEW) -> str:
        return self.give(Principal(SubjectKind.PERSON, self.ids[name]), level)

    def program_of(self, name: str, label: str = "program") -> dict[str, str]:
        """What a program of theirs, with an app password of its own, says in each request."""
        secret = self.place.quick("user", "app-password", email(name), "--label", label).strip()
        return {"Authorization": "Basic " + b64encode(f"{email(name)}:{secret}".encode()).decode()}

    def end(self, grant_id: str) -> None:
        with self.node.writing(self.owner) as work:
            service.revoke(work, locate_item(work, self.folder)[1], grant_id)
            work.commit()

    def as_host(self, act: Callable[..., object], wanted: object) -> None:
        """A verb of the administrator's on the id that a query finds."""
        with self.node.writing(ADMIN) as work:
            act(work, work.session.scalars(wanted).one())  # type: ignore[call-overload]
            work.commit()


def email(name: str) -> str:
    return f"{name}@example.org"


@pytest.fixture(params=["embedded", "grown"], scope="module")
def city(request: pytest.FixtureRequest, instances: Instances) -> Iterator[City]:
    place = instances.start(request.param, workers="2")
    found = City(place)
    yield found
    found.node.database.dispose()


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def cookies(client: httpx.Client) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


def slow(city: City, opened: ExitStack, path: str, headers: dict[str, str]) -> SlowReader:
    reader = SlowReader(city.place, path, headers)
    opened.callback(reader.close)
    assert reader.status in (200, 206), reader.status
    return reader


def refused_everywhere(city: City, client: httpx.Client, path: str, headers: dict[str, str] | None = None) -> None:
    """Asked so often over new connections that each process of the server has been asked."""
    for _ in range(8):
        answer = client.get(path, headers={"Connection": "close"} | (headers or {}))
        assert answer.status_code in (401, 404, 410), answer.status_code
        assert not (set(answer.headers) & {"etag", "content-range"})


def test_class_4_a_revocation_ends_slow_downloads_ranges_zips_and_304(city: City, opened: ExitStack) -> None:
    given = city.let_in("petro")
    petro = signed_in(city.place, email("petro"))
    download = f"/files/item/{city.file}/download"
    tag = petro.get(download, headers={"Range": "bytes=0-0"}).headers["ETag"]
    assert petro.get(download, headers={"If-None-Match": tag}).status_code == 304
    session, basic = cookies(petro), city.program_of("petro")
    readers = [
        slow(city, opened, download, session),
        slow(city, opened, download, session | {"Range": f"bytes=100-{11 * MIB}"}),
        slow(city, opened, f"/files/zip?item={city.folder}", session),
        slow(city, opened, SHARED_FILM, basic),
        slow(city, opened, SHARED_FILM, basic | {"Range": f"bytes=100-{11 * MIB}"}),
    ]
    owners = slow(city, opened, download, cookies(signed_in(city.place, email("olena"))) | {"Connection": "close"})
    city.end(given)
    ended_at = time.monotonic()
    refused_everywhere(city, petro, download)
    refused_everywhere(city, petro, download, {"If-None-Match": tag})
    refused_everywhere(city, petro, f"/files/zip?item={city.folder}")
    refused_everywhere(city, petro, SHARED_FILM, basic)
    refused_everywhere(city, petro, SHARED_FILM, basic | {"If-None-Match": tag})
    for reader in readers:
        assert reader.cut_after(ended_at) <= SOON
    assert owners.rest() >= len(LARGE) - 2048, "the first of it may have come with the head, all else has to come"


def test_class_4_a_removed_official_a_closed_account_and_a_lost_program_are_cut(city: City, opened: ExitStack) -> None:
    body = Principal(SubjectKind.BODY, _one(city, query(Body.id)))
    city.give(body)
    city.let_in("mykola")
    download = f"/files/item/{city.file}/download"
    iryna, mykola = signed_in(city.place, email("iryna")), signed_in(city.place, email("mykola"))
    basic, theirs = city.program_of("olena", "lost"), city.program_of("mykola")
    readers = [
        slow(city, opened, download, cookies(iryna)),
        slow(city, opened, download, cookies(mykola)),
        slow(city, opened, f"/api/v1/items/{city.file}/content", basic),
        slow(city, opened, "/dav/personal/Riser/film.bin", basic),
        slow(city, opened, SHARED_FILM, theirs),
    ]
    city.as_host(dismiss, query(Official.id))
    city.as_host(disable, query(Person.id).where(Person.email == email("mykola")))
    with city.node.writing(city.owner) as work:
        app_passwords.revoke_app_password(
            work, work.session.scalars(query(AppPassword.id).where(AppPassword.label == "lost")).one()
        )
        work.commit()
    ended_at = time.monotonic()
    refused_everywhere(city, iryna, f"/files/item/{city.file}/preview")
    for reader in readers:
        assert reader.cut_after(ended_at) <= SOON


def test_class_4_a_grant_that_ends_by_the_clock_cuts_what_runs(city: City, opened: ExitStack) -> None:
    given = city.let_in("andrii")
    andrii = signed_in(city.place, email("andrii"))
    reader = slow(city, opened, f"/files/item/{city.file}/download", cookies(andrii))
    with city.node.writing(city.owner) as work:
        end = work.now.replace(microsecond=0)
        thing = locate_item(work, city.folder)[1]
        service.change_grant(
            work, thing, given, level=Level.VIEW, valid_from=None, valid_until=end + timedelta(seconds=3), purpose=""
        )
        work.commit()
    assert reader.cut_after(time.monotonic() + 3.0) <= SOON
    refused_everywhere(city, andrii, f"/files/item/{city.file}/download")


class SlowSender:
    """Sends a body by halves: the first as soon as it is invited to."""

    def __init__(self, place: Instance, path: str, headers: dict[str, str], body: bytes) -> None:
        self._socket = socket.create_connection(("127.0.0.1", place.port), timeout=PATIENCE)
        self._answer = self._socket.makefile("rb")
        more = {"Host": f"localhost:{place.port}", "Content-Length": str(len(body)), "Expect": "100-continue"}
        lines = [f"PUT {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (headers | more).items())]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.invited = self._status() == 100
        self._answer.readline()
        half = len(body) // 2
        self._socket.sendall(body[:half])
        self._rest = body[half:]

    def finish(self) -> int:
        """Send the other half; the status of the answer."""
        self._socket.sendall(self._rest)
        return self._status()

    def close(self) -> None:
        self._answer.close()
        self._socket.close()

    def _status(self) -> int:
        return int(self._answer.readline().split()[1])


def test_class_4_what_is_on_its_way_in_when_the_right_ends_is_not_kept_and_locks_end(
    city: City, opened: ExitStack
) -> None:
    given = city.let_in("petro", Level.EDIT)
    olena, his = program(city.place, email("olena")), city.program_of("petro")
    put(olena, city.folder, "plan.txt", b"plan").raise_for_status()
    lock = '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'
    locked = httpx.request("LOCK", city.place.address + "/dav/shared/Riser/plan.txt", content=lock, headers=his)
    assert locked.status_code == 200, locked.text
    assert olena.put("/dav/personal/Riser/plan.txt", content=b"over").status_code == 423
    addresses = ["/dav/shared/Riser/late.bin", "/dav/shared/Riser/plan.txt", f"/api/v1/items/{city.folder}/files/late"]
    headers = [his, his | {"If": f"({locked.headers['Lock-Token']})"}, his]
    senders = [SlowSender(city.place, *one, LARGE[:MIB]) for one in zip(addresses, headers, strict=True)]
    for sender in senders:
        opened.callback(sender.close)
        assert sender.invited
    city.end(given)
    assert [sender.finish() for sender in senders] == [410] * 3
    names = [one["name"] for one in olena.get(f"/api/v1/items/{city.folder}/children").json()["items"]]
    assert sorted(names) == ["film.bin", "plan.txt"]
    assert olena.get("/dav/personal/Riser/plan.txt").content == b"plan"
    assert olena.put("/dav/personal/Riser/plan.txt", content=b"mine again").status_code == 204


def _one(city: City, wanted: object) -> str:
    with city.node.reading(ADMIN) as work:
        return str(work.session.scalars(wanted).one())  # type: ignore[call-overload]
