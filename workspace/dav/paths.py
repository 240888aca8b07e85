"""Addresses as names and names as addresses. Pure.

A name is the very bytes between two slashes, as UTF-8, decoded once. What could mean two things is refused rather than
guessed at: an empty piece (`//`), dots, an encoded slash, bytes that are no UTF-8.
"""

import re
from urllib.parse import quote, unquote_to_bytes

from workspace.cloud.names import check_name
from workspace.kernel.errors import NameNotAllowed

Names = tuple[str, ...]
DEEPEST = 600
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")


def names_of(raw_path: str) -> tuple[Names, bool]:
    """The names along a percent-encoded path ("/a%20b/c/"), and whether it ends with a slash.

    Raises NameNotAllowed; more than 600 names are too many.
    """
    if raw_path in ("", "/"):
        return (), True
    pieces = raw_path.split("/")[1:]
    slash = not pieces[-1]
    if slash:
        pieces.pop()
    if len(pieces) > DEEPEST:
        raise NameNotAllowed("This path is too deep.", field="name", reason="deep", limit=DEEPEST)
    return tuple(map(_name, pieces)), slash


def quoted(name: str) -> str:
    """A name as a piece of an address."""
    return name if _PLAIN.fullmatch(name) else quote(name, safe="")


def _name(piece: str) -> str:
    try:
        # WSGI hands bytes over as Latin-1 (PEP 3333), those that a program forgot to encode, too
        name = unquote_to_bytes(piece.encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise NameNotAllowed("Write names in UTF-8.", field="name", reason="encoding") from None
    return check_name(name)
