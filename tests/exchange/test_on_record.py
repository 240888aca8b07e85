"""Every byte that anybody but the owner is given lies under a line of the ledger, through whichever door it went.

Random people ask random doors for random things. What they were given is read off the answers, what was written down is
read off the ledger, and the two are compared: nothing is given that is not on record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.parts.worlds import embedded_stack
from tests.sharing.estate import SEALED, SHARED, Caller, Estate
from tests.web.visitor import Site
from tests.world import World
from workspace.cloud.things import locate_item
from workspace.db.facts import FactRow
from workspace.kernel.actors import COMMAND
from workspace.kernel.facts import FactKind

CALLERS = ("look", "view", "edit", "registrar", "link", "stranger", "expired", "nobody", "administrator")
GIVEN = f"{SHARED} {SEALED}".encode()
"""Begins the shared file, its note and a comment on it, and stands in no name."""


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("record")
    world = World(folder, embedded_stack(folder))
    yield Estate(Site(world))
    world.close()


Door = Callable[[Estate, Caller], TestResponse]


def page(path: str, **query: str) -> Door:
    def ask(estate: Estate, caller: Caller) -> TestResponse:
        ids = {name: places["shared"] for name, places in estate.ids.items() if "shared" in places}
        values = {name: value.format(**ids) for name, value in query.items()}
        return caller.client.get(path.format(**ids), query_string=values)

    return ask


def program(path: str, method: str = "GET", **headers: str) -> Door:
    def ask(estate: Estate, caller: Caller) -> TestResponse:
        ids = {name: places["shared"] for name, places in estate.ids.items() if "shared" in places}
        client, given = estate.site.app.test_client(), caller.authorization() | headers
        return client.open(path.format(**ids), method=method, headers=given)

    return ask


INSIDE = f"{SHARED} top/{SHARED} inner/{SHARED} deep/{SHARED}.txt"
DOORS: dict[str, Door] = {
    "page of the file": page("/files/item/{item_id}"),
    "download": page("/files/item/{item_id}/download"),
    "old version": page("/files/item/{item_id}/download", version="{version_id}"),
    "play": page("/files/item/{item_id}/play"),
    "ZIP of the folder": page("/files/zip", item="{folder_id}"),
    "content": program("/api/v1/items/{item_id}/content"),
    "range": program("/api/v1/items/{item_id}/content", Range="bytes=0-40"),
    "first lines": program("/api/v1/items/{item_id}/text"),
    "ZIP by the API": program("/api/v1/zip?item={folder_id}"),
    "WebDAV": program(f"/dav/shared/{INSIDE}"),
    "sync": program(f"/remote.php/webdav/Shared with me/{INSIDE}"),
}


WAYS = {"page": {"web", "preview"}, "program": {"api"}, "paths": {"dav"}}


def way(door: str) -> set[str]:
    """As what the ledger calls this door."""
    if door in ("WebDAV", "sync"):
        return WAYS["paths"]
    return WAYS["program"] if door in ("content", "range", "first lines", "ZIP by the API") else WAYS["page"]


def told(answer: TestResponse) -> bytes:
    """What an answer gives, out of its archive where it is one."""
    data = answer.get_data()
    if data[:2] != b"PK":
        return data
    with ZipFile(BytesIO(data)) as archive:
        return b"".join(map(archive.read, archive.namelist()))


def on_record(estate: Estate) -> set[tuple[str, str]]:
    """Who looked at the shared file or a folder above it, and through which door, as it was written down."""
    kinds = [kind.value for kind in (FactKind.OPENED, FactKind.PREVIEWED, FactKind.DOWNLOADED)]
    with estate.world.reading(COMMAND) as work:
        line = locate_item(work, estate.ids["item_id"]["shared"])[1].lineage
        rows = work.session.execute(
            select(FactRow.person_id, FactRow.link_id, FactRow.door).where(
                FactRow.kind.in_(kinds), FactRow.thing_id.in_(line)
            )
        )
        return {(str(person or link), door) for person, link, door in rows}


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=st.lists(st.tuples(st.sampled_from(CALLERS), st.sampled_from(sorted(DOORS))), min_size=1, max_size=4))
def test_nothing_is_given_that_is_not_on_record(estate: Estate, asked: list[tuple[str, str]]) -> None:
    for name, door in asked:
        caller = estate.callers[name]
        if GIVEN not in told(DOORS[door](estate, caller)):
            continue
        known = {through for who, through in on_record(estate) if who == caller.identity}
        assert known & way(door), f"{name} was given it by «{door}», off the record"


@pytest.mark.parametrize("door", sorted(DOORS))
def test_every_door_gives_it_to_somebody_so_that_the_comparison_is_no_empty_one(estate: Estate, door: str) -> None:
    assert GIVEN in told(DOORS[door](estate, estate.callers["view"]))
