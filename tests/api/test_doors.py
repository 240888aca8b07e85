"""Who gets in, what a refusal looks like, and that nobody sets what they were not offered."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from tests.api.conftest import V1, Program, basic
from tests.web.visitor import Site, Visitor
from tests.world import Someone, World
from workspace.api.operations import Operation
from workspace.api.resources import GROUPS
from workspace.kernel.ids import new_id

Programs = Callable[[Someone], Program]
OPERATIONS = [one for group in GROUPS for one in group]


def address(operation: Operation, known: dict[str, str]) -> str:
    """With the known ids in it, and for the others ids that never were."""
    path = V1 + operation.path
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", known.get(name) or new_id())
    return path


def test_nobody_is_asked_to_sign_in_everywhere(embedded_app: Flask) -> None:
    for operation in OPERATIONS:
        answer = embedded_app.test_client().open(address(operation, {}), method=operation.method)
        if operation.open:
            assert answer.status_code == 200, operation.name
            continue
        assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_required"), operation.name
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert answer.content_type == "application/problem+json"


def test_what_is_somebody_elses_looks_like_what_is_not_there(embedded_world: World, embedded_program: Programs) -> None:
    """Every address with an id, asked by a stranger for a real thing and for one that never was."""
    olena, mykola = embedded_world.make_person("Olena"), embedded_world.make_person("Mykola")
    mine, theirs = embedded_program(olena), embedded_program(mykola)
    item = mine.store(olena.root_id, "secret.txt", b"MARKER")
    comment = mine.post(f"/items/{item['item']}/comments", {"text": "MARKER"})
    subject = {"kind": "body", "slug": embedded_world.make_body().slug}
    grant = mine.post(f"/items/{item['item']}/grants", {"subject": subject, "level": "view"})
    case = mine.post("/cases", {"title": "MARKER", "story": "MARKER", "body": subject["slug"]})
    asked = mine.post("/requests", {"title": "MARKER", "documents": ["MARKER"]})["request"]
    delivery = mine.post(f"/cases/{case['id']}/deliver", {"irrevocable": True})
    real = {
        "item_id": item["item"],
        "version_id": item["version"],
        "comment_id": comment["id"],
        "grant_id": grant["id"],
        "case_id": case["id"],
        "delivery_id": delivery["id"],
        "document_id": mine.get(f"/cases/{case['id']}")["documents"][0]["id"],
        "request_id": asked["id"],
        "slug": "none",
        "name": "x",
    }
    for operation in OPERATIONS:
        if not operation.parameters:
            continue
        answers = []
        for known in (real, {}):
            more = {"json": BODIES[operation.name]} if operation.request else {}
            answer = theirs.send(operation.method, address(operation, known), **more)
            assert b"MARKER" not in answer.data
            answers.append((answer.status_code, answer.data, answer.headers.get("ETag")))
        assert answers[0] == answers[1], operation.name
        assert answers[0][0] == 404, (operation.name, answers[0][1])


BODIES: dict[str, object] = {
    "change_item": {"name": "mine now"},
    "make_folder": {"name": "folder"},
    "copy_item": {"parent": new_id()},
    "restore_item": {},
    "give_access": {"subject": {"kind": "office", "id": new_id()}, "level": "edit"},
    "change_access": {"level": "edit"},
    "judge_document": {"accept": True},
    "set_link_password": {"password": None},
    "make_link": {"level": "edit"},
    "add_comment": {"text": "hello"},
    "change_case": {"title": "mine now"},
    "put_documents": {"items": [new_id()]},
    "deliver_case": {"irrevocable": True},
    "add_to_case": {"irrevocable": True},
    "reply_in_case": {"text": "hello"},
    "judge_case": {"judgement": "accept"},
    "register_case": {},
    "assign_case": {"person": new_id()},
    "ask_in_case": {"text": "why?"},
    "save_answer_draft": {},
    "answer_case": {"irrevocable": True, "outcome": "granted", "text": "yes"},
    "note_in_case": {"text": "hm"},
    "add_webhook": {"url": "https://example.org/", "events": ["case.delivered"]},
    "change_webhook": {"events": ["case.delivered"]},
}


def test_basic_and_bearer_open_and_a_wrong_secret_does_not(
    embedded_world: World, embedded_app: Flask, embedded_program: Programs
) -> None:
    olena = embedded_world.make_person()
    secret = embedded_program(olena).secret
    client = embedded_app.test_client()

    def me(authorization: str) -> int:
        return client.get(f"{V1}/me", headers={"Authorization": authorization}).status_code

    assert me(f"Bearer {secret}") == 200
    assert me(basic(olena.email, secret)) == 200
    assert me(basic("somebody@example.org", secret)) == 401
    assert me(f"Bearer {secret[:-1]}x") == 401
    assert me("Digest nonsense") == 401


def test_a_session_cookie_does_not_open_the_api(embedded_world: World, embedded_app: Flask) -> None:
    site = Site(embedded_world)
    visitor = Visitor(embedded_app)
    visitor.sign_in(site.person().email)
    assert visitor.get("/settings").status_code == 200
    assert visitor.get(f"{V1}/me").status_code == 401


def test_class_20_what_was_not_offered_cannot_be_set(embedded_world: World, embedded_program: Programs) -> None:
    olena = embedded_world.make_person()
    mine = embedded_program(olena)
    item = mine.store(olena.root_id, "a.txt", b"")["item"]
    for name in ("owner_id", "space_id", "trashed_at", "version_id", "made_by"):
        refused = mine.api("PATCH", f"/items/{item}", json={name: new_id()})
        assert refused.status_code == 422
        assert refused.get_json()["errors"] == [
            {"pointer": f"#/{name}", "detail": "Extra inputs are not permitted"},
        ]
    assert mine.api("GET", f"/items/{item}?admin=1").get_json()["id"] == item
    refused = mine.api("GET", f"/items/{olena.root_id}/children?admin=1")
    assert (refused.status_code, refused.get_json()["errors"][0]["parameter"]) == (422, "admin")
    assert mine.api("GET", f"/items/{olena.root_id}/children?limit=1&limit=2").status_code == 422


def test_only_json_is_taken_for_json(embedded_world: World, embedded_program: Programs) -> None:
    olena = embedded_world.make_person()
    mine, path = embedded_program(olena), f"/items/{olena.root_id}/children"
    assert mine.api("POST", path, data={"name": "a"}).status_code == 415
    assert mine.api("POST", path, data='{"name": "a"}', content_type="text/plain").status_code == 415
    assert mine.api("POST", path, data='{"name": ', content_type="application/json").status_code == 422
    assert mine.api("POST", path, data=b" " * 2_000_000, content_type="application/json").status_code == 413
    assert mine.get(path)["items"] == []


def test_an_unknown_address_is_a_problem_not_a_page(embedded_world: World, embedded_program: Programs) -> None:
    answer = embedded_program(embedded_world.make_person()).api("GET", "/nothing")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    answer = embedded_program(embedded_world.make_person()).api("DELETE", "/me")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert "Access-Control-Allow-Origin" not in answer.headers
