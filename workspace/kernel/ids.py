"""Identifiers: UUIDv7 (RFC 9562 section 5.7) written as 26 characters of Crockford base32, lower case."""

import os
import re
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_SHAPE = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")


def new_id() -> str:
    """A fresh identifier. Sorts by time of making, so it also serves as a paging cursor.

    An identifier is a name, never a secret: whoever learns one still has to pass `authorize`.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return "".join(ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


def is_id(text: str) -> bool:
    """Whether `text` has the shape of an identifier; says nothing about its existence."""
    return _SHAPE.fullmatch(text) is not None
