"""Secrets and folders come into being whole or not at all, and stay."""

from __future__ import annotations

from pathlib import Path

from tests.faults.calls import Call, kill_at, let_be, watch
from workspace.kernel.durable import make_folder, write_new


def test_a_new_file_is_the_owners_alone_and_never_takes_anothers_place(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "web.key"
    assert write_new(path, b"first")
    assert not write_new(path, b"second")
    assert path.read_bytes() == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["web.key"]


def test_killed_at_any_point_it_is_there_whole_or_not_at_all_and_the_next_call_clears_up(tmp_path: Path) -> None:
    """An instance that died while it was prepared must not need a person to delete an empty secret."""
    number = 0
    while True:
        number += 1
        path = tmp_path / str(number) / "secrets" / "web.key"
        ending = watch(lambda path=path: write_new(path, b"x" * 32), kill_at(number), str(tmp_path))
        assert not path.exists() or path.read_bytes() == b"x" * 32
        write_new(path, b"y" * 32)
        assert path.read_bytes() in (b"x" * 32, b"y" * 32)
        assert [one.name for one in path.parent.iterdir()] == ["web.key"]
        if ending.status == 0:
            break
    assert number > 6


def test_names_are_durable_before_anybody_is_told(tmp_path: Path) -> None:
    """Each folder is fsynced after what it names was made, also where an earlier process may have died before that."""
    path = tmp_path / "one" / "two" / "key"
    calls = watch(lambda: write_new(path, b"x"), let_be, str(tmp_path)).calls
    assert synced(calls) >= {tmp_path, path.parent.parent, path.parent}
    assert [call.name for call in calls if call.path == str(path.parent)] == ["mkdir", "fsync"]
    assert path.parent in synced(watch(lambda: write_new(path, b"x"), let_be, str(tmp_path)).calls)
    assert path.parent.parent in synced(watch(lambda: make_folder(path.parent), let_be, str(tmp_path)).calls)


def synced(calls: list[Call]) -> set[Path]:
    return {Path(call.path) for call in calls if call.name == "fsync"}


def test_a_draft_that_is_to_replace_the_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    write_new(path, b"old")
    (tmp_path / ".master.key.newer").write_bytes(b"on its way")
    write_new(path, b"never")
    assert (tmp_path / ".master.key.newer").exists()
