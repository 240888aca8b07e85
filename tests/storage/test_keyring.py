"""The keyring keeps a key once it has said so, and a destroyed one is gone at once, everywhere, for good."""

import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from workspace.kernel.errors import Damaged, KeyDestroyed, StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.storage.key_table import BATCH, KeyTable, wrap_key
from workspace.storage.keyring import open_keyring
from workspace.storage.master import (
    MasterKey,
    MasterKeys,
    add_master_key,
    create_master_key,
    drop_master_keys,
    load_master_key,
)

Open = Callable[[], KeyTable]


@pytest.fixture
def master_file(tmp_path: Path) -> Path:
    path = tmp_path / "secrets" / "master.key"
    create_master_key(path)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/keyring/keyring.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def again(url: str, master_file: Path) -> Open:
    """Opens the same keyring as another process would: nothing is shared but the store."""
    return lambda: open_keyring(url, load_master_key(master_file))


@pytest.fixture
def keyring(again: Open) -> KeyTable:
    return again()


def test_a_key_is_256_bits_and_the_same_for_everyone(keyring: KeyTable, again: Open) -> None:
    one, other = new_id(), new_id()
    keyring.create(one)
    keyring.create(other)
    assert len(keyring.key(one)) == 32
    assert keyring.key(one) == again().key(one) != keyring.key(other)


def test_creating_twice_keeps_the_first_key(keyring: KeyTable) -> None:
    space = new_id()
    keyring.create(space)
    key = keyring.key(space)
    keyring.create(space)
    assert keyring.key(space) == key


def test_a_space_nobody_made_a_key_for_is_not_taken_for_a_destroyed_one(keyring: KeyTable) -> None:
    with pytest.raises(StorageUnavailable):
        keyring.key(new_id())


def test_a_destroyed_key_is_felt_at_once_by_all_who_have_used_it(keyring: KeyTable, again: Open) -> None:
    other, space = again(), new_id()
    keyring.create(space)
    assert other.key(space) == keyring.key(space)
    keyring.destroy(space)
    keyring.destroy(space)
    for one in (keyring, other, again()):
        with pytest.raises(KeyDestroyed):
            one.key(space)
        with pytest.raises(KeyDestroyed):
            one.create(space)


def test_a_key_that_another_process_destroyed_is_worth_nothing_from_its_answer_on(
    keyring: KeyTable, again: Open
) -> None:
    spaces = [new_id() for _ in range(60)]
    for space in spaces:
        keyring.create(space)
    asked, told = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        other = again()
        for space in spaces:
            os.read(asked[0], 1)
            other.destroy(space)
            os.write(told[1], b".")
        os._exit(0)
    for number, space in enumerate(spaces):
        assert [len(keyring.key(one)) for one in spaces[number:]] == [32] * (len(spaces) - number)
        os.write(asked[1], b".")
        assert os.read(told[0], 1) == b"."
        with pytest.raises(KeyDestroyed):
            keyring.key(space)
    assert os.waitpid(child, 0)[1] == 0


def test_a_keyring_put_back_from_a_copy_is_not_taken_for_the_one_before(tmp_path: Path, master_file: Path) -> None:
    path, copy = tmp_path / "keyring.db", tmp_path / "copy.db"
    keyring, one, other = open_keyring(f"sqlite:///{path}", load_master_key(master_file)), new_id(), new_id()
    keyring.create(one)
    shutil.copyfile(path, copy)
    keyring.create(other)
    assert keyring.key(one) != keyring.key(other)
    shutil.copyfile(copy, path)
    keyring.destroy(one)  # as many commits as before, and others
    with pytest.raises(KeyDestroyed):
        keyring.key(one)
    with pytest.raises(StorageUnavailable):
        keyring.key(other)


def test_destroying_an_unknown_space_leaves_its_tombstone(keyring: KeyTable) -> None:
    space = new_id()  # a journal replayed over an older keyring
    keyring.destroy(space)
    with pytest.raises(KeyDestroyed):
        keyring.key(space)


def test_another_master_key_opens_nothing(keyring: KeyTable, url: str) -> None:
    space = new_id()
    keyring.create(space)
    stranger = open_keyring(url, MasterKeys([MasterKey(os.urandom(32))]))
    with pytest.raises(StorageUnavailable, match="master key"):
        stranger.key(space)


def test_a_key_moved_to_another_space_fails_its_seal(keyring: KeyTable) -> None:
    one, other = new_id(), new_id()
    keyring.create(one)
    keyring.create(other)
    with keyring._writing() as run:
        stolen = run("SELECT wrapped_key FROM space_key WHERE space_id = ?", one)[0][0]
        run("UPDATE space_key SET wrapped_key = ? WHERE space_id = ?", bytes(stolen), other)
    with pytest.raises(Damaged):
        keyring.key(other)


def test_threads_make_read_and_destroy_keys_side_by_side(keyring: KeyTable, again: Open) -> None:
    keyrings = [keyring, again()]

    def life(number: int) -> None:
        mine, space = keyrings[number % 2], new_id()
        mine.create(space)
        assert keyrings[1 - number % 2].key(space) == mine.key(space)
        mine.destroy(space)
        with pytest.raises(KeyDestroyed):
            keyrings[1 - number % 2].key(space)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(life, range(40)))


def _read_in_child(keyring: KeyTable, space: str, key: bytes) -> None:
    os._exit(0 if keyring.key(space) == key else 1)


def test_a_keyring_may_be_carried_over_a_fork(keyring: KeyTable) -> None:
    space = new_id()
    keyring.create(space)
    key = keyring.key(space)
    child = multiprocessing.get_context("fork").Process(target=_read_in_child, args=(keyring, space, key))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert keyring.key(space) == key


def fill(keyring: KeyTable, count: int) -> dict[str, bytes]:
    spaces = [new_id() for _ in range(count)]
    master = keyring._masters.current
    with keyring._writing() as run:  # in one transaction: creating them one by one is not what is tested here
        for space in spaces:
            insert = "INSERT INTO space_key (space_id, master_key_id, wrapped_key, made_at) VALUES (?, ?, ?, ?)"
            run(insert, space, master.id, wrap_key(os.urandom(32), master, space), "2026-01-01")
    return {space: keyring.key(space) for space in spaces}


def wrapped_rows(keyring: KeyTable) -> dict[str, bytes]:
    """The keys as they lie in the table, by space."""
    return {space: bytes(wrapped) for space, wrapped in keyring._read("SELECT space_id, wrapped_key FROM space_key")}


def test_a_rotation_leaves_nothing_under_the_old_key_and_every_key_as_it_was(
    keyring: KeyTable, again: Open, master_file: Path
) -> None:
    keys = fill(keyring, BATCH + 20)
    destroyed = new_id()
    keyring.create(destroyed)
    keyring.destroy(destroyed)
    old = load_master_key(master_file).current
    new = add_master_key(master_file)
    heard: list[int] = []
    assert again().rotate(new, heard.append) == len(keys)
    assert heard == [BATCH, BATCH + 20]
    assert again().rows_under() == {new.id: len(keys), "": 1}
    drop_master_keys(master_file, again().rows_under())
    assert old.id not in load_master_key(master_file).ids
    fresh = again()
    assert {space: fresh.key(space) for space in keys} == keys
    assert {space: keyring.key(space) for space in keys} == keys  # opened before the rotation, never told of it
    with pytest.raises(KeyDestroyed):
        again().key(destroyed)


def test_a_rotation_that_was_stopped_goes_on_while_others_read_and_write(
    keyring: KeyTable, again: Open, master_file: Path
) -> None:
    keys = fill(keyring, BATCH + 20)
    victim, *_ = keys
    new = add_master_key(master_file)

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        again().rotate(new, stop)
    assert keyring.rows_under()[new.id] == BATCH
    assert {space: keyring.key(space) for space in keys} == keys
    late = new_id()
    keyring.create(late)  # by a process that started before: it must not write under the old key any more
    keyring.destroy(victim)
    assert again().rotate(new) == 20
    assert again().rows_under() == {new.id: len(keys), "": 1}
    assert again().key(late) == keyring.key(late)
    assert again().rotate(new) == 0


def test_an_address_that_is_none_is_named(master_file: Path) -> None:
    for url in ("", "sqlite://", "sqlite:///:memory:", "mysql://u:geheim@h/d", "nonsense"):
        with pytest.raises(ValueError, match="WORKSPACE_KEYRING_URL") as caught:
            open_keyring(url, load_master_key(master_file))
        assert "geheim" not in str(caught.value)


# the file ------------------------------------------------------------------------------------------------------------
def test_the_file_is_the_owners_alone_and_holds_no_shredded_key(tmp_path: Path, master_file: Path) -> None:
    path = tmp_path / "keyring" / "keyring.db"
    keyring = open_keyring(f"sqlite:///{path}", load_master_key(master_file))
    keys = fill(keyring, 40)
    with sqlite3.connect(path) as connection:
        wrapped = dict(connection.execute("SELECT space_id, wrapped_key FROM space_key").fetchall())
    connection.close()
    victims = list(keys)[::3]
    assert all(wrapped[space] in path.read_bytes() for space in victims)
    for space in victims:
        keyring.destroy(space)
    remains = b"".join(one.read_bytes() for one in path.parent.iterdir())
    assert not [space for space in victims if wrapped[space] in remains or wrapped[space][12:] in remains]
    assert [keyring.key(space) for space in keys if space not in victims]
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}


CREATE_FOR_EVER = """
import sys
from pathlib import Path
from workspace.kernel.ids import new_id
from workspace.storage.keyring import open_keyring
from workspace.storage.master import load_master_key
keyring = open_keyring(sys.argv[1], load_master_key(Path(sys.argv[2])))
while True:
    space = new_id()
    keyring.create(space)
    print(space, keyring.key(space).hex(), flush=True)
"""


def test_a_key_that_was_promised_survives_kill_9(url: str, again: Open, master_file: Path) -> None:
    command = [sys.executable, "-c", CREATE_FOR_EVER, url, str(master_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        promised = [process.stdout.readline() for _ in range(30)]
        process.send_signal(signal.SIGKILL)
        promised += process.stdout.readlines()
    keyring = again()
    for line in promised:
        if line.endswith("\n"):
            space, key = line.split()
            assert keyring.key(space).hex() == key


# the server ----------------------------------------------------------------------------------------------------------
def test_a_restarted_server_is_found_again(postgres_url: str, master_file: Path) -> None:
    keyring, space = open_keyring(postgres_url, load_master_key(master_file)), new_id()
    keyring.create(space)
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        # those of this test alone: others share the server
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")
    assert len(keyring.key(space)) == 32


def test_a_server_that_is_away_is_said_to_be_away(tmp_path: Path, master_file: Path) -> None:
    with pytest.raises(StorageUnavailable):
        open_keyring(f"postgresql://postgres@/keys?host={tmp_path}", load_master_key(master_file))
