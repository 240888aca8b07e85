"""Sharing by program: give, see, change, end; comments; who opened."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Program
from tests.world import Someone, World
from workspace.kernel.actors import Role

Programs = Callable[[Someone], Program]


def test_access_is_given_seen_narrowed_and_ended(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(mykola)
    folder = mine.post(f"/items/{olena.root_id}/children", {"name": "Water"})["id"]
    item = mine.store(folder, "act.txt", b"act")["item"]
    subject = {"kind": "person", "email": mykola.email}
    given = mine.post(f"/items/{folder}/grants", {"subject": subject, "level": "edit", "purpose": "To help"})
    assert (given["subject"]["name"], given["level"], given["purpose"]) == (mykola.email, "edit", "To help")
    assert [one["inherited"] for one in mine.get(f"/items/{item}/grants")["items"]] == [True]
    received = theirs.get("/shared-with-me")["items"]
    assert [(one["item"], one["name"], one["given_by"]) for one in received] == [(folder, "Water", "Olena")]
    assert theirs.api("PUT", f"/items/{item}/content", data=b"changed").status_code == 200
    assert theirs.get(f"/items/{item}")["path"][0]["name"] == "Water"
    path = f"/items/{folder}/grants/{given['id']}"
    assert mine.api("PATCH", path, json={"level": "view"}).get_json()["purpose"] == "To help"
    refused = theirs.api("PUT", f"/items/{item}/content", data=b"again")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "forbidden")
    assert mine.api("DELETE", path).status_code == 204
    ended = theirs.api("GET", f"/items/{item}/content")
    assert (ended.status_code, ended.get_json()["code"]) == (410, "access_ended")


def test_class_14_sharing_by_address_answers_the_same_whoever_has_it(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine = program(olena)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    answers = []
    for address in (mykola.email, "nobody.here@example.org"):
        given = mine.post(f"/items/{item}/grants", {"subject": {"kind": "person", "email": address}, "level": "view"})
        assert given["subject"].pop("name") == address
        assert given["subject"].pop("id") == given.pop("id")
        answers.append(given)
    assert answers[0] == answers[1]


def test_conditions_are_given_kept_and_changed(embedded_world: World, embedded_program: Programs) -> None:
    world = embedded_world
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = embedded_program(olena), embedded_program(mykola)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    terms = {"level": "view", "legal_basis": "consent", "downloads": 1}
    given = mine.post(f"/items/{item}/grants", {"subject": {"kind": "person", "email": mykola.email}} | terms)
    path = f"/items/{item}/grants/{given['id']}"
    assert theirs.api("GET", f"/items/{item}/content").data == b"act"
    assert mine.get(f"/items/{item}/grants")["items"][0]["downloads_used"] == 1
    mine.store(olena.root_id, "act.txt", b"newer")
    assert theirs.api("GET", f"/items/{item}/content").status_code == 410
    changed = mine.api("PATCH", path, json={"downloads": 5}).get_json()
    assert (changed["legal_basis"], changed["downloads"]) == ("consent", 5)
    assert theirs.api("GET", f"/items/{item}/content").data == b"newer"
    assert mine.api("DELETE", path).status_code == 204
    again = mine.api("POST", f"{path}/again")
    assert (again.status_code, again.get_json()["downloads"]) == (201, 5)
    assert mine.api("POST", f"{path}/again").status_code == 201
    link = mine.post(f"/items/{item}/links", {"sign_in": True, "password": "a password"})
    secret = f"/items/{item}/grants/{link['grant']['id']}/password"
    assert mine.api("PUT", secret, json={"password": None}).status_code == 204
    assert mine.api("PUT", f"{path}/password", json={"password": None}).status_code == 404


def test_who_may_change_one_file_changes_it_without_seeing_its_folder(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(mykola)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    mine.post(f"/items/{item}/grants", {"subject": {"kind": "person", "email": mykola.email}, "level": "edit"})
    assert theirs.api("PUT", f"/items/{item}/content", data=b"better").status_code == 200
    assert mine.api("GET", f"/items/{item}/content").data == b"better"
    assert theirs.api("GET", f"/items/{olena.root_id}").status_code == 404


def test_the_owner_reads_who_opened(world: World, program: Programs) -> None:
    olena, clerk = world.make_person("Olena"), world.make_person("Iryna")
    body = world.make_body()
    world.appoint(clerk, body, Role.HANDLER)
    mine, theirs = program(olena), program(clerk)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    mine.post(f"/items/{item}/grants", {"subject": {"kind": "body", "slug": body.slug}, "level": "comment"})
    assert theirs.api("GET", f"/items/{item}/content").data == b"act"
    assert theirs.api("GET", f"/items/{item}/content", headers={"Range": "bytes=0-0"}).data == b"a"
    mine.api("GET", f"/items/{item}/content")
    lines = mine.get(f"/items/{item}/ledger")["items"]
    assert [(one["person"], one["body"], one["door"], one["times"]) for one in lines] == [
        ("Iryna", "Department of Housing", "api", 2)
    ]
    assert theirs.api("GET", f"/items/{item}/ledger").status_code == 403
    assert theirs.get("/ledger")["items"] == []


def test_comments_are_made_and_taken_back(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(mykola)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    subject = {"kind": "person", "email": mykola.email}
    grant = mine.post(f"/items/{item}/grants", {"subject": subject, "level": "view"})
    assert theirs.api("POST", f"/items/{item}/comments", json={"text": "Hm"}).status_code == 403
    mine.api("PATCH", f"/items/{item}/grants/{grant['id']}", json={"level": "comment"})
    said = theirs.post(f"/items/{item}/comments", {"text": "Page two\nis missing"})
    assert mine.get(f"/items/{item}/comments")["items"] == [{**said, "mine": False}]
    assert mine.api("DELETE", f"/comments/{said['id']}").status_code == 204
    assert [one["text"] for one in theirs.get(f"/items/{item}/comments")["items"]] == [None]


def test_a_link_is_shown_once_and_never_again(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    made = mine.post(f"/items/{item}/links", {"label": "For the neighbours"})
    assert made["url"].startswith(world.settings.base_url + "/l/")
    token = made["url"].rpartition("/")[2]
    listed = mine.api("GET", f"/items/{item}/grants")
    assert token not in listed.get_data(as_text=True)
    assert listed.get_json()["items"][0]["subject"]["name"] == "For the neighbours"
    assert mine.api("POST", f"/items/{item}/links", json={"password": "short"}).status_code == 422


def test_an_end_in_the_past_and_an_unknown_subject_are_named(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    path = f"/items/{item}/grants"
    for nobody in ({"kind": "body", "slug": "no-such-body"}, {"kind": "person", "email": "not an address"}):
        answer = mine.api("POST", path, json={"subject": nobody, "level": "view"})
        assert answer.get_json()["errors"][0]["pointer"] == "#/subject"
    oneself = {"subject": {"kind": "person", "email": olena.email}, "level": "view"}
    assert mine.api("POST", path, json=oneself).status_code == 422
    past = {"subject": {"kind": "body", "slug": world.make_body().slug}, "level": "view"}
    assert mine.api("POST", path, json=past | {"valid_until": "2020-01-01T00:00:00Z"}).status_code == 422
    assert mine.api("POST", path, json=past | {"valid_until": "2027-01-01T00:00:00"}).status_code == 422
    assert mine.api("POST", path, json=past | {"level": "handle"}).status_code == 422
    assert mine.get(path)["items"] == []
