"""Rules of names.

A name is kept exactly as it came, code point for code point: nothing is trimmed, normalised or case-folded. Hence "é"
as one character (NFC) and as two (NFD) are different names, as are "A" and "a", and two programs can never overwrite
each other's file by spelling its name another way. Windows' reserved names, leading dots and trailing spaces are
allowed: they are names here and never a path on our disk.

Refused are: nothing at all, "." and "..", a slash, NUL, lone surrogates (text that has no UTF-8 form), and what is
longer than 255 bytes in UTF-8 (the limit of the file systems that people bring their files home to).
"""

import re
import unicodedata
from collections.abc import Container

from workspace.kernel.errors import NameNotAllowed

LONGEST = 255

# Ukrainian letters stand at odd places in Unicode; a mark behind their neighbour puts them where readers look for them
_ALPHABET = str.maketrans(
    {
        "ґ": "г\U0010fffd",
        "є": "е\U0010fffd",
        "і": "и\U0010fffc",
        "ї": "и\U0010fffd",
    }
)
_ENDING = re.compile(r"(?:\.tar)?\.[^. ]{1,12}$", re.IGNORECASE)


def check_name(name: str) -> str:
    """The name, if it may be one. Raises NameNotAllowed with `details["reason"]`: empty, dots, character or long."""
    if not name:
        raise NameNotAllowed(field="name", reason="empty")
    if name in (".", ".."):
        raise NameNotAllowed(field="name", reason="dots")
    if "/" in name or "\0" in name:
        raise NameNotAllowed(field="name", reason="character")
    try:
        length = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        raise NameNotAllowed(field="name", reason="character") from None
    if length > LONGEST:
        raise NameNotAllowed(field="name", reason="long", length=length, limit=LONGEST)
    return name


def split_path(path: str) -> list[str]:
    """The names of a path. Empty pieces are passed over (`//`), anything else must be a name. Raises NameNotAllowed."""
    return [check_name(piece) for piece in path.split("/") if piece]


def sort_key(text: str) -> str:
    """What names are ordered and searched by: without case, composed, with the Ukrainian letters in their alphabet."""
    return unicodedata.normalize("NFC", text).casefold().translate(_ALPHABET)


def free_name(name: str, taken: Container[str]) -> str:
    """The name itself or, where it is taken, the first of `name (2).pdf`, `name (3).pdf`, … that is not."""
    if name not in taken:
        return name
    match = _ENDING.search(name)
    ending = match[0] if match and match.start() > 0 else ""
    stem = name[: len(name) - len(ending)] if ending else name
    number = 2
    while True:
        mark = f" ({number}){ending}"
        candidate = shorten(stem, LONGEST - len(mark.encode())) + mark
        if candidate not in taken:
            return candidate
        number += 1


def shorten(text: str, length: int) -> str:
    """The beginning of a text that fits into `length` bytes of UTF-8, cut between characters."""
    return text.encode("utf-8")[:length].decode("utf-8", "ignore")
