"""Every answer is guarded, and what a known person was told stays in no cache."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask, Response, abort, g

from workspace.http import headers
from workspace.kernel.actors import Actor
from workspace.settings import Settings


def guarded(base_url: str = "http://localhost:8000") -> Flask:
    app = Flask(__name__, static_folder=None)
    app.extensions["workspace"] = SimpleNamespace(settings=Settings(base_url=base_url))
    headers.install(app)

    def file() -> Response:
        g.actor = Actor(person_id="1" * 26)
        return Response(b"x", headers={"Content-Security-Policy": "sandbox", "Cache-Control": "public, max-age=9"})

    def out() -> str:
        headers.sign_out_cleared()
        return "bye"

    app.add_url_rule("/", "page", lambda: "page")
    app.add_url_rule("/file", "file", file)
    app.add_url_rule("/out", "out", out)
    app.add_url_rule("/broken", "broken", lambda: abort(500))
    app.add_url_rule("/static/<name>", "static", lambda name: name)
    return app


@pytest.mark.parametrize("path", ["/", "/file", "/broken", "/missing", "/static/brand.css"])
def test_every_answer_is_guarded(path: str) -> None:
    answer = guarded().test_client().get(path)
    for name in headers.HEADERS:
        assert name in answer.headers, f"{path} lacks {name}"


def test_a_page_may_load_only_what_is_ours() -> None:
    policy = guarded().test_client().get("/").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy
    assert set(rules.values()) == {"'none'", "'self'"}


def test_a_file_keeps_its_own_stricter_policy() -> None:
    assert guarded().test_client().get("/file").headers["Content-Security-Policy"] == "sandbox"


def test_what_a_known_person_sees_is_kept_by_nobody() -> None:
    client = guarded().test_client()
    assert client.get("/file").headers["Cache-Control"] == "no-store, private"
    assert client.get("/").headers["Cache-Control"] == "no-cache, private"


def test_assets_may_be_kept_when_their_address_tells_their_content() -> None:
    client = guarded().test_client()
    assert "immutable" in client.get("/static/brand.css?v=1").headers["Cache-Control"]
    assert "immutable" not in client.get("/static/brand.css").headers["Cache-Control"]


def test_tls_is_insisted_on_only_where_there_is_tls() -> None:
    assert "Strict-Transport-Security" not in guarded().test_client().get("/").headers
    assert "Strict-Transport-Security" in guarded("https://cloud.example.org").test_client().get("/").headers


def test_signing_out_tells_the_browser_to_forget() -> None:
    client = guarded().test_client()
    assert "Clear-Site-Data" in client.get("/out").headers
    assert "Clear-Site-Data" not in client.get("/").headers


def test_our_forms_still_tell_where_they_come_from() -> None:
    # with "no-referrer" the browser would send "Origin: null" and every check of it would refuse our own pages
    assert headers.HEADERS["Referrer-Policy"] == "same-origin"
