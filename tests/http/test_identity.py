"""Who asks: the browser's door by its cookie, the programs' doors by app passwords, never the other way round."""

from base64 import b64encode

import pytest
from flask import Blueprint, g, jsonify

from tests.web.visitor import PASSWORD, Site
from tests.world import World
from workspace.accounts import service
from workspace.accounts.app_passwords import make_app_password
from workspace.http import sessions
from workspace.kernel.actors import COMMAND, Role
from workspace.sharing.models import Link


@pytest.fixture
def site(embedded_world: World) -> Site:
    place = Site(embedded_world)
    probe = Blueprint("probe", __name__)

    def tell() -> object:
        actor = g.actor
        return jsonify(
            person=actor.person_id,
            door=actor.door.value,
            administrator=actor.administrator,
            links=sorted(actor.links),
            posts=sorted(str(one.role) for one in actor.appointments),
            app_password=actor.app_password_id,
        )

    for name in ("/page", "/api/v1/probe", "/remote.php/dav/probe", "/uploads/probe"):
        probe.add_url_rule(
            name, name.strip("/").replace("/", "_").replace(".", "_"), tell, methods=["GET", "POST", "PUT"]
        )

    @probe.get("/enter/<link>/<int:entry>")
    def enter(link: str, entry: int) -> str:
        sessions.remember_link(link, entry)
        return "entered"

    place.app.register_blueprint(probe)
    return place


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{secret}".encode()).decode()}


def test_a_page_knows_who_signed_in_with_their_posts(site: Site) -> None:
    olena, body = site.person(administrator=True), site.world.make_body()
    site.world.appoint(olena, body, Role.REGISTRAR)
    browser = site.visitor()
    browser.sign_in(olena.email)
    assert browser.get("/page").json == {
        "person": olena.id,
        "door": "web",
        "administrator": True,
        "links": [],
        "posts": ["registrar"],
        "app_password": None,
    }


def test_the_browsers_cookie_opens_no_door_for_programs(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.sign_in(olena.email)
    assert browser.get("/api/v1/probe").json["person"] is None  # type: ignore[index]
    for path in ("/dav/", "/remote.php/webdav/", "/remote.php/dav/files/" + olena.id + "/"):
        assert browser.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/probe", "/uploads/probe"])
def test_an_app_password_opens_them_by_basic_and_bearer_without_the_administration(site: Site, path: str) -> None:
    olena = site.person(administrator=True)
    with site.world.writing(olena.actor) as work:
        made = make_app_password(work, "laptop")
    for headers in (basic(olena.email, made.secret), {"Authorization": f"Bearer {made.secret}"}):
        told = site.visitor().get(path, headers=headers).json
        assert told is not None
        assert (told["person"], told["administrator"], told["app_password"]) == (olena.id, False, made.id)


def test_an_app_password_is_nothing_to_a_page(site: Site) -> None:
    olena = site.person()
    with site.world.writing(olena.actor) as work:
        made = make_app_password(work, "laptop")
    assert site.visitor().get("/page", headers=basic(olena.email, made.secret)).json["person"] is None  # type: ignore[index]


@pytest.mark.parametrize("path", ["/api/v1/probe", "/dav/probe"])
def test_the_accounts_own_password_opens_no_door_for_programs(site: Site, path: str) -> None:
    olena = site.person()
    answer = site.visitor().get(path, headers=basic(olena.email, PASSWORD))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_class_15_ten_tries_are_ten_through_all_doors_together(site: Site) -> None:
    olena, visitor = site.person(), site.visitor()
    for _ in range(5):
        assert visitor.get("/api/v1/probe", headers=basic(olena.email, "a wrong one")).status_code == 401
    for _ in range(5):
        assert visitor.sign_in(olena.email, "a wrong one").status_code == 200
    refused = visitor.get("/dav/probe", headers=basic(olena.email, PASSWORD))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    assert visitor.sign_in(olena.email).status_code == 429


def test_a_disabled_account_is_out_of_every_door(site: Site) -> None:
    olena = site.person()
    with site.world.writing(olena.actor) as work:
        made = make_app_password(work, "laptop")
    with site.world.writing(COMMAND) as work:
        service.disable(work, olena.id)
    for path in ("/api/v1/probe", "/dav/probe"):
        assert site.visitor().get(path, headers=basic(olena.email, made.secret)).status_code == 401


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ====", "Bearer", "Digest username=x", "Basic " + b64encode(b"no colon").decode()]
)
def test_broken_credentials_are_wrong_ones(site: Site, header: str) -> None:
    answer = site.visitor().get("/api/v1/probe", headers={"Authorization": header})
    assert answer.status_code in (200, 401)
    if answer.status_code == 200:
        assert answer.json["person"] is None  # type: ignore[index]


def test_entered_links_come_along_in_the_browser_alone_and_survive_signing_in(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    with site.world.writing(olena.actor) as work:
        made = [Link(id=one, token_hash=one.encode(), made_at=work.now) for one in ("l1", "l2", "l3")]
        work.session.add_all(made)
    browser.get("/enter/l1/1")
    browser.get("/enter/l2/1")
    browser.get("/enter/l3/0")  # by a password that was changed since
    browser.get("/enter/l4/1")  # of which there is none
    assert browser.get("/page").json["links"] == ["l1", "l2"]  # type: ignore[index]
    assert browser.get("/api/v1/probe").json["links"] == []  # type: ignore[index]
    browser.sign_in(olena.email)
    assert browser.get("/page").json["links"] == ["l1", "l2"]  # type: ignore[index]
    browser.sign_out()
    assert browser.get("/page").json["links"] == []  # type: ignore[index]


def test_a_cookie_that_is_not_ours_is_nobody(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.sign_in(olena.email)
    forged = browser.cookie
    browser.client.set_cookie("session", forged[:-4] + "AAAA")
    assert browser.get("/page").json["person"] is None  # type: ignore[index]
