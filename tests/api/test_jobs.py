"""What takes long is answered at once, and tells how far it has come."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.conftest import Program
from tests.jobs.keeping import do_all
from tests.world import Someone, World
from workspace.cloud import errands
from workspace.jobs.worker import Worker

Programs = Callable[[Someone], Program]
ASYNC = {"Prefer": "respond-async"}


def test_a_copy_is_left_to_the_worker_for_who_would_rather_not_wait(world: World, program: Programs) -> None:
    olena, mykola = world.make_person("Olena"), world.make_person("Mykola")
    mine, theirs = program(olena), program(mykola)
    folder = mine.post(f"/items/{olena.root_id}/children", {"name": "a"})["id"]
    mine.store(folder, "x.txt", b"x")
    asked = mine.api("POST", f"/items/{folder}/copy", json={"parent": olena.root_id, "name": "b"}, headers=ASYNC)
    assert (asked.status_code, asked.headers["Preference-Applied"]) == (202, "respond-async")
    path = asked.headers["Location"].removeprefix("/api/v1")
    assert (mine.get(path)["state"], mine.get(path)["item"]) == ("waiting", None)
    assert theirs.api("GET", path).status_code == 404
    do_all(Worker(world.runtime, reacts=False))
    done = mine.get(path)
    assert (done["state"], done["problem"]) == ("done", None)
    assert mine.get(f"/items/{done['item']}")["name"] == "b"
    assert [one["name"] for one in mine.get(f"/items/{done['item']}/children")["items"]] == ["x.txt"]


def test_a_refusal_on_the_way_is_told_and_not_tried_again(world: World, program: Programs) -> None:
    olena = world.make_person()
    mine = program(olena)
    item = mine.store(olena.root_id, "a.txt", b"x")["item"]
    body = {"parent": olena.root_id, "name": "taken"}
    mine.post(f"/items/{olena.root_id}/children", {"name": "taken"})
    asked = mine.api("POST", f"/items/{item}/copy", json=body, headers=ASYNC)
    worker = Worker(world.runtime, reacts=False)
    do_all(worker)
    told = mine.get(asked.headers["Location"].removeprefix("/api/v1"))
    assert (told["state"], told["problem"], told["item"]) == ("failed", "name_taken", None)
    nowhere = mine.api("POST", f"/items/{item}/copy", json={"parent": "0" * 26}, headers=ASYNC)
    assert nowhere.status_code == 404


def test_a_large_folder_is_left_to_the_worker_by_itself(
    world: World, program: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "MANY", 2)
    olena = world.make_person()
    mine = program(olena)
    folder = mine.post(f"/items/{olena.root_id}/children", {"name": "a"})["id"]
    mine.store(folder, "1", b"x")
    assert mine.api("POST", f"/items/{folder}/copy", json={"parent": olena.root_id}).status_code == 201
    mine.store(folder, "2", b"x")
    assert mine.api("POST", f"/items/{folder}/copy", json={"parent": olena.root_id}).status_code == 202
