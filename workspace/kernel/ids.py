"""Identifiers: UUIDv7 (RFC 9562 section 5.7) written as 26 characters of Crockford base32, lower case."""

import os
import re
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_SHIFTS = range(120, -1, -10)
_SHAPE = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")


class _Rising:
    """Values of 48 bits of milliseconds and 74 random bits, each greater than the one before in this process
    (RFC 9562 section 6.2, method 2), so that what one transaction writes sorts in the order in which it was written."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        random = int.from_bytes(os.urandom(10)) & (1 << 74) - 1
        fresh = (time.time_ns() // 1_000_000 & 0xFFFF_FFFF_FFFF) << 74 | random
        with self._lock:
            if fresh >> 74 <= self._last >> 74:
                # within one millisecond, or when the clock went back: a random step, so that nothing can be counted
                fresh = self._last + 1 + (random & 0xFFFF_FFFF)
            self._last = fresh
        return fresh


_rising = _Rising()


def _after_fork() -> None:
    # parent and child must not go on from the same value, nor share a lock that somebody held
    global _rising
    _rising = _Rising()


os.register_at_fork(after_in_child=_after_fork)


def new_id() -> str:
    """A fresh identifier. Those of one process sort in the order of their making, others by the millisecond; so it
    also serves as a paging cursor.

    An identifier is a name, never a secret: whoever learns one still has to pass `authorize`.
    """
    rising = _rising.next()
    value = rising >> 74 << 80 | 0x7 << 76 | (rising >> 62 & 0xFFF) << 64 | 0x2 << 62 | rising & (1 << 62) - 1
    return "".join([_PAIRS[value >> shift & 1023] for shift in _SHIFTS])


def id_after(newest: str | None, fresh: str) -> str:
    """`fresh` where it sorts after `newest`, else an identifier just after `newest`: for what has to stay in order even
    across machines whose clocks differ."""
    if newest is None or fresh > newest:
        return fresh
    number = 0
    for letter in newest:
        number = number << 5 | ALPHABET.index(letter)
    number += 1 + int.from_bytes(os.urandom(4))
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def is_id(text: str) -> bool:
    """Whether `text` has the shape of an identifier; says nothing about its existence."""
    return _SHAPE.fullmatch(text) is not None
