"""An instance behind its real WSGI application, and programs that speak to it with app passwords."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.world import Someone, World
from workspace.accounts.app_passwords import make_app_password
from workspace.accounts.secrets import create_web_secrets
from workspace.app import create_app

V1 = "/api/v1"


@dataclass
class Program:
    """A program of somebody's: every request carries the app password. `api` prefixes addresses."""

    app: Flask
    secret: str
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}"} | self.headers | more.pop("headers", {})
        # a client of its own for each request: programs keep no cookies
        return self.app.test_client().open(path, method=method, headers=headers, **more)

    def api(self, method: str, path: str, **more: Any) -> TestResponse:
        return self.send(method, V1 + path, **more)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON of an answer that has to be a success."""
        return self._json(self.api("GET", path, **more))

    def post(self, path: str, body: Any, status: int = 201, **more: Any) -> Any:
        answer = self.api("POST", path, json=body, **more)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json()

    def store(self, folder_id: str, name: str, data: bytes, **headers: str) -> Any:
        return self._json(self.api("PUT", f"/items/{folder_id}/files/{name}", data=data, headers=headers))

    @staticmethod
    def _json(answer: TestResponse) -> Any:
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json()


def basic(email: str, secret: str) -> str:
    return "Basic " + b64encode(f"{email}:{secret}".encode()).decode()


def application(world: World) -> Flask:
    create_web_secrets(world.settings.secrets)
    return create_app(world.runtime)


def app_password(world: World, who: Someone) -> str:
    with world.writing(who.actor) as work:
        return make_app_password(work, "a program").secret


@pytest.fixture
def app(world: World) -> Flask:
    """On both stacks."""
    return application(world)


@pytest.fixture
def program(world: World, app: Flask) -> Callable[[Someone], Program]:
    return lambda who: Program(app, app_password(world, who))


@pytest.fixture
def embedded_app(embedded_world: World) -> Flask:
    """On SQLite and the filesystem, for what does not depend on the stack."""
    return application(embedded_world)


@pytest.fixture
def embedded_program(embedded_world: World, embedded_app: Flask) -> Callable[[Someone], Program]:
    return lambda who: Program(embedded_app, app_password(embedded_world, who))
