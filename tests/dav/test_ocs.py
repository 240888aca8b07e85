"""What clients ask before they sync: status, capabilities, who one is; and how a program is let in."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import app_password, application, basic
from tests.world import World
from workspace.accounts.program_logins import grant_program_login

JSON = "application/json; charset=utf-8"


@pytest.fixture
def anybody(embedded_app: Flask) -> FlaskClient:
    return embedded_app.test_client()


def test_the_status_is_open_to_anybody(anybody: FlaskClient) -> None:
    answer = anybody.get("/status.php")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, JSON)
    told = answer.get_json()
    assert (told["installed"], told["maintenance"]) == (True, False)
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", told["version"])
    assert anybody.get("/index.php/204").status_code == 204


@pytest.mark.parametrize(("version", "code"), [("v1", 100), ("v2", 200)])
def test_capabilities_announce_what_there_is(anybody: FlaskClient, version: str, code: int) -> None:
    told = anybody.get(f"/ocs/{version}.php/cloud/capabilities?format=json").get_json()["ocs"]
    assert told["meta"] == {"status": "ok", "statuscode": code, "message": "OK"}
    can = told["data"]["capabilities"]
    assert can["dav"] == {"chunking": "1.0"}, "bulk upload would hang the client on an empty file"
    assert can["checksums"]["preferredUploadType"] == "SHA256"
    assert told["data"]["version"]["major"] == 27


def test_who_one_is_and_how_much_room_there_is(embedded_world: World, anybody: FlaskClient) -> None:
    olena = embedded_world.make_person("Olena")
    headers = {"Authorization": basic(olena.email, app_password(embedded_world, olena)), "OCS-APIRequest": "true"}
    for version in ("v1", "v2"):
        told = anybody.get(f"/ocs/{version}.php/cloud/user?format=json", headers=headers).get_json()["ocs"]["data"]
        assert (told["id"], told["display-name"], told["email"]) == (olena.id, "Olena", olena.email)
        assert told["quota"]["free"] == told["quota"]["total"] == 10_000_000_000
    refused = anybody.get("/ocs/v1.php/cloud/user")
    assert (refused.status_code, refused.get_json()["ocs"]["meta"]["statuscode"]) == (401, 997)
    assert refused.headers["WWW-Authenticate"].startswith("Basic realm=")
    wrong = {"Authorization": basic(olena.email, "cw-00000000-" + "0" * 32)}
    assert anybody.get("/ocs/v1.php/cloud/capabilities", headers=wrong).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/ocs/v1.php/apps/files_sharing/api/v1/shares",
        "/ocs/v2.php/apps/notifications/api/v2/notifications",
        "/ocs/v9.php/cloud/user",
        "/ocs",
        "/index.php/login",
        "/index.php/apps/files",
        "/status.php/x",
    ],
)
def test_everything_else_is_not_found_in_json(anybody: FlaskClient, path: str) -> None:
    for method in ("GET", "POST", "PROPFIND"):
        answer = anybody.open(path, method=method)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, JSON)
        answer.get_json()


def test_a_program_is_let_in_by_a_page_and_signs_itself_out(world: World) -> None:
    app = application(world)
    client, olena = app.test_client(), world.make_person("Olena")
    begun = client.post(
        "/index.php/login/v2", headers={"User-Agent": "Mozilla/5.0 (iOS) Nextcloud-iOS/4.8.0"}
    ).get_json()
    base = world.settings.base_url
    assert begun["login"].startswith(f"{base}/let-in/")
    assert begun["poll"]["endpoint"] == f"{base}/index.php/login/v2/poll"

    def poll(token: str = begun["poll"]["token"]):
        return client.post("/index.php/login/v2/poll", data={"token": token})

    assert poll().status_code == 404
    with world.writing(olena.actor) as work:
        grant_program_login(work, begun["login"].rpartition("/")[2])
    for wrong in ("", "x" * 43, begun["login"].rpartition("/")[2]):
        assert poll(wrong).status_code == 404
    given = poll()
    assert given.headers["Cache-Control"].startswith("no-store") or "no-cache" in given.headers["Cache-Control"]
    told = given.get_json()
    assert (told["server"], told["loginName"]) == (base, olena.email)
    assert poll().status_code == 404, "once"
    headers = {"Authorization": basic(told["loginName"], told["appPassword"])}
    assert client.get("/ocs/v1.php/cloud/user", headers=headers).status_code == 200
    assert client.delete("/ocs/v2.php/core/apppassword", headers=headers).status_code == 200
    assert client.get("/ocs/v1.php/cloud/user", headers=headers).status_code == 401


def test_a_flood_of_programs_is_asked_to_wait(anybody: FlaskClient) -> None:
    answers = [anybody.post("/index.php/login/v2").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_the_browsers_cookie_opens_none_of_these(anybody: FlaskClient) -> None:
    anybody.set_cookie("session", "anything")
    for method, path in (("GET", "/ocs/v1.php/cloud/user"), ("DELETE", "/ocs/v2.php/core/apppassword")):
        assert anybody.open(path, method=method).status_code == 401
    assert "Set-Cookie" not in anybody.post("/index.php/login/v2").headers
