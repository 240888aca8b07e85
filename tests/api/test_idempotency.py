"""Sent twice, done once: Idempotency-Key on POST, on every node, with nothing readable left behind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select

from tests.api.conftest import Program
from tests.world import Someone, World
from workspace.app import create_app
from workspace.db import kept_answers
from workspace.db.kept_answers import KeptAnswer
from workspace.jobs.upkeep import forget_answers
from workspace.kernel.actors import COMMAND

Programs = Callable[[Someone], Program]
KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


def rows(world: World) -> list[KeptAnswer]:
    with world.reading(COMMAND) as work:
        return list(work.session.scalars(select(KeptAnswer)))


def test_the_same_request_gets_the_first_answer_again(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(mykola)
    path, folder = f"/items/{olena.root_id}/children", {"name": "Двір"}
    first = mine.api("POST", path, json=folder, headers=KEY)
    again = mine.api("POST", path, json=folder, headers={"Idempotency-Key": KEY["Idempotency-Key"].strip('"')})
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.data, again.headers["Location"]) == (first.data, first.headers["Location"])
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert mine.api("POST", path, json=folder).status_code == 409, "without a key it is a request like any other"
    other = mine.api("POST", path, json={"name": "Інший"}, headers=KEY)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")
    assert mine.api("POST", "/cases", json={"title": "t"}, headers=KEY).status_code == 422
    their = theirs.api("POST", f"/items/{mykola.root_id}/children", json=folder, headers=KEY)
    assert (their.status_code, "Idempotency-Replayed" in their.headers) == (201, False)
    assert [one["name"] for one in mine.get(path)["items"]] == ["Двір"]


def test_a_refusal_is_not_kept_and_a_key_has_a_form(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine, path = program(olena), f"/items/{olena.root_id}/children"
    taken = mine.post(path, {"name": "a"})["id"]
    assert mine.api("POST", path, json={"name": "a"}, headers=KEY).status_code == 409
    assert mine.api("POST", path, json={"name": "a/b"}, headers=KEY).status_code == 422
    assert mine.api("POST", path, json={"nome": "a"}, headers=KEY).status_code == 422
    assert rows(world) == []
    mine.api("DELETE", f"/items/{taken}")
    assert mine.api("POST", path, json={"name": "a"}, headers=KEY).status_code == 201
    for wrong in ("", '"', "a b", '"' + "x" * 256 + '"', "ключ".encode().decode("latin-1")):
        answer = mine.api("POST", path, json={"name": "b"}, headers={"Idempotency-Key": wrong})
        assert answer.status_code == 422, wrong
        assert answer.get_json()["errors"][0]["parameter"] == "Idempotency-Key"


def test_a_request_under_way_is_waited_for_and_a_dead_one_is_not(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine, path, folder = program(olena), f"/items/{olena.root_id}/children", {"name": "a"}
    mine.api("POST", path, json=folder, headers=KEY)
    begun = rows(world)[0]
    with world.writing(COMMAND) as work:
        work.session.get_one(KeptAnswer, begun.id).sealed = None
    waiting = mine.api("POST", path, json=folder, headers=KEY)
    assert (waiting.status_code, waiting.get_json()["code"]) == (409, "still_in_progress")
    assert waiting.headers["Retry-After"] == "1"
    world.clock.move(kept_answers.PATIENCE + timedelta(seconds=1))
    assert mine.api("POST", path, json={"name": "b"}, headers=KEY).status_code == 201


def test_the_address_of_a_secret_link_is_told_again_and_lies_nowhere_readable(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    item = mine.store(olena.root_id, "act.txt", b"act")["item"]
    first = mine.api("POST", f"/items/{item}/links", json={}, headers=KEY).get_json()
    again = mine.api("POST", f"/items/{item}/links", json={}, headers=KEY).get_json()
    assert first == again
    token = first["url"].rpartition("/")[2].encode()
    kept = rows(world)
    assert len(kept) == 1
    assert all(token not in (one.sealed or b"") + (one.wrapped or b"") for one in kept)
    assert kept[0].key_hash == sha256(KEY["Idempotency-Key"].strip('"').encode()).digest()
    assert len(mine.get(f"/items/{item}/grants")["items"]) == 1
    world.runtime.ports.keyring.destroy(olena.space_id)
    assert mine.api("POST", f"/items/{item}/links", json={}, headers=KEY).status_code == 410


def test_what_carries_bytes_is_kept_as_well(world: World, program: Programs) -> None:
    olena, body = world.make_person(), world.make_body()
    mine = program(olena)
    case = mine.post("/cases", {"title": "t", "story": "s", "body": body.slug})["id"]
    answers = [mine.api("POST", f"/cases/{case}/deliver", json={"irrevocable": True}, headers=KEY) for _ in range(2)]
    assert answers[0].data == answers[1].data
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_two_nodes_do_it_once(world: World, program: Programs) -> None:
    olena = world.make_person()
    here = program(olena)
    there = Program(create_app(world.runtime), here.secret)
    path = f"/items/{olena.root_id}/children"

    def send(number: int) -> int:
        node = (here, there)[number % 2]
        return node.api("POST", path, json={"name": "once"}, headers=KEY).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, range(16)))
    assert set(statuses) <= {201, 409}
    assert statuses.count(201) >= 1
    assert send(0) == send(1) == 201
    assert len(here.get(path)["items"]) == 1
    assert len(world.facts("item.added")) == 1


def test_answers_are_forgotten_after_a_day(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine, path = program(olena), f"/items/{olena.root_id}/children"
    mine.api("POST", path, json={"name": "a"}, headers=KEY)
    forget_answers(world.runtime, {}, lambda _: None)
    assert len(rows(world)) == 1
    world.clock.move(timedelta(hours=24, seconds=1))
    assert mine.api("POST", path, json={"name": "b"}, headers=KEY).status_code == 201, "the key is free again"
    world.clock.move(timedelta(hours=24, seconds=1))
    forget_answers(world.runtime, {}, lambda _: None)
    assert rows(world) == []
