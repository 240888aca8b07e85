"""The hot statements write and find exactly what the careful way does, and say nothing where they cannot tell."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select, text

from tests.world import Someone, World
from workspace.accounts.app_passwords import make_app_password
from workspace.accounts.models import AppPassword, Person
from workspace.cloud import hot as statements
from workspace.cloud import hot_place, hot_put, service, transfer, trash
from workspace.cloud.blobs import BlobReader
from workspace.cloud.erasure import erase_person
from workspace.cloud.hot import Hot, Leaf, Standing
from workspace.cloud.hot_put import HotPut
from workspace.cloud.models import Blob, Item, QuotaCharge, Space, Version, WrappedKey
from workspace.cloud.quota import FOLD, FOLD_AT, fold, used_bytes
from workspace.db.epochs import raise_epoch
from workspace.db.facts import FactRow
from workspace.db.folder_changes import FolderChange
from workspace.db.raw import DRIVER_ERRORS, Raw
from workspace.kernel.actors import COMMAND, Door, Principal, SubjectKind
from workspace.kernel.errors import KeyDestroyed
from workspace.storage.wrapping import unwrap

TABLES = (Blob, WrappedKey, Version, Item, QuotaCharge, FactRow, FolderChange)
RANDOM = {"sealed", "wrapped", "salt"}


@dataclass
class Owner:
    """Somebody with a program, and their cloud in the hot way."""

    world: World
    person: Someone
    password_id: str
    hot: Hot
    puts: HotPut

    @property
    def standing(self) -> Standing:
        found = self.hot.stand(self.person.id, self.password_id)
        assert found is not None
        return found

    def put(self, name: str, data: bytes, standing: Standing | None = None, folder: str = "") -> str | None:
        actor = self.person.actor.through(Door.DAV)
        return self.puts.put(actor, standing or self.standing, folder or self.person.root_id, name, data, None)

    def content(self, leaf: Leaf) -> bytes:
        ports = self.world.runtime.ports
        key = unwrap(leaf.wrapped, ports.keyring.key(self.person.space_id), leaf.blob_id, self.person.space_id)
        reader = BlobReader(ports.objects, leaf.blob_id, leaf.size, leaf.sha256, key, (), leaf.sealed)
        return reader.read_all(1 << 20)


@pytest.fixture
def owner(world: World) -> Owner:
    return _owner(world)


@pytest.fixture
def grown_owner(grown_world: World) -> Owner:
    """On PostgreSQL."""
    return _owner(grown_world)


def _owner(world: World) -> Owner:
    person = world.make_person("Olena")
    with world.writing(COMMAND) as work:
        made = make_app_password(work, "sync", person.id)
    hot = Hot(world.runtime)
    return Owner(world, person, made.id, hot, HotPut(hot))


def rows(world: World) -> dict[str, list[dict[str, Any]]]:
    with world.reading(COMMAND) as work:
        return {
            table.__tablename__: [
                dict(row._mapping) for row in work.session.execute(select(table.__table__).order_by(*_key(table)))
            ]
            for table in TABLES
        }


def _key(table: Any) -> list[Any]:
    return list(table.__table__.primary_key.columns)


def added(world: World, act: Callable[[], object]) -> dict[str, list[dict[str, Any]]]:
    """The rows that an act adds. Ids by the order in which they first appear, random bytes by their length."""
    before = rows(world)
    act()
    known: dict[str, str] = {}
    known_before = {str(one["id"]) for lines in before.values() for one in lines if "id" in one}

    def plain(name: str, value: Any) -> Any:
        if name in RANDOM and value is not None:
            return len(value)
        if isinstance(value, dict):
            return {key: plain(key, one) for key, one in sorted(value.items())}
        if isinstance(value, str) and len(value) == 26 and value not in known_before:
            return known.setdefault(value, f"id {len(known)}")
        return value

    return {
        table: [{name: plain(name, value) for name, value in one.items()} for one in lines if one not in before[table]]
        for table, lines in rows(world).items()
    }


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.txt", b"hello"), ("empty", b""), ("Ґанок.pdf", b"x" * 16_384), ("no ending", b"y" * 4096), ("x.JPEG", b"z")],
)
def test_the_same_rows_are_written_as_by_the_verb(owner: Owner, name: str, data: bytes) -> None:
    world, person = owner.world, owner.person
    actor = person.actor.through(Door.DAV)
    careful = added(world, lambda: world.upload(actor, person.root_id, name, data))
    with world.writing(person.actor) as work:  # out of the way, and the marks of that with it
        trash.trash(work, careful_id(world, person, name))
    quick = added(world, lambda: owner.put(name, data))
    assert quick == careful


def careful_id(world: World, person: Someone, name: str) -> str:
    with world.reading(COMMAND) as work:
        found = work.session.scalar(
            select(Item.id).where(Item.parent_id == person.root_id, Item.name == name, Item.trashed_at.is_(None))
        )
    assert found is not None
    return found


def test_what_was_put_is_found_by_both_ways(owner: Owner) -> None:
    version_id = owner.put("a.txt", b"hello")
    standing = owner.standing
    leaf = owner.hot.leaf(standing, owner.person.root_id, "a.txt")
    assert leaf is not None
    assert leaf.version_id == version_id
    assert owner.content(leaf) == owner.world.content(owner.person.actor, leaf.item_id) == b"hello"
    with owner.world.reading(COMMAND) as work:
        version = work.session.get_one(Version, version_id)
    assert (leaf.media_type, leaf.size, leaf.sha256) == (version.media_type, version.size, version.sha256)


def test_nothing_is_written_over_a_name_that_is_there(owner: Owner) -> None:
    owner.put("a", b"one")
    assert added(owner.world, lambda: taken(owner)) == {table.__tablename__: [] for table in TABLES}


def taken(owner: Owner) -> None:
    try:
        assert owner.put("a", b"two") is None
    except DRIVER_ERRORS:  # pragma: no cover - only where two are at it in the same instant
        raise AssertionError("the name was there before") from None


def test_nothing_is_written_where_no_room_is_left(owner: Owner) -> None:
    with owner.world.writing(COMMAND) as work:
        work.session.get_one(Space, owner.person.space_id).quota_bytes = 10
    assert owner.put("a", b"eleven bytes") is None


def test_no_rows_of_charges_pile_up(owner: Owner) -> None:
    standing = owner.standing
    assert all(owner.put(f"f{number}", b"x", standing) for number in range(FOLD_AT + 12))
    assert charges(owner) == (FOLD_AT + 12, 0 if owner.hot.raw.sqlite else 11)


def test_nobody_waits_for_whoever_folds_the_charges(grown_owner: Owner) -> None:
    owner = grown_owner
    standing = owner.standing
    assert all(owner.put(f"f{number}", b"x", standing) for number in range(FOLD_AT))
    with owner.world.writing(COMMAND) as folding:
        fold(folding, owner.person.space_id)
        assert owner.put("meanwhile", b"x", standing)
    assert charges(owner) == (FOLD_AT + 1, 1)


def charges(owner: Owner) -> tuple[int, int]:
    """The room used, in bytes, and how many rows of charges there are."""
    with owner.world.reading(COMMAND) as work:
        rows = work.session.scalar(select(func.count()).select_from(QuotaCharge))
        return used_bytes(work, owner.person.space_id), rows or 0


def test_a_remembered_key_goes_with_the_verdict_when_the_cloud_is_erased(owner: Owner) -> None:
    standing = owner.standing
    assert owner.put("a", b"x", standing)
    with owner.world.writing(COMMAND) as work:
        erase_person(work, owner.person.id)
    assert not owner.hot.holds(standing)
    assert owner.hot.stand(owner.person.id, owner.password_id) is None
    assert owner.put("b", b"x", standing) is None


def test_a_key_that_is_destroyed_by_itself_is_asked_for_again_in_half_a_second(owner: Owner) -> None:
    standing = owner.standing
    assert owner.put("a", b"x", standing)
    owner.world.runtime.ports.keyring.destroy(owner.person.space_id)
    standing.read_at -= statements.READ_AGAIN
    assert owner.hot.holds(standing)
    with pytest.raises(KeyDestroyed):
        owner.put("b", b"x", standing)


CHANGES: dict[str, Callable[[Any, Owner, str], None]] = {
    "renamed": lambda work, _owner, folder: service.rename(work, folder, "other") and None,
    "moved": lambda work, owner, folder: transfer.move(work, folder, owner.person.root_id, "elsewhere") and None,
    "thrown away": lambda work, _owner, folder: trash.trash(work, folder) and None,
    "a right of the person": lambda work, owner, _folder: raise_epoch(
        work, Principal(SubjectKind.PERSON, owner.person.id)
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_remembered_place_is_worth_nothing_after_a_change(owner: Owner, change: str) -> None:
    folder = owner.world.folder(owner.person.actor, owner.person.root_id, "papers")
    standing = owner.standing
    assert owner.hot.folder(standing, ("papers",)) == folder
    assert owner.hot.holds(standing)
    with owner.world.writing(owner.person.actor) as work:
        CHANGES[change](work, owner, folder)
    assert not owner.hot.holds(standing)
    assert owner.put("a", b"x", standing, folder) is None, "the statement itself looks at the epochs"


def test_another_machine_is_heard_by_its_rows(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    standing = owner.standing
    with owner.world.writing(COMMAND) as work:  # as another machine would: past the memory of this one
        work.session.execute(text("UPDATE space SET epoch = epoch + 1"))
    monkeypatch.setattr(statements, "READ_AGAIN", 0.0)
    assert not owner.hot.holds(standing)


@pytest.mark.parametrize("end", ["revoked", "disabled", "unconfirmed", "erased"])
def test_nobody_stands_by_what_has_ended(owner: Owner, end: str) -> None:
    with owner.world.writing(COMMAND) as work:
        if end == "revoked":
            work.session.get_one(AppPassword, owner.password_id).revoked_at = work.now
        elif end == "erased":
            work.session.get_one(Space, owner.person.space_id).erased_at = work.now
        else:
            person = work.session.get_one(Person, owner.person.id)
            person.disabled_at = work.now if end == "disabled" else None
            person.confirmed_at = None if end == "unconfirmed" else person.confirmed_at
    assert owner.hot.stand(owner.person.id, owner.password_id) is None


def test_nobody_stands_by_the_password_of_another(owner: Owner) -> None:
    other = owner.world.make_person("Petro")
    assert owner.hot.stand(other.id, owner.password_id) is None


def test_many_at_once_are_written_together_and_one_refusal_is_its_own(owner: Owner) -> None:
    owner.put("taken", b"first")
    standing = owner.standing
    begin = threading.Barrier(8)
    put: dict[str, str | None] = {}

    def work(number: int) -> None:
        begin.wait(60)
        for turn in range(5):
            name = "taken" if number == 3 else f"{number}-{turn}"
            put[f"{number}-{turn}"] = owner.put(name, name.encode(), standing)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {name for name, version in put.items() if version is None} == {f"3-{turn}" for turn in range(5)}
    for name in put:
        leaf = owner.hot.leaf(standing, owner.person.root_id, name)
        assert (leaf is None) == name.startswith("3-")
        if leaf is not None:
            assert owner.content(leaf) == name.encode()
    with owner.world.reading(COMMAND) as reading:
        assert reading.session.scalar(select(func.count()).select_from(Version)) == 36


# plans --------------------------------------------------------------------------------------------------------------
WHEN = "2026-01-01 00:00:00+00"
ASKED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "own": (statements.OWN, ("x",) * 3),
    "epochs": (statements.EPOCHS, ("x",) * 2),
    "step": (statements.STEP, ("x",) * 2),
    "leaf": (statements.LEAF, ("x",) * 3),
    "parts": (statements.PARTS, ("x",) * 1),
    "find": (hot_place.FIND, ("x",) * 4),
    "taken": (hot_place.TAKEN, ("x",) * 2),
    "place": (hot_place.PLACE, ("x", "x", "x", WHEN, "x")),
    "trash": (hot_place.TRASH, (WHEN, "x", "x")),
    "raise": (hot_place.RAISE, ("x", 1)),
}


def _believe_in_a_million_rows(raw: Raw) -> None:
    raw.ask("ANALYZE")
    raw.ask("UPDATE sqlite_stat1 SET stat = '1000000' || substr(stat, instr(stat || ' ', ' '))")
    raw.ask("ANALYZE sqlite_schema")


@pytest.mark.parametrize("statement", ASKED)
def test_no_hot_statement_reads_a_whole_table(owner: Owner, statement: str) -> None:
    for number in range(3):
        owner.put(f"f{number}", b"x")
    sql, values = ASKED[statement]
    raw = owner.hot.raw
    if raw.sqlite:
        _believe_in_a_million_rows(raw)  # with statistics SQLite may prefer a Bloom filter over a whole table
        plan = [row[3] for row in raw.ask(f"EXPLAIN QUERY PLAN {sql}", *values)]
        assert not [line for line in plan if line.startswith("SCAN") or "BLOOM" in line or "AUTOMATIC" in line], plan
        assert not [line for line in plan if "TEMP B-TREE" in line], plan
    else:
        raw.ask("SET enable_seqscan = off")  # a table of three rows is read whole by any planner; is there another way?
        plan = [row[0] for row in raw.ask(f"EXPLAIN {sql}", *values)]
        assert not [line for line in plan if "Seq Scan" in line], plan


def test_what_goes_to_postgresql_as_one_statement_reads_no_whole_table(grown_owner: Owner) -> None:
    owner = grown_owner
    raw = owner.hot.raw
    values = owner.puts._values(owner.person.actor, owner.standing, owner.person.root_id, "a", b"x", None)
    raw.ask("SET enable_seqscan = off")
    statement_of = {
        hot_put.STATEMENT: [values[name] for name in hot_put.COLUMNS],
        hot_place.PLACE_IN_ONE: [None] * hot_place.PLACE_IN_ONE.count("?"),
        hot_place.TRASH_IN_ONE: [None] * hot_place.TRASH_IN_ONE.count("?"),
        FOLD: ["x"] * FOLD.count("?"),
    }
    for statement, given in statement_of.items():
        plan = [row[0] for row in raw.ask(f"EXPLAIN {statement}", *given)]
        assert not [line for line in plan if "Seq Scan" in line], plan


@pytest.mark.parametrize("size", [4096, 7000])
def test_on_postgresql_a_file_that_a_page_can_hold_stays_in_its_row(grown_owner: Owner, size: int) -> None:
    owner = grown_owner
    owner.put("small.bin", os.urandom(size))
    rows = owner.hot.raw.ask("SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE relname = 'blob'")
    assert rows[0][0] == 0, "PostgreSQL has put it aside"
    larger = os.urandom(16_000)
    owner.put("larger.bin", larger)  # more than a page holds
    leaf = owner.hot.leaf(owner.standing, owner.person.root_id, "larger.bin")
    assert leaf is not None
    assert owner.content(leaf) == larger
