"""The first lines of a text, as text."""

import codecs
import unicodedata

from workspace.render.protocol import NotRenderable

ENOUGH = 64 << 10
"""Bytes of a text that hold its first lines."""
LINES = 200
CHARACTERS = 20_000
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def first_lines(data: bytes) -> str:
    """The beginning of a text in UTF-8, UTF-16 with a mark, or windows-1251, which many older Ukrainian files are in.

    Decoding is no parser that could be broken into: this needs no process apart. Raises NotRenderable for what is no
    text.
    """
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")[:CHARACTERS]
    if "\0" in text:
        raise NotRenderable
    plain = "".join(one if one in "\n\t" or unicodedata.category(one) != "Cc" else "\ufffd" for one in text)
    return "\n".join(plain.split("\n")[:LINES])


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        # what came may end in the middle of a character
        return codecs.getincrementaldecoder(encoding)().decode(data, final=False)
    except UnicodeDecodeError:
        return data.decode("cp1251", "replace")
