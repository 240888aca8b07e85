"""Programs that speak WebDAV to an instance behind its real WSGI application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import app_password, application, basic
from tests.world import Someone, World

Found = dict[str, dict[str, ElementTree.Element]]


@dataclass
class DavProgram:
    """A program of somebody's that knows WebDAV. Paths lie below `root`."""

    app: Flask
    email: str
    secret: str
    root: str = "/dav/personal"
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str = "", data: bytes | str = b"", **headers: str) -> TestResponse:
        """Send a request. Field names are written with `_` for `-`."""
        fields = {"Authorization": basic(self.email, self.secret)} | self.headers
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        address = path if path.startswith("/dav") else self.root + path
        return self.app.test_client().open(address, method=method, headers=fields, data=data)

    def ask(self, status: int, method: str, path: str = "", data: bytes | str = b"", **headers: str) -> TestResponse:
        """Send a request that has to be answered with this status."""
        answer = self.send(method, path, data, **headers)
        assert answer.status_code == status, f"{answer.status} {answer.get_data(as_text=True)}"
        return answer

    def list(self, path: str = "", depth: str = "1", body: str = "") -> Found:
        """PROPFIND: for each address the properties that it has, by their Clark names."""
        answer = self.ask(207, "PROPFIND", path, body, Depth=depth)
        return found_in(answer)

    def names(self, path: str = "") -> list[str]:
        """Last pieces of the addresses in a folder, in order, as they stand there."""
        _, *rest = self.list(path)
        return [href.rstrip("/").rpartition("/")[2] for href in rest]


def found_in(answer: TestResponse, status: str = "200") -> Found:
    """The properties of each part of a multistatus that have this status."""
    found: Found = {}
    for part in ElementTree.fromstring(answer.get_data()):
        href = part.findtext("{DAV:}href") or ""
        found[href] = {
            one.tag: one
            for propstat in part.findall("{DAV:}propstat")
            if status in (propstat.findtext("{DAV:}status") or "")
            for one in propstat.find("{DAV:}prop") or ()
        }
    return found


Programs = Callable[[Someone], DavProgram]


@pytest.fixture
def app(world: World) -> Flask:
    """On both stacks."""
    return application(world)


@pytest.fixture
def dav(world: World, app: Flask) -> Programs:
    return lambda who: DavProgram(app, who.email, app_password(world, who))


@pytest.fixture
def embedded_app(embedded_world: World) -> Flask:
    """On SQLite and the filesystem, for what does not depend on the stack."""
    return application(embedded_world)


@pytest.fixture
def embedded_dav(embedded_world: World, embedded_app: Flask) -> Programs:
    return lambda who: DavProgram(embedded_app, who.email, app_password(embedded_world, who))


def asked(*names: str) -> str:
    """The body of a PROPFIND for properties of `DAV:`."""
    return f'<propfind xmlns="DAV:"><prop>{"".join(f"<{name}/>" for name in names)}</prop></propfind>'
