"""Nothing is served once the end of a right has been answered: two processes serve, a third one ends it."""

from __future__ import annotations

import http.client
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.parts.instances import Instance, Instances
from workspace.accounts.app_passwords import revoke_app_password
from workspace.accounts.models import AppPassword, Person
from workspace.accounts.service import disable
from workspace.app import wire
from workspace.cloud import service, spaces, trash
from workspace.cloud.models import Item
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND, Actor
from workspace.settings import from_environment

pytestmark = pytest.mark.slow
EMAIL = "olena@example.org"


@dataclass
class Program:
    """A program on connections of its own to each of the processes, and the instance behind them."""

    place: Instance
    instance: Runtime
    secret: str
    lines: list[http.client.HTTPConnection]

    @property
    def signed(self) -> dict[str, str]:
        return {"Authorization": "Basic " + b64encode(f"{EMAIL}:{self.secret}".encode()).decode()}

    def ask(self, line: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> int:
        line.request(method, f"/dav/personal{path}", body, self.signed)
        answer = line.getresponse()
        answer.read()
        return answer.status

    def everywhere(self, path: str) -> set[int]:
        return {self.ask(line, "GET", path) for line in self.lines for _ in range(3)}


@pytest.fixture(params=["embedded", "grown"], scope="module")
def place(request: pytest.FixtureRequest, instances: Instances) -> Instance:
    started = instances.prepare(request.param, workers="2")
    started.add_person(EMAIL, "Olena")
    started.start("serve")
    return started


@pytest.fixture
def program(place: Instance) -> Iterator[Program]:
    secret = place.quick("user", "app-password", EMAIL, "--label", "program").strip().splitlines()[-1]
    instance = wire(from_environment(place.environment))
    lines = [http.client.HTTPConnection("localhost", place.port, timeout=60) for _ in range(12)]
    made = Program(place, instance, secret, lines)
    yield made
    for line in lines:
        line.close()
    instance.database.dispose()


def olena(work: Work) -> Actor:
    person = work.session.query(Person).filter_by(email=EMAIL).one()
    return Actor(person_id=person.id)


def act(program: Program, change: Callable[[Work], object]) -> None:
    with program.instance.reading(COMMAND) as work:
        actor = olena(work)
    with program.instance.writing(actor) as work:
        change(work)
        work.commit()


def folder_id(work: Work, name: str) -> str:
    top = spaces.root_of(work, spaces.personal_space(work, str(work.actor.person_id)).id)
    return str(work.session.query(Item.id).filter_by(parent_id=top.id, name=name, trashed_at=None).scalar())


ENDS: dict[str, tuple[Callable[[Work], object], int]] = {
    "renamed": (lambda work: service.rename(work, folder_id(work, "renamed"), "renamed elsewhere"), 404),
    "thrown away": (lambda work: trash.trash(work, folder_id(work, "thrown away")), 404),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_has_gone_is_served_nowhere_any_more(program: Program, end: str) -> None:
    change, status = ENDS[end]
    path = "/" + end.replace(" ", "%20")
    assert program.ask(program.lines[0], "MKCOL", path) == 201
    assert program.ask(program.lines[0], "PUT", f"{path}/a.txt", b"hello") == 201
    for _ in range(3):
        assert program.everywhere(f"{path}/a.txt") == {200}
    act(program, change)
    assert program.everywhere(f"{path}/a.txt") == {status}
    assert program.ask(program.lines[0], "PUT", f"{path}/b.txt", b"hello") == 409


def test_a_revoked_app_password_opens_nothing_any_more(program: Program) -> None:
    assert program.ask(program.lines[0], "PUT", f"/{program.secret[-6:]}.txt", b"hello") == 201
    for _ in range(3):
        assert program.everywhere(f"/{program.secret[-6:]}.txt") == {200}

    def revoke(work: Work) -> None:
        newest = work.session.query(AppPassword).order_by(AppPassword.id.desc()).first()
        assert newest is not None
        revoke_app_password(work, newest.id)

    act(program, revoke)
    assert program.everywhere(f"/{program.secret[-6:]}.txt") == {401}


def test_a_closed_account_opens_nothing_any_more(program: Program) -> None:
    assert program.ask(program.lines[0], "PUT", f"/{program.secret[-6:]}.txt", b"hello") == 201
    for _ in range(3):
        assert program.everywhere(f"/{program.secret[-6:]}.txt") == {200}
    with program.instance.writing(Actor(administrator=True, host=True)) as work:
        disable(work, str(olena(work).person_id))
        work.commit()
    assert program.everywhere(f"/{program.secret[-6:]}.txt") == {401}
