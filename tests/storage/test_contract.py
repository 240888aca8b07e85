"""What every object store promises, on the filesystem and on a real S3, with bytes bare and sealed."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.ways import Bare, Sealed, content
from workspace.kernel.errors import Damaged, NotFound, StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.storage.filesystem import FilesystemStore
from workspace.storage.objects import open_objects
from workspace.storage.s3 import S3Store
from workspace.storage.sealing import SEGMENT

Store = FilesystemStore | S3Store
Way = Callable[[Store], Bare]

# one, and a little more or less than one, two or five segments, and what lies near the borders of sealed ones
SIZES = st.builds(
    lambda segments, delta: max(0, segments * SEGMENT + delta),
    st.sampled_from([0, 1, 2, 4, 5]),
    st.one_of(st.integers(-17, 17), st.integers(-SEGMENT, SEGMENT)),
)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session", params=["filesystem", "s3"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    if request.param == "s3":
        return open_objects(request.getfixturevalue("s3_url"))
    return open_objects(f"file://{tmp_path_factory.mktemp('objects')}")


@pytest.fixture(params=["filesystem", "s3"])
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "s3":
        yield open_objects(request.getfixturevalue("fresh_s3_url"))
    else:
        yield open_objects(f"file://{tmp_path}/not/there/yet")


@pytest.fixture(params=[Bare, Sealed])
def way(request: pytest.FixtureRequest) -> Way:
    return request.param


@FEW
@given(size=SIZES, seed=st.integers(0, 99), ends=st.tuples(SIZES, SIZES))
def test_what_was_stored_comes_back_whole_and_in_any_range(
    store: Store, way: Way, size: int, seed: int, ends: tuple[int, int]
) -> None:
    lent = way(store)
    data = content(size, seed)
    lent.put(data)
    start, stop = sorted(min(end, size) for end in ends)
    assert store.size(lent.key) == lent.stored(size)
    assert lent.get(size, 0, size) == data
    assert lent.get(size, start, stop) == data[start:stop]


def test_nothing_is_there_before_commit(store: Store) -> None:
    key = new_id()
    writer = store.create(key)
    writer.write(b"half of it")
    assert store.size(key) is None
    with pytest.raises(NotFound):
        store.read(key, 0, 4)
    assert key not in [one.key for one in store.walk(key)]
    writer.commit()
    assert store.read(key, 0, 10) == b"half of it"


def test_an_aborted_write_leaves_nothing(empty_store: Store) -> None:
    writer = empty_store.create(new_id())
    writer.write(b"never mind")
    writer.abort()
    writer.abort()
    assert list(empty_store.walk()) == []
    assert list(empty_store.stale(older_than=-60)) == []
    with pytest.raises(StorageUnavailable):
        writer.write(b"more")
    with pytest.raises(StorageUnavailable):
        writer.commit()


def test_abort_after_commit_takes_nothing_back(store: Store) -> None:
    key = new_id()
    writer = store.create(key)
    writer.write(b"kept")
    writer.commit()
    writer.abort()
    assert store.read(key, 0, 4) == b"kept"


def test_an_object_without_a_byte_is_an_object(store: Store) -> None:
    key = new_id()
    store.create(key).commit()
    assert store.size(key) == 0
    assert store.read(key, 0, 0) == b""


def test_reading_more_than_is_there_is_damage_and_not_a_short_answer(store: Store) -> None:
    lent = Bare(store)
    lent.put(b"0123456789")
    for offset, length in ((0, 11), (9, 2), (10, 1), (500, 4)):
        with pytest.raises(Damaged):
            store.read(lent.key, offset, length)


def test_what_was_never_stored_is_not_found(store: Store) -> None:
    key = new_id()
    assert store.size(key) is None
    for length in (0, 1):
        with pytest.raises(NotFound):
            store.read(key, 0, length)


def test_deleting_twice_is_as_good_as_once(store: Store) -> None:
    lent = Bare(store)
    lent.put(b"gone soon")
    store.delete(lent.key)
    store.delete(lent.key)
    assert store.size(lent.key) is None


def test_a_walk_shows_every_object_with_size_and_time(empty_store: Store) -> None:
    assert list(empty_store.walk()) == []
    begun = datetime.now(UTC) - timedelta(minutes=1)
    keys = [*(new_id() for _ in range(5)), "journal/0001", "journal/0002", "a", "journalist"]
    for number, key in enumerate(keys):
        writer = empty_store.create(key)
        writer.write(b"x" * number)
        writer.commit()
    seen = {one.key: one for one in empty_store.walk()}
    assert {key: one.size for key, one in seen.items()} == {key: number for number, key in enumerate(keys)}
    assert all(begun < one.modified < begun + timedelta(minutes=5) for one in seen.values())
    assert {one.key for one in empty_store.walk("journal/")} == {"journal/0001", "journal/0002"}
    assert {one.key for one in empty_store.walk(keys[0])} == {keys[0]}


def test_ready_works_from_nothing_and_leaves_nothing(empty_store: Store) -> None:
    empty_store.ready()
    empty_store.ready()
    assert list(empty_store.walk()) == []
    assert list(empty_store.stale(older_than=-60)) == []


def test_many_threads_share_one_store(store: Store) -> None:
    def round_trip(seed: int) -> bool:
        lent = Sealed(store)
        data = content(SEGMENT + seed, seed)
        lent.put(data)
        return lent.get(len(data), 0, len(data)) == data

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(round_trip, range(40)))


def test_an_address_names_the_store_or_says_what_would_be_right(tmp_path: Path) -> None:
    assert isinstance(open_objects("s3://a:b@127.0.0.1:9000/bucket?tls=0"), S3Store)
    assert isinstance(open_objects(f"file://{tmp_path}"), FilesystemStore)
    for url in ("", "file://host/path", "ftp://host/path", "file:relative"):
        with pytest.raises(ValueError, match="WORKSPACE_OBJECTS_URL"):
            open_objects(url)
