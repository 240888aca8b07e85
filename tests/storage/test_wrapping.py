"""A data key opens with the key of one space, for one blob, and with nothing else."""

import pytest

from workspace.kernel.errors import Damaged
from workspace.kernel.ids import new_id
from workspace.storage.wrapping import WRAPPED_KEY, new_data_key, unwrap, wrap

DATA_KEY, SPACE_KEY = bytes(range(32)), bytes(range(32, 64))
BLOB, SPACE = new_id(), new_id()


def test_the_key_comes_back() -> None:
    wrapped = wrap(DATA_KEY, SPACE_KEY, BLOB, SPACE)
    assert len(wrapped) == WRAPPED_KEY
    assert unwrap(wrapped, SPACE_KEY, BLOB, SPACE) == DATA_KEY


def test_the_same_key_wrapped_for_two_spaces_opens_for_each_with_its_own() -> None:
    body_space, body_key = new_id(), new_data_key()
    delivered = wrap(unwrap(wrap(DATA_KEY, SPACE_KEY, BLOB, SPACE), SPACE_KEY, BLOB, SPACE), body_key, BLOB, body_space)
    assert unwrap(delivered, body_key, BLOB, body_space) == DATA_KEY
    with pytest.raises(Damaged):
        unwrap(delivered, SPACE_KEY, BLOB, body_space)


def test_another_blob_space_or_key_does_not_open_it() -> None:
    wrapped = wrap(DATA_KEY, SPACE_KEY, BLOB, SPACE)
    for key, blob, space in ((DATA_KEY, BLOB, SPACE), (SPACE_KEY, new_id(), SPACE), (SPACE_KEY, BLOB, new_id())):
        with pytest.raises(Damaged):
            unwrap(wrapped, key, blob, space)


def test_a_changed_bit_or_a_missing_byte_is_damage() -> None:
    wrapped = wrap(DATA_KEY, SPACE_KEY, BLOB, SPACE)
    for at in range(len(wrapped)):
        with pytest.raises(Damaged):
            unwrap(wrapped[:at] + bytes([wrapped[at] ^ 128]) + wrapped[at + 1 :], SPACE_KEY, BLOB, SPACE)
    for cut in (wrapped[:-1], wrapped + b"\0", b""):
        with pytest.raises(Damaged):
            unwrap(cut, SPACE_KEY, BLOB, SPACE)


def test_wrapping_twice_shows_nothing_in_common() -> None:
    assert wrap(DATA_KEY, SPACE_KEY, BLOB, SPACE)[12:] != wrap(DATA_KEY, SPACE_KEY, BLOB, SPACE)[12:]


def test_ids_that_could_be_cut_elsewhere_are_refused() -> None:
    with pytest.raises(ValueError, match="26"):
        wrap(DATA_KEY, SPACE_KEY, BLOB + "0", SPACE[1:])
    with pytest.raises(ValueError, match="32"):
        wrap(DATA_KEY[:16], SPACE_KEY, BLOB, SPACE)
