"""The pages of webhooks: for heads and administrators, in words, with the secret shown once."""

from __future__ import annotations

import re

import pytest

from tests.jobs.keeping import do_all, keep_log
from tests.web.visitor import Site, Visitor
from tests.world import SomeBody, World
from workspace.kernel.actors import Role
from workspace.kernel.errors import NotReached

URL = "https://documents.example.org/hook"


@pytest.fixture
def site(embedded_world: World) -> Site:
    return Site(embedded_world)


@pytest.fixture
def body(site: Site) -> SomeBody:
    return site.world.make_body()


@pytest.fixture
def head(site: Site, body: SomeBody) -> Visitor:
    iryna = site.person("Iryna")
    site.world.appoint(iryna, body, Role.HEAD)
    return signed_in(site, iryna.email)


def signed_in(site: Site, email: str) -> Visitor:
    visitor = site.visitor()
    visitor.sign_in(email)
    return visitor


def test_a_head_adds_an_address_sees_its_secret_once_and_how_messages_went(
    site: Site, body: SomeBody, head: Visitor
) -> None:
    path = f"/bodies/{body.slug}/webhooks"
    assert f'href="{path}"' in head.get(f"/bodies/{body.slug}").get_data(as_text=True)
    page = head.fill(path, {"url": URL, "events": "case.delivered"}).get_data(as_text=True)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    assert secret is not None
    listed = head.get(path).get_data(as_text=True)
    assert "whsec_" not in listed
    assert "1 of 10" in listed
    one = re.search(rf"{path}/([0-9a-z]{{26}})", listed)
    assert one is not None
    site.world.outbound.answer = NotReached(reason="connection")
    assert head.fill(one[0], {}, action="/try").status_code == 303
    do_all(keep_log(site.world))
    assert "No connection" in head.get(one[0]).get_data(as_text=True)
    assert head.fill(one[0], {"events": "case.closed"}, action="/events").status_code == 303
    assert head.fill(f"{one[0]}/remove", {}, action="/remove").status_code == 303
    assert one[0] not in head.get(path).get_data(as_text=True)


def test_a_wrong_address_is_explained_at_its_field(body: SomeBody, head: Visitor) -> None:
    path = f"/bodies/{body.slug}/webhooks"
    for url, words in (
        ("http://documents.example.org/", "has to begin with https://"),
        ("https://10.0.0.1/", "it is not public"),
        ("https://documents.example.org:25/", "443,8443"),
        ("https://a:b@documents.example.org/", "may not hold a name or a password"),
        ("nonsense", "has to begin with https://"),
        ("https://documents.example.org/a b", "Write a whole address"),
    ):
        answer = head.fill(path, {"url": url, "events": "case.closed"})
        assert (answer.status_code, words in answer.get_data(as_text=True)) == (422, True), url
    refused = head.client.post(path, data={"csrf_token": head.forms(path)[-1].values["csrf_token"], "url": URL})
    assert "Choose at least one thing" in refused.get_data(as_text=True)


def test_others_find_nothing_here(site: Site, body: SomeBody, head: Visitor) -> None:
    path = f"/bodies/{body.slug}/webhooks"
    registrar, administrator = site.person("Petro"), site.person("Admin", administrator=True)
    site.world.appoint(registrar, body, Role.REGISTRAR)
    assert signed_in(site, registrar.email).get(path).status_code == 403
    assert signed_in(site, site.person("Olena").email).get(path).status_code == 404
    assert site.visitor().get(path).status_code == 302
    assert signed_in(site, administrator.email).get(path).status_code == 200
