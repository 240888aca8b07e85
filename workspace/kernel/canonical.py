"""One way to write a value as bytes, so that a hash or a signature means the same to everyone (RFC 8785)."""

import json
from typing import Any

# RFC 8785 writes numbers as JavaScript does; beyond this an integer would lose digits there
LARGEST = 2**53 - 1
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def canonical(value: Any) -> bytes:
    """The canonical JSON of a value: UTF-8, no spaces, keys sorted by their UTF-16 code units.

    Takes strings, integers up to ±(2**53 - 1), booleans, None, lists and dicts with string keys. Raises ValueError on
    anything else (a fraction, a time, bytes, half a surrogate pair): such a value has no one canonical form here.
    """
    return _JSON.encode(_ordered(value)).encode("utf-8")


def _ordered(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError("an integer beyond 2**53 - 1 has to be written as a string")
        return value
    if isinstance(value, list | tuple):
        return [_ordered(one) for one in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("the keys of an object have to be strings")
        # among ASCII keys, nearly all there are, both orders are one
        keys = sorted(value) if all(map(str.isascii, value)) else sorted(value, key=_code_units)
        return {key: one if (one := value[key]) is None or type(one) is str else _ordered(one) for key in keys}
    raise ValueError(f"{type(value).__name__} has no canonical form")


def _code_units(key: str) -> bytes:
    return key.encode("utf-16-be")
