"""Somebody at a browser, without the browser: follows forms as they stand in the page, tokens and all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from tests.parts.services import run_folder
from tests.world import World
from workspace.accounts.models import Person
from workspace.accounts.passwords import hash_password
from workspace.accounts.secrets import create_web_secrets
from workspace.app import create_app
from workspace.db.outbox import Job
from workspace.kernel.actors import COMMAND
from workspace.mail.outbox import JOB, deliver

PASSWORD = "seven swans swim south"


@dataclass
class Form:
    """A form as a page shows it."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append(Form(given.get("action") or ""))
        elif tag in ("input", "button") and self.found and given.get("name"):
            if given.get("type") == "radio" and "checked" not in given:
                return
            self.found[-1].values[str(given["name"])] = given.get("value") or ""


class Visitor:
    """A client with cookies of its own."""

    def __init__(self, app: Flask, **environment: Any) -> None:
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.environment = environment

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **self.environment, **more)

    def forms(self, path: str) -> list[Form]:
        parser = _Forms()
        parser.feed(self.get(path).get_data(as_text=True))
        return parser.found

    def fill(self, path: str, values: dict[str, str], action: str | None = None, **more: Any) -> TestResponse:
        """Load a page, fill in its form (the one with this action, else the last one) and send it."""
        forms = [one for one in self.forms(path) if "sign-out" not in one.action and one.action != "/search"]
        chosen = next((one for one in forms if action and one.action.partition("?")[0].endswith(action)), None)
        form = chosen or forms[-1]
        return self.client.post(form.action or path, data=form.values | values, **self.environment, **more)

    def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        return self.fill("/sign-in", {"email": email, "password": password}, action="/sign-in", **more)

    def sign_out(self) -> TestResponse:
        form = next(one for one in self.forms("/settings") if "sign-out" in one.action)
        return self.client.post(form.action, data=form.values)

    @property
    def known(self) -> bool:
        """Whether this browser is signed in."""
        return self.get("/settings").status_code == 200

    @property
    def cookie(self) -> str:
        found = self.client.get_cookie("session")
        return found.value if found else ""


class Site:
    """An instance with its web application."""

    def __init__(self, world: World) -> None:
        create_web_secrets(world.settings.secrets)
        self.world = world
        self.app = create_app(world.runtime)
        # a template is compiled once in a test run, not once in every test
        self.app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(run_folder()), "%s.template")

    def visitor(self, **environment: Any) -> Visitor:
        return Visitor(self.app, **environment)

    def person(self, name: str = "Olena", **more: Any) -> Any:
        """Somebody with a password."""
        someone = self.world.make_person(name, **more)
        with self.world.writing(someone.actor) as work:
            row = work.session.get_one(Person, someone.id)
            row.password = hash_password(PASSWORD, 1)
        return someone

    def letters(self) -> list[tuple[str, str, str]]:
        """Carry away what waits, and give recipient, subject and text of all letters so far."""
        with self.world.reading(COMMAND) as work:
            waiting = [one.payload["letter"] for one in work.session.query(Job).filter_by(kind=JOB, done_at=None)]
        for letter_id in waiting:
            deliver(self.world.runtime, letter_id)
        read = []
        for _sender, recipient, raw in self.world.letters.sent:
            message = message_from_bytes(raw, policy=policy.default)
            read.append((recipient, str(message["Subject"]), str(message.get_content())))
        return read

    def link(self, part: str) -> str:
        """The path of the newest link in a letter that holds `part`."""
        texts = [text for _to, _subject, text in self.letters()]
        found = [one for text in texts for one in re.findall(r"https?://[^/\s]+(/\S*)", text) if part in one]
        return unescape(found[-1])
