"""The whole web application over a world, and readers who are signed in to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from tests.parts.services import run_folder
from tests.web.visitor import PASSWORD
from tests.world import Someone, World
from workspace.accounts.models import Person
from workspace.accounts.passwords import hash_password
from workspace.accounts.secrets import create_web_secrets
from workspace.app import create_app
from workspace.cloud.things import locate_item
from workspace.kernel.actors import Principal, SubjectKind
from workspace.sharing import service
from workspace.sharing.links import make_link
from workspace.sharing.rule import Level

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Reader:
    """Somebody at a browser; `client` keeps the cookies."""

    client: FlaskClient
    someone: Someone | None = None
    _token: str = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def page(self, path: str, status: int = 200) -> str:
        """The text of a page that answers with this status."""
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")

    def token(self) -> str:
        """The token of this browser's session, from a form that everybody gets."""
        if not self._token:
            found = TOKEN.search(self.page("/settings" if self.someone else "/sign-in"))
            assert found is not None
            self._token = found[1]
        return self._token

    def post(self, path: str, follow: bool = True, **values: Any) -> TestResponse:
        """Send a form with the session's token, as a page of ours would."""
        data = {"csrf_token": self.token()} | values
        return self.client.post(path, data=data, follow_redirects=follow)

    def send(self, path: str, *files: tuple[str, bytes], field: str = "files", follow: bool = True) -> TestResponse:
        """Send files by a plain form."""
        data = {"csrf_token": self.token(), field: [(BytesIO(content), name) for name, content in files]}
        return self.client.post(path, data=data, content_type="multipart/form-data", follow_redirects=follow)


class FilesSite:
    """An instance with everything at its doors."""

    def __init__(self, world: World) -> None:
        create_web_secrets(world.settings.secrets)
        self.world = world
        self.app: Flask = create_app(world.runtime)
        self.app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(run_folder()), "%s.template")

    def anybody(self) -> Reader:
        return Reader(self.app.test_client())

    def reader(self, name: str = "Olena", **more: Any) -> Reader:
        """Somebody new, signed in, reading English."""
        someone = self.world.make_person(name, **more)
        with self.world.writing(someone.actor) as work:
            work.session.get_one(Person, someone.id).password = hash_password(PASSWORD, 1)
        client = self.app.test_client()
        answer = Reader(client).post("/sign-in", follow=False, email=someone.email, password=PASSWORD)
        assert answer.status_code in (302, 303), answer.get_data(as_text=True)
        return Reader(client, someone)

    def share(self, owner: Reader, item_id: str, reader: Reader, level: Level, purpose: str = "") -> None:
        assert owner.someone is not None
        assert reader.someone is not None
        with self.world.writing(owner.someone.actor) as work:
            _item, thing = locate_item(work, item_id)
            service.grant(work, thing, Principal(SubjectKind.PERSON, reader.someone.id), level, purpose=purpose)

    def link(self, owner: Reader, item_id: str, level: Level) -> Reader:
        """Somebody who is nobody, with a secret link in hand."""
        assert owner.someone is not None
        with self.world.writing(owner.someone.actor) as work:
            _item, thing = locate_item(work, item_id)
            _grant, token = make_link(work, thing, level)
        reader = self.anybody()
        reader.client.set_cookie("lang", "en")
        assert reader.get(f"/l/{token}").status_code == 303
        return reader
