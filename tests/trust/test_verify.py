"""Whatever is changed in a log, `verify_log` says so: every column, every row, by single bits too."""

import random

import pytest
from sqlalchemy import text

from tests.trust.conftest import Bench
from workspace.kernel.actors import WORKER
from workspace.trust.verify import verify_log

# what must not be changeable unseen; `published_at` is the host's own note
COLUMNS = {
    "log_entry": ["index", "fact_id", "leaf_hash"],
    "log_node": ["level", "index", "hash"],
    "log_head": ["size", "root", "signed_at", "key_id", "signature", "log_id"],
    "fact": ["leaf", "at", "kind", "door", "person_id", "thing_kind", "thing_id", "details", "salt"],
}


def findings(bench: Bench) -> list[str]:
    with bench.runtime.reading(WORKER) as work:
        return verify_log(work, bench.journal)


def damaged(bench: Bench, *statements: str, **values: object) -> list[str]:
    """What is found with this damage; the damage itself is rolled back."""
    with bench.runtime.writing(WORKER) as work:
        if not work.on_sqlite:
            work.session.execute(text("SET session_replication_role = replica"))
        else:
            work.session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            assert work.session.execute(text(statement), values).rowcount > 0, statement
        return verify_log(work, bench.journal)


@pytest.fixture
def filled(bench):
    for count in (3, 1, 6):
        bench.record(count)
        bench.sequence()
    assert findings(bench) == []
    return bench


def test_a_changed_fact_is_named(filled):
    assert any("Entry 4" in one for one in damaged(filled, "UPDATE fact SET kind = 'access.listed' WHERE leaf = 4"))
    assert damaged(filled, "UPDATE fact SET person_id = NULL WHERE leaf = 4")
    assert damaged(filled, "UPDATE fact SET at = '2020-01-01 00:00:00' WHERE leaf = 4")
    blank = "UPDATE fact SET person_id = NULL, details = '{}', salt = :salt WHERE leaf = 4"
    assert any("without an erasure entry" in one for one in damaged(filled, blank, salt=bytes(16)))


def test_a_removed_row_is_missed_wherever_it_was(filled):
    for index in range(10):
        assert damaged(filled, f'DELETE FROM log_entry WHERE "index" = {index}'), index
        assert damaged(filled, f"DELETE FROM fact WHERE leaf = {index}"), index
    assert damaged(filled, 'DELETE FROM log_node WHERE level = 1 AND "index" = 2')
    for size in (3, 4, 10):
        assert damaged(filled, f"DELETE FROM log_head WHERE size = {size}"), size


def test_a_cut_end_is_missed(filled):
    cut = [
        'DELETE FROM log_entry WHERE "index" >= 4',
        "DELETE FROM fact WHERE leaf >= 4",
        "DELETE FROM log_head WHERE size > 4",
    ]
    nodes = ['DELETE FROM log_node WHERE ("index" + 1) * (1 << level) > 4']
    found = damaged(filled, *cut, *nodes)
    assert found == ["Journal: a head of 10 entries was published, the log has 4 (an older backup?)."]


def test_two_facts_that_changed_places_are_found(filled):
    for one, two in ((0, 1), (2, 9), (5, 6)):
        swap = [
            f'UPDATE log_entry SET "index" = -1 WHERE "index" = {one}',
            f'UPDATE log_entry SET "index" = {one} WHERE "index" = {two}',
            f'UPDATE log_entry SET "index" = {two} WHERE "index" = -1',
            f"UPDATE fact SET leaf = CASE leaf WHEN {one} THEN {two} ELSE {one} END WHERE leaf IN ({one}, {two})",
        ]
        assert damaged(filled, *swap)


def test_a_slipped_in_node_or_place_is_found(filled):
    assert damaged(filled, 'INSERT INTO log_node (level, "index", hash) VALUES (5, 0, :hash)', hash=bytes(32))
    assert damaged(filled, "UPDATE fact SET leaf = 99 WHERE leaf = 9")


def test_a_head_by_another_key_is_found(filled):
    assert any("signature" in one for one in damaged(filled, "UPDATE log_key SET public_key = :key", key=bytes(32)))


def test_a_rewritten_log_disagrees_with_the_journal(filled):
    """Somebody with the database and even the key makes another history: the journal still knows the old one."""
    with filled.runtime.writing(WORKER) as work:
        for table in ("log_head", "log_node", "log_entry"):
            work.session.execute(text(f"DELETE FROM {table}"))
        work.session.execute(text("DELETE FROM fact WHERE leaf = 2"))
        work.session.execute(text("UPDATE fact SET leaf = NULL"))
        work.commit()
    filled.record(1)
    filled.sequence()
    assert any("another root" in one or "is missing" in one for one in findings(filled))


def test_a_thousand_random_single_bits_are_all_found(bench):
    if not bench.runtime.database.sqlite:
        return  # the same checks; bits are quicker to turn in SQLite
    bench.record(40)
    bench.sequence(limit=15)
    bench.sequence()
    chance = random.Random(6962)
    with bench.runtime.writing(WORKER) as work:
        connection = work.session.connection().connection.driver_connection
        for number in range(1000):
            connection.execute("SAVEPOINT damage")
            connection.execute("PRAGMA defer_foreign_keys = ON")
            what = _turn_one_bit(connection, chance)
            work.session.expunge_all()
            assert verify_log(work, bench.journal), (number, what)
            connection.execute("ROLLBACK TO damage")
            connection.execute("RELEASE damage")
        work.session.expunge_all()
        assert verify_log(work, bench.journal) == []


def _turn_one_bit(connection, chance):
    """Change one bit of one value of one row; returns which."""
    while True:
        table = chance.choice(list(COLUMNS))
        column = chance.choice(COLUMNS[table])
        rows = connection.execute(f'SELECT rowid, "{column}" FROM {table}').fetchall()
        rowid, value = chance.choice(rows)
        changed = _bent(value, chance)
        if changed is None:
            continue
        try:
            connection.execute(f'UPDATE OR ABORT {table} SET "{column}" = ? WHERE rowid = ?', (changed, rowid))
        except Exception:  # the database itself refuses (a key that is there already)
            continue
        return table, column, rowid, value, changed


def _bent(value, chance):
    if value is None:
        return None
    if isinstance(value, int):
        return value ^ 1 << chance.randrange(6)
    data = bytearray(value.encode() if isinstance(value, str) else value)
    place = chance.randrange(len(data))
    if isinstance(value, bytes):
        data[place] ^= 1 << chance.randrange(8)
        return bytes(data)
    if not chr(data[place]).isalnum():
        return None
    data[place] = ord("0") if data[place] != ord("0") else ord("1")
    return data.decode()
