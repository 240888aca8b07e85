"""The filesystem store: where things lie, in which order they become durable, and what a kill or a full disk leaves."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.storage.ways import Bare, content
from workspace.kernel.errors import NotFound, StorageFull, StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.storage import filesystem
from workspace.storage.filesystem import FilesystemStore, FileWriter


@pytest.fixture
def store(tmp_path: Path) -> FilesystemStore:
    return FilesystemStore(tmp_path / "objects")


def files(store: FilesystemStore) -> list[str]:
    return sorted(str(one.relative_to(store.root)) for one in store.root.rglob("*") if one.is_file())


def test_an_object_lies_under_its_first_letters_and_is_the_owners_alone(store: FilesystemStore) -> None:
    for key in ("0123456789", "ab", "journal/0001"):
        lent = Bare(store)
        lent.key = key
        lent.put(b"x")
    assert files(store) == ["01/23/0123456789", "ab/__/ab", "jo/ur/journal.0001"]
    for one in [store.root, *store.root.rglob("*")]:
        assert one.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("key", ["", "/", "a/", "/a", "a//b", "../x", "a.b", "A", "a b", "ключ", "x" * 201, "a\n"])
def test_what_is_no_key_of_ours_never_becomes_a_path(store: FilesystemStore, key: str) -> None:
    for use in (store.create, store.size, store.delete, lambda it: store.read(it, 0, 1)):
        with pytest.raises(ValueError, match="key"):
            use(key)
    assert not store.root.exists()


def test_a_key_in_use_is_never_written_over(store: FilesystemStore) -> None:
    first = Bare(store)
    first.put(b"first")
    second = store.create(first.key)
    second.write(b"second")
    with pytest.raises(StorageUnavailable, match="never used twice"):
        second.commit()
    assert store.read(first.key, 0, 5) == b"first"
    assert list(store.stale(older_than=-60)) == []


WRITE_AND_WAIT = """
import sys
from pathlib import Path
from workspace.storage.filesystem import FilesystemStore
writer = FilesystemStore(Path(sys.argv[1])).create(sys.argv[2])
writer.write(b"half" * 100_000)
print("written", flush=True)
sys.stdin.read()
writer.commit()
"""


def test_kill_9_between_write_and_commit_leaves_nothing_visible(store: FilesystemStore) -> None:
    key = new_id()
    command = [sys.executable, "-c", WRITE_AND_WAIT, str(store.root), key]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    assert store.size(key) is None
    with pytest.raises(NotFound):
        store.read(key, 0, 4)
    assert list(store.walk()) == []
    assert list(store.stale()) == []  # young: its writer might still live
    (leftover,) = store.stale(older_than=-60)
    assert leftover.size == 400_000
    store.discard(leftover)
    assert files(store) == []


def test_the_order_is_file_then_name_then_folder(store: FilesystemStore, monkeypatch: pytest.MonkeyPatch) -> None:
    Bare(store).put(b"makes the folders")
    steps: list[str] = []
    fsync, link = os.fsync, os.link

    def seen_fsync(descriptor: int) -> None:
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).relative_to(store.root)
        steps.append(f"fsync {name.parts[0] if name.parts[0] == 'tmp' else 'folder'}")
        fsync(descriptor)

    def seen_link(source: Path, target: Path) -> None:
        steps.append("link")
        link(source, target)

    monkeypatch.setattr(filesystem.os, "fsync", seen_fsync)
    monkeypatch.setattr(filesystem.os, "link", seen_link)
    Bare(store).put(b"second")
    assert steps == ["fsync tmp", "link", "fsync folder"]


def test_a_folder_is_made_durable_by_everyone_who_uses_it_first(
    store: FilesystemStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    Bare(store).put(b"by another process")
    synced: list[Path] = []
    monkeypatch.setattr(filesystem, "sync_folder", synced.append)
    late = FilesystemStore(store.root)  # knows nothing of what the other has fsynced
    lent = Bare(late)
    lent.put(b"x")
    upper = store.root / lent.key[:2]
    assert {store.root.parent, store.root, upper, upper / lent.key[2:4]} <= set(synced)


@pytest.mark.parametrize("fails", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
def test_a_failed_fsync_is_never_tried_again(
    store: FilesystemStore, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    key = new_id()
    writer = store.create(key)
    writer.write(b"perhaps lost")
    calls: list[int] = []

    def failing(descriptor: int) -> None:
        calls.append(descriptor)
        raise OSError(fails, os.strerror(fails))

    monkeypatch.setattr(filesystem.os, "fsync", failing)
    with pytest.raises(StorageUnavailable if fails == errno.EIO else StorageFull):
        writer.commit()
    with pytest.raises(StorageUnavailable):
        writer.commit()
    assert len(calls) == 1
    assert store.size(key) is None
    assert list(store.stale(older_than=-60)) == []


def test_a_full_disk_is_said_to_be_full(store: FilesystemStore) -> None:
    store.ready()
    leftover = store.root / "tmp" / "leftover"
    leftover.touch()
    writer = FileWriter(store, os.open("/dev/full", os.O_WRONLY), leftover, store.root / "x")
    with pytest.raises(StorageFull):
        writer.write(b"no room for this")
    assert not leftover.exists()


def test_the_ballast_stays_free_for_the_database(store: FilesystemStore, tmp_path: Path) -> None:
    lent = Bare(store)
    lent.put(b"readable when full")
    room = os.statvfs(tmp_path)
    full = FilesystemStore(store.root, ballast=(room.f_bavail + 1_000_000) * room.f_frsize)
    with pytest.raises(StorageFull):
        full.ready()
    with pytest.raises(StorageFull):
        full.create(new_id())
    assert full.read(lent.key, 0, 8) == b"readable"
    full.delete(lent.key)
    writer = store.create(new_id())
    writer._store = full  # the disk fills up while an upload is on its way
    writer.write(content(4 << 20))
    with pytest.raises(StorageFull):
        writer.write(content(4 << 20))
    assert files(store) == []


def test_folders_that_somebody_removed_are_made_again(store: FilesystemStore) -> None:
    Bare(store).put(b"x")
    shutil.rmtree(store.root)
    with pytest.raises(StorageUnavailable):
        Bare(store).put(b"the first one to meet it fails")
    lent = Bare(store)
    lent.put(b"and nobody after it")
    assert store.read(lent.key, 0, 3) == b"and"


@pytest.fixture
def unreachable(tmp_path: Path) -> FilesystemStore:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    return FilesystemStore(in_the_way / "objects")  # a file where a folder should be: what a lost mount may look like


def test_a_store_that_is_away_is_said_to_be_away(unreachable: FilesystemStore) -> None:
    key = new_id()
    for use in (unreachable.create, unreachable.size, unreachable.delete, lambda it: unreachable.read(it, 0, 1)):
        with pytest.raises(StorageUnavailable):
            use(key)
    with pytest.raises(StorageUnavailable):
        unreachable.ready()
    with pytest.raises(StorageUnavailable):
        list(unreachable.walk())
    with pytest.raises(StorageUnavailable):
        list(unreachable.stale())
