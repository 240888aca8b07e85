"""A new master key for everything: nobody is refused meanwhile, a kill at any step costs nothing, the old key goes."""

import base64
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.calls import Call, watch
from tests.storage.test_keyring import fill
from workspace.kernel.errors import StorageUnavailable, WrongState
from workspace.kernel.ids import new_id
from workspace.storage.key_table import KeyTable
from workspace.storage.keyring import open_keyring
from workspace.storage.master import MasterKeyError, create_master_key, load_master_key, open_master_keys
from workspace.storage.rotation import rotate_in_file, rotate_to_newest

CLOUDS, FEW = 60, 5
# `make faults` kills at every call, `make test` at every fourth
STEP = 1 if os.environ.get("FAULTS") == "1" else 4
ROTATE = """
import sys
from pathlib import Path
from workspace.storage import key_table
from workspace.storage.keyring import open_keyring
from workspace.storage.master import load_master_key
from workspace.storage.rotation import rotate_in_file
key_table.BATCH = 3
path = Path(sys.argv[2])
begun = lambda key, count, resumed: print("begun", flush=True)
rotate_in_file(open_keyring(sys.argv[1], load_master_key(path)), path, begun, lambda done: None)
"""
# its key ring is opened before the rotation and never told of it
LIVE = """
import sys, threading
from pathlib import Path
from workspace.kernel.errors import KeyDestroyed
from workspace.kernel.ids import new_id
from workspace.storage.keyring import open_keyring
from workspace.storage.master import load_master_key
keyring = open_keyring(sys.argv[1], load_master_key(Path(sys.argv[2])))
known = dict(pair.split("=") for pair in sys.stdin.readline().split())
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
print("ready", flush=True)
rounds = 0
while not stop.is_set() or not rounds:
    for space, key in known.items():
        assert keyring.key(space).hex() == key
    mine, gone = new_id(), new_id()
    keyring.create(mine)
    keyring.create(gone)
    keyring.destroy(gone)
    try:
        keyring.key(gone)
    except KeyDestroyed:
        pass
    else:
        raise AssertionError("a destroyed key was given out")
    known[mine] = keyring.key(mine).hex()
    rounds += 1
print(rounds, *(f"{space}={key}" for space, key in known.items()), flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_master_key(tmp_path / "secrets" / "master.key")
    return tmp_path / "secrets" / "master.key"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/keyring/keyring.db"
    return str(request.getfixturevalue("postgres_url"))


def opened(url: str, path: Path) -> KeyTable:
    return open_keyring(url, load_master_key(path))


def rotate(url: str, path: Path) -> tuple[int, bool]:
    done = rotate_in_file(opened(url, path), path, lambda key, count, resumed: None, lambda done: None)
    return done.wrapped, done.resumed


@contextmanager
def lives(url: str, path: Path, known: dict[str, bytes], count: int) -> Iterator[list[dict[str, bytes]]]:
    """Processes that read all keys and make and destroy others, until the block ends; then what each of them knew."""
    command = [sys.executable, "-c", LIVE, url, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(count)]  # type: ignore[call-overload]
    seen: list[dict[str, bytes]] = []
    try:
        for one in running:
            one.stdin.write(" ".join(f"{space}={key.hex()}" for space, key in known.items()) + "\n")
            one.stdin.flush()
        for one in running:
            assert one.stdout.readline() == "ready\n"
        yield seen
        for one in running:
            said, _ = one.communicate(timeout=60)
            assert one.returncode == 0, "a reader or a writer was refused"
            rounds, *pairs = said.split()
            assert int(rounds)
            seen.append({space: bytes.fromhex(key) for space, key in (pair.split("=") for pair in pairs)})
    finally:
        for one in running:
            one.kill()
            one.wait()


def test_readers_and_writers_in_other_processes_feel_nothing_and_nothing_stays_under_the_old_key(
    url: str, path: Path
) -> None:
    keys = fill(opened(url, path), CLOUDS)
    old = load_master_key(path).current.id
    with lives(url, path, keys, 3) as seen:
        for _ in range(2):
            assert rotate(url, path)[0] >= CLOUDS
    keyring = opened(url, path)
    (new,) = load_master_key(path).ids
    assert new != old
    assert set(keyring.rows_under()) == {new, ""}
    for known in seen:
        assert {space: keyring.key(space) for space in known} == known


def mutations(url: str, path: Path, call: str, number: int) -> subprocess.CompletedProcess[str]:
    """A rotation that is killed at the so-manieth call of that kind."""
    inject = f"inject={call}:signal=KILL:when={number}"
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject]
    command += [sys.executable, "-c", ROTATE, url, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("backend", "calls"),
    [
        ("sqlite", ("rename", "fsync", "fdatasync", "ftruncate")),
        ("postgresql", ("rename", "sendto")),
    ],
)
def test_killed_at_every_step_it_goes_on_and_no_key_is_lost(
    request: pytest.FixtureRequest, tmp_path: Path, path: Path, backend: str, calls: tuple[str, ...]
) -> None:
    """Each kill is followed by a look at every key through both what was open before and what is opened afterwards."""
    url = f"sqlite:///{tmp_path}/k.db" if backend == "sqlite" else str(request.getfixturevalue("postgres_url"))
    before = opened(url, path)
    keys, kills = fill(before, FEW), 0
    for call in calls:
        for number in range(1, 90, STEP):
            old = load_master_key(path).ids[-1]
            ended = mutations(url, path, call, number)
            if ended.returncode == 0:
                break
            assert ended.returncode in (-9, 137), ended.stderr
            kills += 1
            for keyring in (before, opened(url, path)):
                assert {space: keyring.key(space) for space in keys} == keys, (call, number)
            rotate(url, path)
            (newest,) = load_master_key(path).ids
            assert newest != old
            assert before.rows_under() == {newest: FEW}
            assert {one.name for one in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}
        else:
            pytest.fail("it never came to its end")
    assert kills >= 24 // STEP


def test_no_row_lies_under_a_new_key_whose_name_in_the_disk_could_not_be_synced(tmp_path: Path, path: Path) -> None:
    """The sync of the folder fails and the command is given again: a power cut must not take the key of all rows."""
    url = f"sqlite:///{tmp_path}/k.db"
    keyring, folder = opened(url, path), path.parent.name
    keys = fill(keyring, FEW)

    def go_on() -> None:
        rotate_in_file(keyring, path, lambda key, count, resumed: None, lambda done: None)

    def twice() -> None:
        with pytest.raises(StorageUnavailable):
            go_on()
        go_on()

    failed: list[int] = []

    def fail_once(call: Call) -> int:
        if call.name == "fsync" and call.about == folder and not failed:
            failed.append(call.number)
            return errno.EIO
        return 0

    ending = watch(twice, fail_once, str(tmp_path))
    assert ending.status == 0
    after = [(call.name, call.about) for call in ending.calls[failed[0] :]]
    wrapped = next(place for place, (_, about) in enumerate(after) if about == "k.db")
    assert ("fsync", folder) in after[:wrapped]
    assert {space: keyring.key(space) for space in keys} == keys


def test_a_rotation_that_was_cut_off_goes_on_and_makes_no_third_key(url: str, path: Path) -> None:
    fill(opened(url, path), 30)

    def stop(key_id: str, count: int, resumed: bool) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_in_file(opened(url, path), path, stop, lambda done: None)
    newest, _ = load_master_key(path).ids
    assert rotate(url, path) == (30, True)
    assert load_master_key(path).ids == (newest,)
    assert rotate(url, path) == (30, False)


def test_two_rotations_at_once_are_one(tmp_path: Path, path: Path) -> None:
    url = f"sqlite:///{tmp_path}/k.db"
    keyring = opened(url, path)

    def second(key_id: str, count: int, resumed: bool) -> None:
        with pytest.raises(WrongState, match="already"):
            rotate(url, path)

    rotate_in_file(keyring, path, second, lambda done: None)


def test_a_row_under_a_key_that_is_gone_stops_it_and_no_key_is_forgotten(tmp_path: Path, path: Path) -> None:
    url = f"sqlite:///{tmp_path}/k.db"
    keyring, space = opened(url, path), new_id()
    keyring.create(space)
    other = tmp_path / "other.key"
    create_master_key(other)
    before = other.read_bytes()
    with pytest.raises(StorageUnavailable, match=load_master_key(path).current.id):
        rotate(url, other)
    assert other.read_bytes() == before


def test_a_master_key_from_the_environment_is_rotated_by_putting_a_new_one_before_it(url: str, tmp_path: Path) -> None:
    old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    nowhere = tmp_path / "none"
    keyring = open_keyring(url, open_master_keys(old, nowhere))
    keyring.create(new_id())
    keys = fill(keyring, 30)
    with pytest.raises(WrongState, match="WORKSPACE_MASTER_KEY"):
        rotate_to_newest(keyring, open_master_keys(old, nowhere), lambda *_: None, lambda _: None)
    both = open_master_keys(f"{new} {old}", nowhere)
    restarted = open_keyring(url, both)
    late = new_id()
    restarted.create(late)
    keys[late] = keyring.key(late)  # who was not restarted yet still reads what the restarted ones write
    done = rotate_to_newest(restarted, both, lambda *_: None, lambda _: None)
    assert (done.wrapped, done.idle) == (32, both.ids[1:])
    alone = open_keyring(url, open_master_keys(new, nowhere))
    assert {space: alone.key(space) for space in keys} == keys
    assert not nowhere.exists()


def test_a_malformed_key_in_the_environment_is_named_and_never_shown(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="WORKSPACE_MASTER_KEY") as stopped:
        open_master_keys("c2hvcnQ=", tmp_path / "none")
    assert "c2hvcnQ" not in str(stopped.value)
