"""What pages offered and programs could not do before: account, previews, ZIP, trash, ledger, many letters at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from zipfile import ZipFile

from PIL import Image

from tests.api.conftest import Program
from tests.jobs.keeping import keep_log
from tests.world import Someone, World
from workspace.accounts.app_passwords import make_app_password
from workspace.accounts.service import add_person
from workspace.accounts.sessions import begin_session
from workspace.cloud.previews import make_previews
from workspace.kernel.actors import COMMAND, Role
from workspace.kernel.ids import new_id
from workspace.trust.leaves import fact_leaf_hash
from workspace.trust.merkle import verify_inclusion

Programs = Callable[[Someone], Program]


def test_name_language_app_passwords_and_sessions_are_in_ones_own_hands(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, other, stranger = program(olena), program(olena), program(mykola)
    changed = mine.api("PATCH", "/me", json={"name": "Olena  K.", "language": "uk"}).get_json()
    assert (changed["name"], mine.get("/me")["name"]) == ("Olena K.", "Olena K.")
    assert mine.api("PATCH", "/me", json={"weekly_letter": False}).get_json()["weekly_letter"] is False
    assert (mine.get("/me")["language"], mine.get("/me")["weekly_letter"]) == ("uk", False)
    assert mine.api("PATCH", "/me", json={"language": "xx"}).status_code == 422
    assert mine.api("PATCH", "/me", json={"administrator": True}).status_code == 422
    listed = mine.get("/me/app-passwords")["items"]
    assert [one["present"] for one in listed] == [False, True]
    assert "secret" not in str(listed)
    assert stranger.api("DELETE", f"/me/app-passwords/{listed[0]['id']}").status_code == 404
    assert mine.api("DELETE", f"/me/app-passwords/{listed[0]['id']}").status_code == 204
    assert other.api("GET", "/me").status_code == 401
    with world.writing(olena.actor) as work:
        for agent in ("one", "two", "three"):
            begin_session(work, olena.id, agent=agent, address="127.0.0.1", via="password")
    sessions = mine.get("/me/sessions")["items"]
    assert {one["agent"] for one in sessions} == {"one", "two", "three"}
    path = f"/me/sessions/{sessions[0]['id']}"
    assert stranger.api("DELETE", path).status_code == 404
    assert [mine.api("DELETE", path).status_code for _ in range(2)] == [204, 404]
    assert mine.api("DELETE", "/me/sessions").get_json() == {"ended": 2}


def test_pictures_and_texts_are_looked_at_and_the_look_is_written_down(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(mykola)
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "green").save(picture, "PNG")
    green = mine.store(olena.root_id, "green.png", picture.getvalue())
    text = mine.store(olena.root_id, "note.txt", "слова".encode())
    make_previews(world.runtime, green["version"])
    sizes = {one["name"] for one in mine.get(f"/items/{green['item']}")["previews"]}
    assert {"small", "large"} <= sizes
    shown = mine.api("GET", f"/items/{green['item']}/preview?size=large")
    assert (shown.status_code, shown.content_type, shown.data[8:12]) == (200, "image/webp", b"WEBP")
    tag = shown.headers["ETag"]
    path = f"/items/{green['item']}/preview?size=large"
    assert mine.api("GET", path, headers={"If-None-Match": tag}).status_code == 304
    assert mine.api("GET", f"/items/{green['item']}/preview?size=large9").status_code == 404
    assert mine.api("GET", f"/items/{green['item']}/preview?size=text").status_code == 422
    assert mine.get(f"/items/{text['item']}/text") == {"text": "слова"}
    for one in (green, text):
        mine.post(f"/items/{one['item']}/grants", {"subject": person(mykola), "level": "view"})
    assert theirs.get(f"/items/{text['item']}/text") == {"text": "слова"}
    assert theirs.api("GET", path).status_code == 200
    assert [(one["kind"], one["name"]) for one in mine.get("/ledger")["items"]] == [
        ("access.previewed", "green.png"),
        ("access.previewed", "note.txt"),
    ]


def test_a_folder_and_a_file_come_as_one_zip_and_nothing_of_somebody_elses(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(mykola)
    folder = mine.post(f"/items/{olena.root_id}/children", {"name": "Двір"})["id"]
    mine.store(folder, "a.txt", b"in the folder")
    single = mine.store(olena.root_id, "b.txt", b"beside")["item"]
    answer = mine.api("GET", f"/zip?item={folder}&item={single}")
    assert answer.content_type == "application/zip"
    assert answer.content_length == len(answer.data)
    with ZipFile(io.BytesIO(answer.data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "Двір/a.txt": b"in the folder",
            "b.txt": b"beside",
        }
    assert mine.api("GET", f"/zip?item={single}").status_code == 200
    assert theirs.api("GET", f"/zip?item={single}").status_code == 404
    assert mine.api("GET", "/zip").status_code == 422


def test_the_trash_is_emptied_at_once_and_only_ones_own(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(mykola)
    for name in ("a", "b"):
        mine.api("DELETE", f"/items/{mine.store(olena.root_id, name, b'x')['item']}")
    assert theirs.api("DELETE", f"/trash?space={olena.space_id}").status_code == 404
    assert theirs.api("DELETE", "/trash").get_json() == {"deleted": 0}
    assert mine.api("DELETE", "/trash").get_json() == {"deleted": 2}
    assert mine.get("/trash")["items"] == []


def test_the_ledger_is_narrowed_proved_and_exported(world: World, program: Programs) -> None:
    olena, clerk = world.make_person("Olena"), world.make_person("=Iryna")
    body = world.make_body()
    world.appoint(clerk, body, Role.HANDLER)
    mine, theirs = program(olena), program(clerk)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    mine.post(f"/items/{item}/grants", {"subject": {"kind": "body", "slug": body.slug}, "level": "view"})
    mine.api("GET", f"/items/{item}/content")
    theirs.api("GET", f"/items/{item}/content")
    assert len(mine.get("/ledger?door=api&q=ACT")["items"]) == 1
    assert mine.get(f"/ledger?body={new_id()}")["items"] == mine.get("/ledger?door=dav")["items"] == []
    line = mine.get(f"/ledger?body={body.id}")["items"][0]
    assert mine.get("/ledger/own")["items"][0]["times"] == 1
    path = f"/ledger/{line['id']}/proof"
    assert mine.api("GET", path).status_code == 404, "it is being sealed"
    keep_log(world)
    assert theirs.api("GET", path).status_code == 404
    leaf = next(one for one in world.facts() if one.id == line["id"])
    proof = mine.get(path)
    hashes, root = [bytes.fromhex(one) for one in proof["path"]], bytes.fromhex(proof["head"]["root"])
    assert verify_inclusion(fact_leaf_hash(leaf), proof["leaf"], proof["head"]["size"], hashes, root)
    table = mine.api("GET", "/ledger.csv")
    rows = list(csv.DictReader(io.StringIO(table.get_data().decode("utf-8-sig"))))
    assert [(row["who"], row["what"], row["door"], row["leaf"]) for row in rows] == [
        ("'=Iryna", "act.txt", "api", str(leaf.leaf))
    ]
    (entry,) = mine.get("/ledger/proofs")["entries"]
    assert entry == proof


def test_what_waits_what_is_new_and_every_day_of_the_deadline(world: World, program: Programs) -> None:
    olena, clerk = world.make_person("Olena"), world.make_person("Iryna")
    body = world.make_body()
    world.appoint(clerk, body, Role.REGISTRAR, Role.HEAD)
    mine, office = program(olena), program(clerk)
    kinds = mine.get("/procedure")
    assert {one["id"] for one in kinds["kinds"]} >= {"appeal"}
    assert all(one["name"].keys() >= {"en", "uk"} for one in kinds["outcomes"])
    cases = [deliver(mine, body.slug, f"Letter {number}") for number in range(3)]
    draft = mine.post("/cases", {"title": "Draft", "story": "s", "body": body.slug})
    assert mine.get(f"/cases/{draft['id']}/days")["items"] == []
    assert [one["title"] for one in mine.get("/needs")["items"]] == ["Draft"]
    waiting = office.get("/needs")["items"]
    assert [(one["kind"], one["body"], one["count"]) for one in waiting] == [("office_new", body.slug, 3)]
    days = mine.get(f"/cases/{cases[0]}/days")["items"]
    assert (days[0]["why"], days[-1]["counted"]) == ("event", True)
    mine.store(olena.root_id, "old.txt", b"x")
    mine.store(olena.root_id, "new.txt", b"x")
    assert [one["name"] for one in mine.get("/recent?limit=1")["items"]] == ["new.txt"]

    assert mine.api("POST", "/registrations", json={"cases": cases}).status_code in (403, 404)
    assert office.post("/registrations", {"cases": cases[:2]}, 200) == {"done": 2}
    none_of_them = office.api("POST", "/registrations", json={"cases": [cases[2], new_id()]})
    assert none_of_them.status_code == 404
    assert office.post("/assignments", {"cases": cases, "person": clerk.id}, 200) == {"done": 3}
    assert {one["handler"] for one in office.get(f"/bodies/{body.slug}/inbox?tab=mine")["items"]} == {"Iryna"}


def test_a_file_is_taken_out_of_a_draft_and_a_delivered_one_kept(world: World, program: Programs) -> None:
    olena, clerk = world.make_person("Olena"), world.make_person("Iryna")
    body = world.make_body()
    world.appoint(clerk, body, *Role)
    mine, office = program(olena), program(clerk)
    case = mine.post("/cases", {"title": "Heating", "story": "Cold.", "body": body.slug})
    item = mine.store(case["folder"], "photo.txt", b"photo")["item"]
    assert mine.api("DELETE", f"/cases/{case['id']}/documents/{olena.root_id}").status_code == 404
    assert mine.api("DELETE", f"/cases/{case['id']}/documents/{item}").status_code == 204
    assert mine.get(f"/cases/{case['id']}")["files"] == []
    mine.post(f"/cases/{case['id']}/deliver", {"irrevocable": True})
    put = office.api("PUT", f"/cases/{case['id']}/answer/files/order.pdf", data=b"ordered").get_json()
    path = f"/cases/{case['id']}/answer/files/{put['id']}"
    assert office.api("GET", path).data == b"ordered"
    assert mine.api("GET", path).status_code in (403, 404)
    office.post("/registrations", {"cases": [case["id"]]}, 200)
    office.post(f"/cases/{case['id']}/answer", {"irrevocable": True, "outcome": "granted", "text": "Yes."})
    documents = mine.get(f"/cases/{case['id']}")["documents"]
    answer = next(one for one in documents if one["direction"] == "answer" and not one["letter"])
    saved = mine.post(f"/documents/{answer['id']}/save", None)
    assert mine.api("GET", f"/items/{saved['item']}/content").data == b"ordered"
    assert office.api("POST", f"/documents/{answer['id']}/save").status_code in (403, 404)


def test_what_one_shares_and_shared_once_is_listed(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(mykola)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    until = (world.clock.now() + timedelta(days=3)).isoformat()
    given = mine.post(f"/items/{item}/grants", {"subject": person(mykola), "level": "view", "valid_until": until})
    listed = mine.get("/shared-by-me")["items"]
    assert [(one["name"], one["subject"]["name"]) for one in listed] == [("act.txt", mykola.email)]
    assert theirs.get("/shared-with-me")["items"][0]["given_to"] == "person"
    mine.api("DELETE", f"/items/{item}/grants/{given['id']}")
    assert mine.get("/shared-by-me")["items"] == []
    ended = mine.get(f"/items/{item}/grants/ended")["items"]
    assert (ended[0]["grant"], ended[0]["revoked_at"] is not None) == (given["id"], True)


def test_every_list_goes_on_page_by_page(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    item = mine.store(olena.root_id, "a.txt", b"0")["item"]
    for number in range(1, 5):
        mine.api("PUT", f"/items/{item}/content", data=b"%d" % number)
        mine.post(f"/items/{item}/comments", {"text": str(number)})
        mine.post("/cases", {"title": str(number)})
        world.make_body(f"Body {number}")
    for path, count in ((f"/items/{item}/versions", 5), (f"/items/{item}/comments", 4), ("/cases", 4), ("/bodies", 4)):
        whole = [one["id"] for one in mine.get(path)["items"]]
        seen, address = [], f"{path}?limit=2"
        while address:
            answer = mine.api("GET", address)
            page = answer.get_json()
            seen += [one["id"] for one in page["items"]]
            address = (page["next"] or "").removeprefix("/api/v1")
            assert ('rel="next"' in answer.headers.get("Link", "")) == bool(address)
        assert (seen, len(seen)) == (whole, count), path
        assert mine.api("GET", f"{path}?cursor=nonsense").status_code == 422


def person(who: Someone) -> dict[str, str]:
    return {"kind": "person", "email": who.email}


def deliver(mine: Program, slug: str, title: str) -> str:
    case = str(mine.post("/cases", {"title": title, "story": "s", "body": slug})["id"])
    mine.post(f"/cases/{case}/deliver", {"irrevocable": True})
    return case


def test_an_account_that_only_programs_have_used_begins_empty(world: World, program: Programs) -> None:
    with world.writing(COMMAND) as work:
        person = add_person(work, "new@example.org", "New")
        secret = make_app_password(work, "guide", person.id).secret
    mine = Program(program(world.make_person()).app, secret)
    for path in ("/ledger", "/ledger/own", "/needs", "/recent", "/cases", "/trash", "/shared-by-me"):
        assert mine.get(path)["items"] == [], path
    assert mine.api("GET", "/ledger.csv").get_data(as_text=True).count("\n") == 1
    assert len(mine.get("/spaces")["items"]) == 1
