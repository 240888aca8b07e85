"""Requests for files by program, from both sides."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Program
from tests.world import Someone, World
from workspace.kernel.actors import Role

Programs = Callable[[Someone], Program]


def test_documents_are_asked_for_sent_refused_and_accepted(world: World, program: Programs) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    mine, theirs = program(olena), program(petro)
    made = mine.post("/requests", {"title": "Subsidy", "documents": ["Passport", "Bill"], "email": petro.email})
    assert made["url"] is None
    path = f"/requests/{made['request']['id']}"
    line = made["request"]["documents"][0]["id"]
    sent = [theirs.api("PUT", f"{path}/documents/{line}/files/scan.pdf", data=one) for one in (b"first", b"second")]
    assert [one.status_code for one in sent] == [201, 201]
    first, second = (one.get_json() for one in sent)
    assert (first["name"], first["state"], first["item"]) == (second["name"], second["state"], second["item"])
    judged = mine.post(f"{path}/sent/{first['id']}/judgement", {"accept": False, "reason": "Unreadable"}, status=200)
    assert [one["state"] for one in judged["documents"][0]["sent"]] == ["refused", "received"]
    seen = theirs.get(path)
    assert [(one["reason"], one["item"], one["sender"]) for one in seen["documents"][0]["sent"]] == [
        ("Unreadable", None, ""),
        ("", None, ""),
    ]
    assert (seen["folder"], seen["addressed_to"]) == (None, None)
    items = [one["item"] for one in mine.get(path)["documents"][0]["sent"]]
    assert [mine.api("GET", f"/items/{one}/content").data for one in items] == [b"first", b"second"]
    assert theirs.api("GET", f"/items/{items[0]}/content").status_code == 404
    assert theirs.api("POST", f"{path}/close").status_code == 403
    assert mine.post(f"{path}/close", {}, status=200)["closed"]
    assert theirs.api("PUT", f"{path}/documents/{line}/files/late.pdf", data=b"late").status_code == 410
    assert [one["id"] for one in mine.get("/requests")["by_me"]] == [made["request"]["id"]]
    assert theirs.get("/requests")["of_me"] == []


def test_class_5_the_upload_door_opens_no_folder_of_a_request(
    embedded_world: World, embedded_program: Programs
) -> None:
    olena, petro = embedded_world.make_person("Olena"), embedded_world.make_person("Petro")
    mine, theirs = embedded_program(olena), embedded_program(petro)
    made = mine.post("/requests", {"title": "Subsidy", "documents": ["Passport"], "email": petro.email})["request"]
    for method, way in (
        ("GET", "/items/{}"),
        ("GET", "/items/{}/children"),
        ("PUT", "/items/{}/files/scan.pdf"),
        ("POST", "/items/{}/copy"),
    ):
        more = {"data": b"x"} if method == "PUT" else {"json": {"parent": petro.root_id}} if method == "POST" else {}
        there, nothing = (theirs.api(method, way.format(one), **more) for one in (made["folder"], "0" * 26))
        assert (there.status_code, there.data) == (nothing.status_code, nothing.data) == (404, nothing.data), way


def test_a_body_asks_through_its_official(embedded_world: World, embedded_program: Programs) -> None:
    olena, clerk = embedded_world.make_person("Olena"), embedded_world.make_person("Iryna")
    body = embedded_world.make_body("Housing")
    embedded_world.appoint(clerk, body, Role.HANDLER)
    office, mine = embedded_program(clerk), embedded_program(olena)
    wanted = {"title": "Subsidy", "documents": ["Passport"], "email": olena.email, "body": body.slug}
    made = office.post("/requests", wanted)["request"]
    assert mine.get(f"/requests/{made['id']}")["asker"] == "Housing"
    assert mine.api("POST", "/requests", json=wanted).status_code == 404
    assert mine.api("POST", "/requests", json=wanted | {"body": "none"}).status_code == 422
