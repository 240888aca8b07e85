"""Many programs at once, and requests that lie about themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from tests.dav.conftest import DavProgram, Programs
from tests.dav.test_locks import SHORT
from tests.world import World
from workspace.cloud import queries


def at_once(*acts: Callable[[], int]) -> Counter[int]:
    """Do all of it at the same time; how often each status came."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(one.result() for one in [pool.submit(act) for act in acts])


def sender(program: DavProgram, method: str, path: str, data: bytes = b"", **headers: str) -> Callable[[], int]:
    return lambda: program.send(method, path, data, **headers).status_code


def test_one_of_many_locks_is_given(world: World, dav: Programs) -> None:
    mine = dav(world.make_person())
    mine.ask(201, "PUT", "/a", b"x")
    wanted = SHORT.format("exclusive", "").encode()
    assert at_once(*[sender(mine, "LOCK", "/a", wanted) for _ in range(6)]) == {200: 1, 423: 5}


def test_one_of_many_makes_a_file_that_must_not_be_there(world: World, dav: Programs) -> None:
    mine = dav(world.make_person())
    counted = at_once(*[sender(mine, "PUT", "/a", b"%d" % one, If_None_Match="*") for one in range(6)])
    assert counted == {201: 1, 412: 5}


def test_nothing_that_was_acknowledged_is_lost(world: World, dav: Programs) -> None:
    olena = world.make_person()
    mine = dav(olena)
    counted = at_once(*[sender(mine, "PUT", "/a", b"%d" % one) for one in range(8)])
    assert counted[201] == 1
    assert counted[204] == 7
    with world.reading(olena.actor) as work:
        item, _ = queries.by_path(work, olena.space_id, "/a")
        assert [one.number for one in queries.versions(work, item.id)] == list(range(8, 0, -1))


def test_folders_moved_into_each_other_make_no_circle(world: World, dav: Programs) -> None:
    mine = dav(world.make_person())
    for name in ("/a", "/b"):
        mine.ask(201, "MKCOL", name)
    counted = at_once(
        sender(mine, "MOVE", "/a", Destination="/dav/personal/b/a"),
        sender(mine, "MOVE", "/b", Destination="/dav/personal/a/b"),
    )
    assert counted[201] == 1
    assert len(mine.names()) == 1


def test_uploads_at_once_never_take_more_than_there_is(world: World, dav: Programs) -> None:
    olena = world.make_person(quota=500_000)
    mine = dav(olena)
    counted = at_once(*[sender(mine, "PUT", f"/{one}", b"x" * 100_000) for one in range(8)])
    assert counted[201] <= 5
    assert counted[201] + counted[507] == 8
    with world.reading(olena.actor) as work:
        assert queries.usage(work, olena.space_id).used == 100_000 * counted[201]


def test_a_body_shorter_than_announced_is_not_stored(embedded_world: World, embedded_dav: Programs) -> None:
    mine = embedded_dav(embedded_world.make_person())
    lies = {"100": 400, "-5": 400, "+5": 400, "5x": 400, "9" * 20: 400, "50000000000": 507, "90000000000": 413}
    for length, status in lies.items():
        answer = mine.app.test_client().open(
            "/dav/personal/a",
            method="PUT",
            headers={"Authorization": f"Bearer {mine.secret}"},
            input_stream=BytesIO(b"short"),
            environ_overrides={"CONTENT_LENGTH": length},
        )
        assert answer.status_code == status, length
    assert mine.names() == []


def test_a_thousand_ranges_get_the_whole_file_once(embedded_world: World, embedded_dav: Programs) -> None:
    mine = embedded_dav(embedded_world.make_person())
    mine.ask(201, "PUT", "/a", b"0123456789")
    assert mine.ask(200, "GET", "/a", Range="bytes=" + ",".join(["0-"] * 1000)).data == b"0123456789"
    mine.ask(201, "PUT", "/part", b"x", Content_Type="text/plain")
    mine.ask(400, "PUT", "/part", b"x", Content_Range="bytes 0-0/5")
    mine.ask(415, "PUT", "/part", b"x", Content_Encoding="gzip")
