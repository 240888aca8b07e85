"""The log as it grows: order, heads, proofs, one sequencer at a time, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.trust.conftest import Bench, gathered_and_appended
from workspace.db.facts import FactRow
from workspace.db.leases import give_back, hold, take
from workspace.db.outbox import Job
from workspace.kernel.actors import WORKER
from workspace.kernel.errors import LeaseLost, NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE
from workspace.trust.log import (
    SEQUENCER,
    append,
    consistency_proof,
    continue_log,
    erase,
    gather,
    head,
    inclusion_proof,
    key,
    log_size,
    place_of,
    waiting,
)
from workspace.trust.merkle import leaf_hash, verify_consistency, verify_inclusion
from workspace.trust.models import LogEntry, LogHead
from workspace.trust.verify import verify_log


def findings(bench: Bench) -> list[str]:
    with bench.runtime.reading(WORKER) as work:
        return verify_log(work, bench.journal)


def test_facts_reach_the_log_in_order_and_a_head_is_signed(bench):
    ids = bench.record(5)
    with bench.runtime.reading(WORKER) as work:
        assert waiting(work)
        assert head(work) is None
    assert bench.sequence() == 5
    assert bench.reacted == ids
    with bench.runtime.reading(WORKER) as work:
        assert not waiting(work)
        assert [place_of(work, one) for one in ids] == [0, 1, 2, 3, 4]
        assert work.session.scalars(select(FactRow.leaf).order_by(FactRow.id)).all() == [0, 1, 2, 3, 4]
        signed = head(work)
        assert signed.size == 5
        assert signed.holds(key(work, signed.key_id))
        assert signed.as_values() in [one["values"] for one in bench.journal.entries() if one["kind"] == "head"]
    assert bench.sequence() == 0
    assert findings(bench) == []


def test_every_entry_of_a_growing_log_can_be_proven_against_every_head(bench):
    sizes = []
    for count in (1, 2, 5, 8, 3):
        bench.record(count)
        bench.sequence(limit=4)  # more than one batch where there are more
        bench.sequence(limit=4)
        with bench.runtime.reading(WORKER) as work:
            sizes.append(head(work).size)
    with bench.runtime.reading(WORKER) as work:
        roots = {row.size: row.root for row in work.session.scalars(select(LogHead))}
        leaves = work.session.scalars(select(LogEntry.leaf_hash).order_by(LogEntry.index)).all()
        for size, root in roots.items():
            for index in range(size):
                proof = inclusion_proof(work, index, size)
                assert proof.root == root
                assert verify_inclusion(leaves[index], index, size, proof.path, root)
            for first in (one for one in roots if one <= size):
                proof = consistency_proof(work, first, size)
                assert verify_consistency(first, size, roots[first], root, proof.path)
        with pytest.raises(NotFound):
            inclusion_proof(work, 19, 19)
        with pytest.raises(NotFound):
            consistency_proof(work, 1, 20)
    assert sizes == [1, 3, 8, 16, 19]
    assert findings(bench) == []


def test_a_proof_reads_few_rows_however_long_the_log(bench):
    bench.record(200)
    bench.sequence()
    with bench.runtime.reading(WORKER) as work:
        proof = inclusion_proof(work, 77, 200)
    assert len(proof.path) <= 8


def test_reactions_stand_or_fall_with_the_entries(bench):
    bench.record(2)

    def fails(work, facts):
        work.later("letter.send", {"fact": facts[0].id})
        raise RuntimeError

    with bench.runtime.writing(WORKER) as work:
        take(work, SEQUENCER, "one", 60)
        work.commit()
    with pytest.raises(RuntimeError), bench.runtime.writing(WORKER) as work:
        gathered_and_appended(work, "one", fails)
    with bench.runtime.reading(WORKER) as work:
        assert log_size(work) == 0
        assert not work.session.scalar(select(func.count()).select_from(Job))
        assert waiting(work)


def test_a_sequencer_that_lost_its_lease_changes_nothing(bench):
    bench.record(3)
    with bench.runtime.writing(WORKER) as work:
        assert take(work, SEQUENCER, "slow", 60)
        assert not take(work, SEQUENCER, "other", 60)
        work.commit()
    bench.clock.time += timedelta(minutes=2)
    assert bench.sequence(holder="quick") == 3
    bench.record(1)
    with pytest.raises(LeaseLost), bench.runtime.writing(WORKER) as work:
        gathered_and_appended(work, "slow", bench.react)
    with bench.runtime.reading(WORKER) as work:
        assert log_size(work) == 3


def test_what_was_gathered_before_the_lease_was_lost_is_not_appended_once_it_is_won_again(bench):
    bench.record(3)
    with bench.runtime.writing(WORKER) as work:
        assert take(work, SEQUENCER, "slow", 60)
        work.commit()
    with bench.runtime.reading(WORKER) as work:
        stale = gather(work, 1000)
    bench.clock.time += timedelta(minutes=2)
    assert bench.sequence(holder="quick") == 3
    bench.clock.time += timedelta(minutes=2)
    with bench.runtime.writing(WORKER) as work:
        assert take(work, SEQUENCER, "slow", 60)
        work.commit()
    with pytest.raises(LeaseLost), bench.runtime.writing(WORKER) as work:
        append(work, "slow", stale, lambda _work: None)
    assert findings(bench) == []


def test_a_lease_given_back_is_free_at_once(bench):
    with bench.runtime.writing(WORKER) as work:
        assert take(work, "nightly", "one", 600)
        give_back(work, "nightly", "one")
        work.commit()
    with bench.runtime.writing(WORKER) as work:
        assert take(work, "nightly", "two", 600)
        hold(work, "nightly", "two")
        with pytest.raises(LeaseLost):
            hold(work, "nightly", "one")


def test_facts_above_the_oldest_running_transaction_wait(bench):
    if bench.runtime.database.sqlite:
        return  # one writer at a time: there is no older transaction
    older = bench.runtime.writing(WORKER)
    late = older.record(FactKind.SIGNED_IN, INSTANCE)
    older.session.flush()
    bench.record(2)
    assert bench.sequence() == 0
    older.commit()
    assert bench.sequence() == 3
    assert bench.reacted[0] == late.id
    assert findings(bench) == []


def test_the_clock_may_go_back_and_heads_stay_in_order(bench):
    bench.record()
    bench.sequence()
    bench.clock.time -= timedelta(hours=1)
    bench.record()
    bench.sequence()
    with bench.runtime.reading(WORKER) as work:
        times = work.session.scalars(select(LogHead.signed_at).order_by(LogHead.size)).all()
    assert times == sorted(times)
    assert findings(bench) == []


def test_an_erased_fact_leaves_its_hash_and_an_entry_that_says_so(bench):
    (one, *_) = bench.record(3, item="kept nowhere else")
    bench.sequence()
    with bench.runtime.reading(WORKER) as work:
        before = work.session.scalar(select(LogEntry.leaf_hash).where(LogEntry.fact_id == one))
    with bench.runtime.writing(WORKER) as work:
        erase(work, work.session.get(FactRow, one))
        work.commit()
    assert findings(bench) == []
    bench.sequence()
    assert findings(bench) == []
    with bench.runtime.reading(WORKER) as work:
        assert work.session.scalar(select(LogEntry.leaf_hash).where(LogEntry.fact_id == one)) == before
        row = work.session.get(FactRow, one)
        assert row.person_id is None
        assert row.details == {}
        assert inclusion_proof(work, 0, 4).path
    with bench.runtime.writing(WORKER) as work, pytest.raises(ValueError, match="sequenced"):
        erase(work, work.record(FactKind.SIGNED_IN, INSTANCE))


def test_a_restored_backup_goes_on_under_a_new_name_and_says_what_was_lost(bench):
    bench.record(2)
    bench.sequence()
    with bench.runtime.writing(WORKER) as work:
        assert continue_log(work) is None
        log = head_of(work).log_id
    # what the journal knows and an older backup does not
    bench.journal.write("head", {"log": log, "size": 9, "root": "00" * 32, "time": "", "key": "", "signature": ""})
    assert any("older backup" in one for one in findings(bench))
    with bench.runtime.writing(WORKER) as work:
        newer = continue_log(work)
        work.commit()
        assert newer.continues["size"] == 2
        assert newer.continues["lost"]["size"] == 9
    with bench.runtime.writing(WORKER) as work:
        assert continue_log(work) is None
    bench.sequence()
    with bench.runtime.reading(WORKER) as work:
        assert head_of(work).log_id == newer.id != log
    assert findings(bench) == []


def test_hostile_text_in_a_fact_is_one_entry_and_the_log_holds(bench):
    bench.record(1, a='line\r\nbreak \x1b[31m \u2028 {"x":1} \u202e', b="x" * 1_000_000)
    assert bench.sequence() == 1
    assert findings(bench) == []
    lines = [line for path in bench.journal._path.glob("*.jsonl") for line in path.read_bytes().splitlines()]
    assert len(lines) == 1


def test_a_fact_that_the_log_cannot_hold_is_refused_when_it_is_written(bench):
    with bench.runtime.writing(WORKER) as work, pytest.raises(ValueError, match="canonical"):
        work.record(FactKind.SIGNED_IN, INSTANCE, share=0.5)


def test_the_empty_log_verifies(bench):
    assert findings(bench) == []
    assert leaf_hash(b"").hex().startswith("6e340b9c")


def head_of(work):
    found = head(work)
    assert found is not None
    return found
