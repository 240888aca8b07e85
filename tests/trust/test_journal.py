"""The journal: what was acknowledged is there after a crash, in order, and no change goes unseen."""

import errno
import json
import multiprocessing
import os
import stat
import threading

import pytest

from tests.faults.calls import let_be, watch
from workspace.kernel.errors import StorageFull, StorageUnavailable
from workspace.trust.journal import DISABLED, ENABLED, REVOKED, FolderJournal


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "journal"


@pytest.fixture
def journal(folder):
    return FolderJournal(folder)


def the_file(folder):
    (path,) = folder.glob("*.jsonl")
    return path


def numbers(journal):
    return [one["values"]["n"] for one in journal.entries()]


def write_many(folder, start):
    journal = FolderJournal(folder)
    for number in range(start, start + 25):
        journal.write(REVOKED, {"n": number})


def test_entries_come_back_in_order_and_chained(journal, folder):
    assert list(journal.entries()) == []
    for number in range(5):
        journal.write(REVOKED, {"n": number})
    assert numbers(journal) == [0, 1, 2, 3, 4]
    assert numbers(FolderJournal(folder)) == [0, 1, 2, 3, 4]
    assert journal.findings() == []
    assert stat.S_IMODE(the_file(folder).stat().st_mode) == 0o600


def test_several_processes_and_threads_write_one_chain(journal, folder):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write_many, args=(folder, start)) for start in (100, 200)]
    threads = [threading.Thread(target=write_many, args=(folder, start)) for start in (300, 400)]
    for one in (*processes, *threads):
        one.start()
    for one in (*processes, *threads):
        one.join()
    assert sorted(numbers(journal)) == sorted(n for start in (100, 200, 300, 400) for n in range(start, start + 25))
    assert journal.findings() == []


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_torn_line_is_told_and_what_follows_is_not_lost(journal, folder, kept):
    journal.write(REVOKED, {"n": 1})
    whole = the_file(folder).stat().st_size
    journal.write(REVOKED, {"n": 2})
    length = the_file(folder).stat().st_size
    os.truncate(the_file(folder), whole + int((length - whole - 1) * kept))
    assert numbers(journal) == [1]
    assert len(journal.findings()) == 1
    assert "torn" in journal.findings()[0]
    journal.write(REVOKED, {"n": 3})
    assert numbers(journal) == [1, 3]
    assert len(journal.findings()) == 1


def test_a_line_that_only_lacks_its_line_feed_counts(journal, folder):
    journal.write(REVOKED, {"n": 1})
    os.truncate(the_file(folder), the_file(folder).stat().st_size - 1)
    journal.write(REVOKED, {"n": 2})
    assert numbers(journal) == [1, 2]
    assert journal.findings() == []


def test_a_month_that_began_with_a_torn_line_goes_on_from_the_month_before(journal, folder):
    journal.write(REVOKED, {"n": 1})
    path = the_file(folder)
    path.rename(folder / "2001-01.jsonl")
    path.write_bytes(b'{"at":"20')
    journal.write(REVOKED, {"n": 2})
    assert numbers(journal) == [1, 2]
    assert [one for one in journal.findings() if "chain" in one] == []


def test_long_entries_are_found_from_the_end(journal):
    for number in range(3):
        journal.write(DISABLED, {"n": number, "long": "x" * 50_000})
    assert numbers(journal) == [0, 1, 2]
    assert journal.findings() == []


def test_a_changed_removed_or_moved_line_breaks_the_chain(journal, folder):
    for number in range(6):
        journal.write(REVOKED if number % 2 else ENABLED, {"n": number})
    path = the_file(folder)
    lines = path.read_bytes().splitlines(keepends=True)
    for number in range(5):
        changed = [*lines]
        changed[number] = changed[number].replace(b'"n":', b'"m":')
        removed = lines[:number] + lines[number + 1 :]
        moved = [*lines]
        moved[number], moved[number + 1] = moved[number + 1], moved[number]
        for damaged in (changed, removed, moved):
            path.write_bytes(b"".join(damaged))
            assert any("chain" in one for one in journal.findings()), number


def test_hostile_values_stay_in_one_line(journal, folder):
    journal.write(REVOKED, {"n": 1, "text": 'a\nb\r\u2028\x1b[2J"}'})
    assert the_file(folder).read_bytes().count(b"\n") == 1
    assert json.loads(the_file(folder).read_bytes())["values"]["text"].startswith("a\nb")
    assert numbers(journal) == [1]


def test_an_unknown_kind_is_a_mistake_of_ours(journal):
    with pytest.raises(ValueError, match="kind"):
        journal.write("gossip", {})


def test_a_full_disk_and_a_broken_one_are_refusals_with_a_name(journal, folder, monkeypatch):
    def refuse(number):
        def fsync(_descriptor):
            raise OSError(number, os.strerror(number))

        return fsync

    monkeypatch.setattr(os, "fsync", refuse(28))
    with pytest.raises(StorageFull):
        journal.write(REVOKED, {"n": 1})
    monkeypatch.setattr(os, "fsync", refuse(5))
    with pytest.raises(StorageUnavailable):
        journal.write(REVOKED, {"n": 2})


def test_a_line_whose_sync_failed_is_cut_off_so_that_no_later_sync_covers_it(journal, folder):
    """After a failed fsync the kernel may call lost pages clean; the next fsync would succeed over them."""
    journal.write(REVOKED, {"n": 0})
    before = the_file(folder).read_bytes()

    def act():
        fresh = FolderJournal(folder)
        with pytest.raises(StorageUnavailable):
            fresh.write(REVOKED, {"n": 1})
        assert the_file(folder).read_bytes() == before
        fresh.write(REVOKED, {"n": 2})

    failed = []

    def judge(call):
        if call.name == "fsync" and call.path.endswith(".jsonl") and not failed:
            failed.append(call)
            return errno.EIO
        return 0

    assert watch(act, judge, str(folder)).status == 0
    assert numbers(journal) == [0, 2]
    assert journal.findings() == []


def test_the_name_of_the_file_is_made_durable_by_every_process_that_writes_into_it(journal, folder):
    """Whoever made it may have died before its name was durable."""
    journal.write(REVOKED, {"n": 0})
    calls = watch(lambda: FolderJournal(folder).write(REVOKED, {"n": 1}), let_be, str(folder)).calls
    assert [call.path for call in calls if call.name == "fsync"][-2:] == [str(the_file(folder)), str(folder)]
