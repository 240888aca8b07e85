"""Nothing that a program was told may be kept on the way, and a tag confirms nothing to anybody else."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import V1, Program
from tests.api.ground import Ground
from tests.world import Someone, World
from workspace.api.resources import GROUPS

Programs = Callable[[Someone], Program]
READS = [one for group in GROUPS for one in group if one.method == "GET" and not one.open]


def address(ground: Ground, path: str) -> str:
    for name, known in ground.known.items():
        path = path.replace(f"{{{name}}}", known[0])
    needed = {"/search": "?q=a", "/zip": f"?item={ground.known['item_id'][0]}"}
    return V1 + path + needed.get(path, "")


def test_no_answer_may_be_kept_and_no_tag_confirms_anything_to_others(
    embedded_world: World, embedded_program: Programs
) -> None:
    ground = Ground(embedded_world, embedded_program)
    stranger = embedded_program(embedded_world.make_person("Mykola"))
    tagged = 0
    for operation in READS:
        path = address(ground, operation.path)
        answer = ground.program.send("GET", path)
        assert {"no-store", "private"} <= {one.strip() for one in answer.headers["Cache-Control"].split(",")}, path
        tag = answer.headers.get("ETag")
        if answer.status_code != 200 or tag is None or not operation.parameters or operation.name == "show_body":
            continue
        tagged += 1
        assert ground.program.send("GET", path, headers={"If-None-Match": tag}).status_code == 304, path
        for condition in ("If-None-Match", "If-Match", "If-Range"):
            theirs = stranger.send("GET", path, headers={condition: tag, "Range": "bytes=0-0"})
            assert (theirs.status_code, "ETag" in theirs.headers) == (404, False), (path, condition)
    assert tagged > 5


def test_an_answer_that_is_told_again_may_not_be_kept_either(embedded_world: World, embedded_program: Programs) -> None:
    olena = embedded_world.make_person()
    mine, key = embedded_program(olena), {"Idempotency-Key": "once"}
    for _ in range(2):
        answer = mine.api("POST", f"/items/{olena.root_id}/children", json={"name": "a"}, headers=key)
        assert "no-store" in answer.headers["Cache-Control"]
