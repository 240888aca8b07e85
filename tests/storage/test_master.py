"""The master key file is made once, is the owner's alone, and says what is wrong with it in one sentence."""

import base64
from pathlib import Path

import pytest

from workspace.kernel.errors import StorageUnavailable
from workspace.storage.master import (
    MasterKeyError,
    add_master_key,
    create_master_key,
    drop_master_keys,
    load_master_key,
    parse_master_keys,
)

KEY = "id: 66687aadf862bd77\nkey: " + base64.b64encode(bytes(32)).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "master.key"


def test_a_fresh_key_is_256_bits_in_a_file_of_the_owner_alone(path: Path) -> None:
    key = create_master_key(path).current
    assert len(key.key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert load_master_key(path).current == key
    assert [one.name for one in path.parent.iterdir()] == ["master.key"]


def test_a_second_start_keeps_the_key(path: Path) -> None:
    assert create_master_key(path).current == create_master_key(path).current


def test_the_key_is_in_no_message_about_it(path: Path) -> None:
    key = create_master_key(path).current
    assert repr(key.key) not in repr(key)
    assert base64.b64encode(key.key).decode() not in repr(key)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    create_master_key(path)
    path.chmod(mode)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        load_master_key(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no master key"),
        ("# only a note", "no master key"),
        ("key: " + base64.b64encode(bytes(32)).decode(), "does not belong"),
        ("id: 0000000000000000\nkey: " + base64.b64encode(bytes(32)).decode(), "does not belong"),
        ("id: 66687aadf862bd77\nkey: " + base64.b64encode(bytes(31)).decode(), "32 bytes"),
        ("id: 66687aadf862bd77\nkey: not base64", "32 bytes"),
        (KEY + "\nhello", "neither"),
    ],
)
def test_a_spoilt_file_is_told_from_a_good_one(text: str, says: str) -> None:
    with pytest.raises(MasterKeyError, match=says) as caught:
        parse_master_keys(text, "here")
    assert "here" in str(caught.value)
    assert parse_master_keys(KEY, "here")[0].key == bytes(32)


def test_a_missing_file_is_not_made_up(path: Path) -> None:
    with pytest.raises(MasterKeyError, match="backup"):
        load_master_key(path)
    assert not path.exists()


def test_a_rotation_puts_the_new_key_first_and_drops_the_old_one_at_the_end(path: Path) -> None:
    running = create_master_key(path)
    old = running.current
    new = add_master_key(path)
    assert load_master_key(path).ids == (new.id, old.id)
    assert running.find(new.id) == new  # a process that started before reads the file again
    drop_master_keys(path, still_used=[old.id])
    assert load_master_key(path).ids == (new.id, old.id)
    drop_master_keys(path, still_used=[])
    assert load_master_key(path).ids == (new.id,)
    with pytest.raises(StorageUnavailable, match=old.id):
        load_master_key(path).find(old.id)
    assert path.stat().st_mode & 0o777 == 0o600
