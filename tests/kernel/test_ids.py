"""Identifiers: their shape, their order, and that no two processes make the same one."""

import os
import threading
import time
import uuid

from workspace.kernel.ids import ALPHABET, id_after, is_id, new_id


def as_uuid(text: str) -> uuid.UUID:
    value = 0
    for letter in text:
        value = value << 5 | ALPHABET.index(letter)
    return uuid.UUID(int=value)


def test_an_identifier_is_a_uuid_of_version_7_that_tells_its_millisecond():
    before = time.time_ns() // 1_000_000
    made = as_uuid(new_id())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= (made.int >> 80) <= time.time_ns() // 1_000_000 + 1
    assert is_id(new_id())
    assert not is_id("x")


def test_identifiers_of_one_process_rise():
    made = [new_id() for _ in range(5000)]
    assert made == sorted(set(made))


def test_threads_and_forks_never_make_the_same_one():
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(new_id() for _ in range(500))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(made)) == 4000
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, new_id().encode())
        os._exit(0)
    mine = new_id()
    os.waitpid(child, 0)
    assert os.read(reader, 26).decode() != mine


def test_an_identifier_can_be_made_to_come_after_another():
    older, newer = new_id(), new_id()
    assert id_after(None, older) == older
    assert id_after(older, newer) == newer
    bent = id_after(newer, older)
    assert bent > newer
    assert is_id(bent)
    assert as_uuid(bent).version == 7
