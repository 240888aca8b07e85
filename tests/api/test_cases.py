"""The whole way of a case, by programs alone: written, delivered, registered, asked, answered, judged."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Program
from tests.world import Someone, World
from workspace.kernel.actors import Role

Programs = Callable[[Someone], Program]


def test_a_case_goes_to_the_body_and_comes_back_answered(world: World, program: Programs) -> None:
    olena, clerk = world.make_person("Olena"), world.make_person("Iryna")
    body = world.make_body()
    world.appoint(clerk, body, Role.REGISTRAR, Role.HANDLER)
    mine, office = program(olena), program(clerk)
    item = mine.store(olena.root_id, "photo.jpg", b"a valve")["item"]
    case = mine.post("/cases", {"title": "No water", "story": "Since Monday.", "body": body.slug})["id"]
    assert mine.post(f"/cases/{case}/documents", {"items": [item]})["items"]
    assert office.api("GET", f"/cases/{case}").status_code == 404
    assert office.get(f"/bodies/{body.slug}/inbox")["items"] == []
    unsure = mine.api("POST", f"/cases/{case}/deliver", json={"irrevocable": False})
    assert unsure.status_code == 422
    delivery = mine.post(f"/cases/{case}/deliver", {"irrevocable": True, "language": "en"})
    assert mine.post(f"/cases/{case}/deliver", {"irrevocable": True})["id"] == delivery["id"]
    assert [one["id"] for one in office.get(f"/bodies/{body.slug}/inbox?tab=new")["items"]] == [case]

    seen = office.get(f"/cases/{case}")
    assert (seen["reader"], seen["story"], seen["status"]) == ("office", "Since Monday.", "delivered")
    photo = next(one for one in seen["documents"] if one["name"] == "photo.jpg")
    assert office.api("GET", f"/documents/{photo['id']}/content").data == b"a valve"
    number = office.post(f"/cases/{case}/registration", {}, status=200)["number"]
    assert number
    office.api("PUT", f"/cases/{case}/assignment", json={"person": clerk.id})
    office.post(f"/cases/{case}/notes", {"text": "SECRET of the office"})
    office.post(f"/cases/{case}/questions", {"text": "Which flat?"})
    assert mine.get(f"/cases/{case}")["next_step"] == "reply"
    mine.post(f"/cases/{case}/replies", {"text": "Flat 12"})
    attached = office.api("PUT", f"/cases/{case}/answer/files/act.pdf", data=b"%PDF answer")
    assert attached.status_code == 201
    answer = {"irrevocable": True, "outcome": "granted", "text": "Repaired today."}
    office.post(f"/cases/{case}/answer", answer)

    whole = mine.api("GET", f"/cases/{case}")
    assert b"SECRET" not in whole.data
    told = whole.get_json()
    assert (told["number"], told["outcome"], told["next_step"]) == (number, "granted", "judge")
    act = next(one for one in told["documents"] if one["name"] == "act.pdf")
    assert mine.api("GET", f"/documents/{act['id']}/content").data == b"%PDF answer"
    judged = mine.post(f"/cases/{case}/judgements", {"judgement": "accept"}, status=200)
    assert judged["next_step"] == "over"
    office.post(f"/cases/{case}/closure", None, status=200)
    assert office.get(f"/cases/{case}/desk")["notes"][0]["text"] == "SECRET of the office"


def test_a_receipt_is_signed_and_on_paper(world: World, program: Programs) -> None:
    olena, stranger = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(stranger)
    case = mine.post("/cases", {"title": "No water", "story": "Since Monday.", "body": world.make_body().slug})["id"]
    delivery = mine.post(f"/cases/{case}/deliver", {"irrevocable": True})
    receipt = mine.get(f"/deliveries/{delivery['id']}/receipt")
    assert receipt["receipt"]["key"] == world.runtime.ports.signer.key_id
    assert len(bytes.fromhex(receipt["signature"])) == 64
    paper = mine.api("GET", f"/deliveries/{delivery['id']}/receipt.pdf?language=en")
    assert (paper.content_type, paper.data[:5]) == ("application/pdf", b"%PDF-")
    assert theirs.api("GET", f"/deliveries/{delivery['id']}/receipt").status_code == 404
    assert theirs.api("GET", f"/deliveries/{delivery['id']}/receipt.pdf").status_code == 404


def test_what_is_missing_is_named_and_what_is_over_stays_over(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    case = mine.post("/cases", {"title": "No water"})["id"]
    missing = mine.api("POST", f"/cases/{case}/deliver", json={"irrevocable": True})
    assert (missing.status_code, missing.get_json()["field"]) == (422, "story")
    unknown = mine.api("PATCH", f"/cases/{case}", json={"body": "no-such-body"})
    assert (unknown.status_code, unknown.get_json()["errors"][0]["pointer"]) == (422, "#/body")
    tag = mine.api("GET", f"/cases/{case}").headers["ETag"]
    mine.api("PATCH", f"/cases/{case}", json={"story": "Since Monday.", "body": world.make_body().slug})
    assert mine.api("PATCH", f"/cases/{case}", json={"title": "x"}, headers={"If-Match": tag}).status_code == 412
    mine.post(f"/cases/{case}/deliver", {"irrevocable": True})
    late = mine.api("PATCH", f"/cases/{case}", json={"title": "Other"})
    assert (late.status_code, late.get_json()["present_status"]) == (409, "delivered")


def test_the_directory_is_read_and_searched(world: World, program: Programs) -> None:
    body = world.make_body("Департамент ЖКГ")
    mine = program(world.make_person())
    assert [one["slug"] for one in mine.get("/bodies?q=департамент")["items"]] == [body.slug]
    assert mine.get(f"/bodies/{body.slug}")["receives"] is True
    assert mine.api("GET", "/bodies/no-such").status_code == 404
