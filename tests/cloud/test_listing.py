"""Lists: in order, page by page, at any length, and found by name within what one may see."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import event, insert

from tests.world import Someone, World
from workspace.cloud import queries, search, service, transfer, trash
from workspace.cloud.listing import Sort
from workspace.cloud.models import Item
from workspace.cloud.names import sort_key
from workspace.kernel.actors import Actor, Principal, SubjectKind
from workspace.kernel.errors import NotAcceptable, NotFound, SignInRequired
from workspace.kernel.ids import new_id
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level

MANY = 10_000


def many_items(world: World, person: Someone, count: int, folders: int = 50) -> None:
    """A folder full of rows without bytes, as a long-lived cloud has."""
    dice = random.Random(5)
    kinds = ("draft", "evidence", "correspondence", "other")
    rows = []
    for number in range(count):
        name = f"{dice.choice('абвґдеєжзиіїйabcXYZ')}{dice.randrange(count // 2)}-{number}"
        rows.append(
            {
                "id": new_id(),
                "space_id": person.space_id,
                "parent_id": person.root_id,
                "name": name,
                "sort_name": sort_key(name),
                "is_folder": number < folders,
                "size": 0 if number < folders else dice.randrange(50),
                "kind": "other" if number < folders else dice.choice(kinds),
                "media_type": "",
                "made_at": world.clock.now(),
                "changed_at": world.clock.now() - timedelta(minutes=dice.randrange(200)),
            }
        )
    with world.writing(person.actor) as work:
        for start in range(0, count, 1000):
            work.session.execute(insert(Item), rows[start : start + 1000])


def walk(world: World, person: Someone, sort: Sort, descending: bool, limit: int) -> list[tuple[object, ...]]:
    seen: list[tuple[object, ...]] = []
    cursor = None
    while True:
        with world.reading(person.actor) as work:
            page = queries.folder(work, person.root_id, sort, descending, cursor, limit)
        seen += [(one.is_folder, one.sort_name, one.changed_at, one.size, one.kind, one.id) for one in page.entries]
        cursor = page.cursor
        if cursor is None:
            return seen


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", list(Sort))
def test_every_order_shows_every_item_once_folders_first(embedded_world: World, sort: Sort, descending: bool) -> None:
    world = embedded_world
    olena = world.make_person()
    many_items(world, olena, 300)
    seen = walk(world, olena, sort, descending, limit=37)
    key = {Sort.NAME: 1, Sort.CHANGED: 2, Sort.SIZE: 3, Sort.KIND: 4}[sort]
    for folders in (True, False):
        part = [(row[key], row[5]) for row in seen if row[0] is folders]
        assert part == sorted(part, reverse=descending)  # type: ignore[type-var]
    assert [row[0] for row in seen] == [True] * 50 + [False] * 250
    assert len({row[5] for row in seen}) == 300


def test_ten_thousand_items_page_by_page(world: World) -> None:
    olena = world.make_person()
    many_items(world, olena, MANY)
    seen = walk(world, olena, Sort.NAME, False, limit=1000)
    assert len(seen) == len({row[5] for row in seen}) == MANY
    with world.reading(olena.actor) as work:
        page = queries.folder(work, olena.root_id)
        evidence = queries.folder(work, olena.root_id, kind="evidence", limit=1000)
    assert (page.total, len(page.entries)) == (MANY, 100)
    assert sum(page.kinds.values()) == MANY - 50
    assert {one.kind for one in evidence.entries} == {"evidence"}


def test_a_page_goes_on_where_it_stopped_although_rows_come_and_go(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    items = {name: world.folder(olena.actor, olena.root_id, name) for name in "bdfhj"}
    with world.reading(olena.actor) as work:
        first = queries.folder(work, olena.root_id, limit=2)
    world.folder(olena.actor, olena.root_id, "a")
    with world.writing(olena.actor) as work:
        trash.trash(work, items["b"])
        trash.trash(work, items["d"])
    with world.reading(olena.actor) as work:
        rest = queries.folder(work, olena.root_id, cursor=first.cursor)
    assert [one.name for one in (*first.entries, *rest.entries)] == ["b", "d", "f", "h", "j"]


def test_a_page_costs_the_same_whatever_its_length(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    many_items(world, olena, 300)
    counts = []
    for limit in (1, 300):
        statements: list[str] = []
        engine = world.runtime.database.engine
        heard = lambda *values, into=statements: into.append(values[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", heard)
        with world.reading(olena.actor) as work:
            queries.folder(work, olena.root_id, limit=limit)
        event.remove(engine, "before_cursor_execute", heard)
        counts.append(len(statements))
    # the transaction's beginning, the line with its owner, grants, the page, the sums
    assert counts[0] == counts[1] <= 5


def test_the_first_page_by_name_is_read_off_the_index(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    with world.reading(olena.actor) as work:
        order = queries.Order(Sort.NAME, False)
        query = queries.select(Item.id).where(Item.parent_id == "x", Item.trashed_at.is_(None))
        plan = work.session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN "
            + str(
                query.order_by(*order.clauses()).compile(
                    world.runtime.database.engine, compile_kwargs={"literal_binds": True}
                )
            )
        )
        text = " ".join(row[3] for row in plan)
    assert "ix_item_listing" in text
    assert "TEMP B-TREE" not in text


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "e30",
        "WzFd",
        "!!!",
        "WyJuYW1lIixmYWxzZSx0cnVlLCJhIiwiYiJd",
        "\u0439",
        "WyJzaXplIixmYWxzZSx0cnVlLDEsIngiXQ",
    ],
)
def test_a_cursor_that_is_none_is_refused(embedded_world: World, cursor: str) -> None:
    world = embedded_world
    olena = world.make_person()
    with world.reading(olena.actor) as work:
        for read in (
            lambda: queries.folder(work, olena.root_id, cursor=cursor or "x"),
            lambda: queries.trash_list(work, olena.space_id, cursor=cursor),
            lambda: search.search(work, "a", cursor=cursor),
        ):
            with pytest.raises(NotAcceptable):
                read()


def test_ukrainian_names_stand_in_their_alphabet() -> None:
    alphabet = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
    assert sorted(alphabet, key=sort_key) == list(alphabet)
    assert sorted(["ґанок", "гай", "гуща", "дім"], key=sort_key) == ["гай", "гуща", "ґанок", "дім"]
    assert sort_key("ЇЖАК") == sort_key("\u0456\u0308жак")


def hits(world: World, actor: Actor, text: str, limit: int = 100) -> list[tuple[str, ...]]:
    found, cursor = [], None
    while True:
        with world.reading(actor) as work:
            page = search.search(work, text, cursor, limit)
        found += [(*(crumb.name for crumb in hit.path), hit.entry.name) for hit in page.hits]
        cursor = page.cursor
        if cursor is None:
            return found


def test_things_are_found_by_name_in_any_case_and_composition(world: World) -> None:
    olena = world.make_person()
    folder_id = world.folder(olena.actor, olena.root_id, "Київ")
    for name in ("Акт ОГЛЯДУ.pdf", "100%.txt", "a_b", "aXb", "\u0438\u0306од", "c\\d"):
        world.upload(olena.actor, folder_id, name, b"")
    for text, expected in {
        "акт": ["Акт ОГЛЯДУ.pdf"],
        "огляду АКТ": ["Акт ОГЛЯДУ.pdf"],
        "%": ["100%.txt"],
        "a_b": ["a_b"],
        "\u0439од": ["\u0438\u0306од"],
        "\\": ["c\\d"],
        "немає": [],
    }.items():
        assert hits(world, olena.actor, text) == [("", "Київ", name) for name in expected]
    assert hits(world, olena.actor, " ") == []
    with pytest.raises(SignInRequired):
        hits(world, Actor(), "a")


def test_search_finds_what_is_shared_and_names_nothing_else(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    secret = world.folder(olena.actor, olena.root_id, "note SECRET")
    shared = world.folder(olena.actor, secret, "shared note")
    inside = world.folder(olena.actor, shared, "inside")
    world.upload(olena.actor, inside, "note.txt", b"")
    world.upload(olena.actor, secret, "other note.txt", b"")
    world.upload(petro.actor, petro.root_id, "my note.txt", b"")
    with world.writing(olena.actor) as work:
        thing = world.thing(shared)
        grant = sharing.grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
    for limit in (100, 1):
        assert hits(world, petro.actor, "note", limit) == [
            ("", "my note.txt"),
            ("shared note", "inside", "note.txt"),
            ("shared note",),
        ]
    with world.writing(petro.actor) as work:
        assert [one.name for one in queries.path(work, inside)] == ["shared note", "inside"]
        assert queries.item_names(work, [secret, shared, inside]) == {shared: "shared note", inside: "inside"}
        assert [one.name for one in queries.folder(work, inside).path] == ["shared note", "inside"]
    assert len(hits(world, olena.actor, "note")) == 4
    with world.writing(olena.actor) as work:
        trash.trash(work, secret)
    assert hits(world, petro.actor, "note") == [("", "my note.txt")]
    assert hits(world, olena.actor, "note") == []
    with world.writing(petro.actor) as work:
        assert queries.item_names(work, [shared]) == {}
    with world.writing(olena.actor) as work:
        trash.restore(work, secret)
        sharing.revoke(work, thing, grant.id)
    assert hits(world, petro.actor, "note") == [("", "my note.txt")]


def test_what_was_changed_last_comes_first(world: World) -> None:
    olena = world.make_person()
    folder_id = world.folder(olena.actor, olena.root_id, "f")
    items = []
    for name in "abc":
        world.clock.move(timedelta(minutes=1))
        items.append(world.upload(olena.actor, folder_id, name, b""))
    world.clock.move(timedelta(minutes=1))
    world.upload(olena.actor, folder_id, "a", b"again")
    with world.writing(olena.actor) as work:
        trash.trash(work, items[1].item.id)
    with world.reading(olena.actor) as work:
        assert [hit.entry.name for hit in search.recent(work)] == ["a", "c"]


def test_somebody_elses_look_into_a_folder_is_written_down(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder_id = world.folder(olena.actor, olena.root_id, "f")
    with world.writing(olena.actor) as work:
        sharing.grant(work, world.thing(folder_id), Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
    with world.reading(petro.actor) as work, pytest.raises(RuntimeError):
        queries.folder(work, folder_id)
    for _ in range(2):
        with world.writing(petro.actor) as work:
            queries.folder(work, folder_id)
    assert [fact.person_id for fact in world.facts("access.listed")] == [petro.id]


def test_a_file_is_no_folder_and_a_path_leads_to_one(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "a", b"")
    with world.writing(olena.actor) as work:
        with pytest.raises(NotFound):
            queries.folder(work, added.item.id)
        inner = service.make_folders(work, olena.root_id, "x/y")
        assert queries.by_path(work, olena.space_id, "/x/y")[0].id == inner.id
        assert queries.by_path(work, olena.space_id, "/")[0].id == olena.root_id
        with pytest.raises(NotFound):
            queries.by_path(work, olena.space_id, "/x/z")
        transfer.move(work, inner.id, olena.root_id)
        with pytest.raises(NotFound):
            queries.by_path(work, olena.space_id, "/x/y")
