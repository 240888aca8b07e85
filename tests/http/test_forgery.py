"""What another site makes a browser send changes nothing, at no address that changes something."""

from typing import Any

import pytest
from werkzeug.routing import Rule

from tests.web.visitor import Site, Visitor
from tests.world import World
from workspace.http.doors import door_of
from workspace.http.forgery import SAFE
from workspace.kernel.actors import Door

ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost.evil.example"},
]

# refusals without a page around them
QUICK = {"Accept": "application/json"}


@pytest.fixture
def signed_in(embedded_world: World) -> tuple[Site, Visitor]:
    site = Site(embedded_world)
    browser = site.visitor()
    browser.sign_in(site.person().email)
    return site, browser


def address(site: Site, rule: Rule) -> str:
    """An address of this rule, with made-up parts."""
    parts = {name: next(iter(getattr(one, "items", ("x",)))) for name, one in rule._converters.items()}
    return site.app.url_map.bind("localhost").build(rule.endpoint, parts, method=next(iter(unsafe(rule))))


def unsafe(rule: Rule) -> set[str]:
    return set(rule.methods or ()) - SAFE


def changing(site: Site) -> list[tuple[str, str]]:
    """Method and address of all that changes something behind the web's door."""
    found = [(method, address(site, rule)) for rule in site.app.url_map.iter_rules() for method in sorted(unsafe(rule))]
    return [(method, path) for method, path in found if door_of(path) is Door.WEB]


def test_every_address_that_changes_something_refuses_what_comes_without_a_token(
    signed_in: tuple[Site, Visitor],
) -> None:
    site, browser = signed_in
    let_through = [
        f"{method} {path}"
        for method, path in changing(site)
        if browser.client.open(path, method=method, data={"a": "b"}, headers=QUICK).status_code != 403
    ]
    assert len(changing(site)) > 30
    assert let_through == []


def test_class_9_every_address_refuses_another_origin_even_with_a_token(signed_in: tuple[Site, Visitor]) -> None:
    site, browser = signed_in
    token = browser.forms("/settings/name")[-1].values["csrf_token"]
    let_through = []
    for number, (method, path) in enumerate(changing(site)):
        headers = QUICK | ELSEWHERE[number % len(ELSEWHERE)]
        if browser.client.open(path, method=method, data={"csrf_token": token}, headers=headers).status_code != 403:
            let_through.append(f"{method} {path} {headers}")
    assert let_through == []


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_whatever_a_browser_says_of_another_origin_is_refused(signed_in: tuple[Site, Visitor], headers: Any) -> None:
    _site, browser = signed_in
    assert browser.fill("/settings/name", {"name": "Evil"}, headers=headers).status_code == 403
    assert "Evil" not in browser.get("/settings").get_data(as_text=True)


@pytest.mark.parametrize("how", [{"json": {"name": "Evil"}}, {"data": '{"name":"Evil"}', "content_type": "text/plain"}])
def test_no_other_way_of_writing_a_form_passes(signed_in: tuple[Site, Visitor], how: Any) -> None:
    _site, browser = signed_in
    assert browser.client.post("/settings/name", **how).status_code == 403
    assert "Evil" not in browser.get("/settings").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/settings/name?_method=POST&name=Evil", "/settings/name?name=Evil"])
def test_a_get_changes_nothing(signed_in: tuple[Site, Visitor], path: str) -> None:
    _site, browser = signed_in
    browser.get(path, headers={"X-HTTP-Method-Override": "POST"})
    assert "Evil" not in browser.get("/settings").get_data(as_text=True)


def test_our_own_forms_pass(signed_in: tuple[Site, Visitor]) -> None:
    _site, browser = signed_in
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.fill("/settings/name", {"name": "Olena H."}, headers=headers).location == "/settings"
    assert "Olena H." in browser.get("/settings").get_data(as_text=True)


def test_a_token_is_good_for_its_own_session_only(signed_in: tuple[Site, Visitor]) -> None:
    site, browser = signed_in
    other = site.visitor()
    other.sign_in(site.person("Petro").email)
    stolen = other.forms("/settings/name")[-1].values["csrf_token"]
    assert browser.client.post("/settings/name", data={"csrf_token": stolen, "name": "Evil"}).status_code == 403


def test_no_answer_lets_other_origins_read(signed_in: tuple[Site, Visitor]) -> None:
    _site, browser = signed_in
    answer = browser.get("/settings", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
