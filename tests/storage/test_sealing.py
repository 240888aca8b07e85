"""A sealed part opens as it was, in whole and in part; whatever was changed, moved, cut or swapped is never served."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storage.ways import content, pieces
from workspace.kernel.errors import Damaged
from workspace.kernel.ids import new_id
from workspace.storage.sealing import (
    HEADER,
    SEALED_SEGMENT,
    SEGMENT,
    TAG,
    PartSealer,
    open_range,
    open_small,
    plain_capacity,
    seal_small,
    sealed_size,
)

KEY = bytes(range(32))
BLOB = new_id()
SIZE = 2 * SEGMENT + 1000  # three segments


def seal(data: bytes, piece: int = 100_000, blob_id: str = BLOB, ordinal: int = 0, key: bytes = KEY) -> bytes:
    sealer = PartSealer(key, blob_id, ordinal)
    chunks = [sealer.header()]
    for one in pieces(data, piece):
        chunks += map(bytes, sealer.update(one))
    assert sealer.plain_size == len(data)
    return b"".join([*chunks, sealer.finish()])


class Part:
    """Sealed bytes in memory that remember what was read of them."""

    def __init__(self, sealed: bytes) -> None:
        self.sealed = sealed
        self.reads: list[tuple[int, int]] = []

    def read(self, offset: int, length: int) -> bytes:
        self.reads.append((offset, length))
        return self.sealed[offset : offset + length]


def opened(
    sealed: bytes,
    size: int,
    start: int = 0,
    stop: int | None = None,
    blob_id: str = BLOB,
    ordinal: int = 0,
    key: bytes = KEY,
) -> bytes:
    stop = size if stop is None else stop
    return b"".join(map(bytes, open_range(Part(sealed).read, key, blob_id, ordinal, size, start, stop)))


@settings(deadline=None, max_examples=60)
@given(
    size=st.one_of(st.integers(0, 600), st.integers(SEGMENT - 3, SEGMENT + 3), st.integers(0, 6 * SEGMENT)),
    piece=st.one_of(st.integers(1000, 5000), st.sampled_from([SEGMENT - 1, SEGMENT, SEGMENT + 1, 1 << 20])),
    ends=st.tuples(st.integers(0, 6 * SEGMENT), st.integers(0, 6 * SEGMENT)),
)
def test_any_size_in_any_pieces_opens_in_any_range(size: int, piece: int, ends: tuple[int, int]) -> None:
    data = content(size)
    sealed = seal(data, piece)
    start, stop = sorted(min(end, size) for end in ends)
    assert len(sealed) == sealed_size(size)
    assert opened(sealed, size) == data
    assert opened(sealed, size, start, stop) == data[start:stop]


def test_single_bytes_and_empty_pieces_are_sealed_like_any() -> None:
    data = content(300)
    assert opened(seal(data, piece=1), 300) == data
    sealer = PartSealer(KEY, BLOB, 0)
    assert list(sealer.update(b"")) == []
    assert opened(sealer.header() + bytes(sealer.finish()), 0) == b""


def test_a_range_reads_only_the_segments_it_needs() -> None:
    size = 20 * SEGMENT
    part = Part(seal(content(size), 1 << 20))
    list(open_range(part.read, KEY, BLOB, 0, size, 7 * SEGMENT + 5, 8 * SEGMENT + 5))
    assert part.reads == [(0, HEADER), (HEADER + 7 * SEALED_SEGMENT, 2 * SEALED_SEGMENT)]


def test_a_stream_reads_a_mebibyte_at_a_time_and_yields_no_more() -> None:
    size = 9 * SEGMENT
    part = Part(seal(content(size), 1 << 20))
    lengths = [len(piece) for piece in open_range(part.read, KEY, BLOB, 0, size, 0, size)]
    assert lengths == [1 << 20, 1 << 20, SEGMENT]
    assert [length for _, length in part.reads] == [HEADER + 4 * SEALED_SEGMENT, 4 * SEALED_SEGMENT, SEALED_SEGMENT]


def test_an_empty_range_of_something_reads_nothing() -> None:
    part = Part(seal(content(10)))
    assert list(open_range(part.read, KEY, BLOB, 0, 10, 4, 4)) == []
    assert part.reads == []


@pytest.mark.parametrize(("start", "stop"), [(-1, 4), (5, 4), (0, 11)])
def test_a_range_outside_of_the_part_is_a_mistake_of_the_caller(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="range"):
        opened(seal(content(10)), 10, start, stop)


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda sealed: sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


def segment(index: int) -> slice:
    return slice(HEADER + index * SEALED_SEGMENT, HEADER + (index + 1) * SEALED_SEGMENT)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "magic": flip(0),
    "version": flip(3),
    "segment size": flip(4),
    "algorithm": flip(5),
    "first zero": flip(6),
    "second zero": flip(7),
    "nonce prefix, first byte": flip(8),
    "nonce prefix, last byte": flip(15),
    "first byte of content": flip(HEADER),
    "tag of the first segment": flip(HEADER + SEGMENT),
    "content in the middle": flip(HEADER + SEALED_SEGMENT + 77),
    "tag of the middle segment": flip(HEADER + 2 * SEALED_SEGMENT - 1),
    "content of the last segment": flip(HEADER + 2 * SEALED_SEGMENT),
    "last byte of all": flip(sealed_size(SIZE) - 1),
    "segments swapped": lambda sealed: (
        sealed[:HEADER] + sealed[segment(1)] + sealed[segment(0)] + sealed[HEADER + 2 * SEALED_SEGMENT :]
    ),
    "segment twice": lambda sealed: (
        sealed[:HEADER] + sealed[segment(0)] + sealed[segment(0)] + sealed[HEADER + 2 * SEALED_SEGMENT :]
    ),
    "last byte missing": lambda sealed: sealed[:-1],
    "last segment missing": lambda sealed: sealed[: HEADER + 2 * SEALED_SEGMENT],
    "header only": lambda sealed: sealed[:HEADER],
    "nothing left": lambda sealed: b"",
    "all zeros": lambda sealed: bytes(len(sealed)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_whatever_was_changed_is_damaged(damage: Callable[[bytes], bytes]) -> None:
    sealed = seal(content(SIZE))
    with pytest.raises(Damaged):
        opened(damage(sealed), SIZE)


def test_no_piece_of_a_damaged_mebibyte_leaves() -> None:
    size = 8 * SEGMENT
    sealed = flip(HEADER + 6 * SEALED_SEGMENT)(seal(content(size)))
    stream = open_range(Part(sealed).read, KEY, BLOB, 0, size, 0, size)
    assert next(stream) == content(size)[: 4 * SEGMENT]
    with pytest.raises(Damaged):
        next(stream)


def test_a_part_cut_at_a_segment_does_not_pass_for_a_shorter_one() -> None:
    sealed = seal(content(SIZE))[: HEADER + 2 * SEALED_SEGMENT]
    with pytest.raises(Damaged):  # the row says two segments; the second was not sealed as the last
        opened(sealed, 2 * SEGMENT)


def test_a_part_opens_only_as_itself() -> None:
    sealed = seal(content(SIZE), ordinal=1)
    assert opened(sealed, SIZE, ordinal=1) == content(SIZE)
    for wrong in ({"ordinal": 0}, {"ordinal": 1, "blob_id": new_id()}, {"ordinal": 1, "key": bytes(32)}):
        with pytest.raises(Damaged):
            opened(sealed, SIZE, **wrong)  # type: ignore[arg-type]


def test_segments_of_two_sealings_of_the_same_part_do_not_mix() -> None:
    first, again = seal(content(SIZE)), seal(content(SIZE))
    assert first[8:HEADER] != again[8:HEADER]
    with pytest.raises(Damaged):
        opened(first[: HEADER + SEALED_SEGMENT] + again[HEADER + SEALED_SEGMENT :], SIZE)


def test_sealing_the_same_again_shows_nothing_of_it() -> None:
    data = content(1000)
    first, again = seal(data), seal(data)
    assert first[HEADER:] != again[HEADER:]
    assert data[:32] not in first


@settings(deadline=None, max_examples=40)
@given(size=st.one_of(st.integers(0, 20_000), st.integers(SEGMENT - 2, SEGMENT + 2), st.just(3 * SEGMENT)))
def test_small_content_is_a_part_like_any(size: int) -> None:
    data = content(size)
    sealed = seal_small(KEY, BLOB, data)
    assert open_small(KEY, BLOB, sealed) == data == opened(sealed, size)
    assert open_small(KEY, BLOB, seal(data)) == data


@pytest.mark.parametrize("at", [0, 3, 4, 5, 6, 8, HEADER, HEADER + 50, HEADER + 50 + TAG - 1, -1])
def test_small_content_that_was_changed_is_damaged(at: int) -> None:
    sealed = seal_small(KEY, BLOB, content(50))
    with pytest.raises(Damaged):
        open_small(KEY, BLOB, flip(at % len(sealed))(sealed))


@pytest.mark.parametrize("length", [0, 15, HEADER, HEADER + TAG - 1, HEADER + TAG + 49])
def test_small_content_that_was_cut_is_damaged(length: int) -> None:
    with pytest.raises(Damaged):
        open_small(KEY, BLOB, seal_small(KEY, BLOB, content(50))[:length])
    with pytest.raises(Damaged):
        open_small(KEY, new_id(), seal_small(KEY, BLOB, content(50)))


@pytest.mark.parametrize("limit", [8 << 20, 1 << 30, HEADER + SEALED_SEGMENT])
def test_a_full_part_stays_within_the_limit_of_the_store(limit: int) -> None:
    capacity = plain_capacity(limit)
    assert capacity % SEGMENT == 0
    assert sealed_size(capacity) <= limit < sealed_size(capacity + SEGMENT)


def test_a_limit_below_one_segment_is_refused() -> None:
    with pytest.raises(ValueError, match="segment"):
        plain_capacity(SEGMENT)
