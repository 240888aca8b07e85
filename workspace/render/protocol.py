"""What parent and child say to each other: bytes in, then one line of JSON and the pictures' bytes out."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LINE_LIMIT = 256 << 10
OUTPUT_LIMIT = 24 << 20

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff", "image/bmp", "image/avif"})
DOCUMENTS = frozenset({"application/pdf"})
TEXTS = frozenset({"application/json", "application/xml", "application/javascript", "message/rfc822"})
INPUT_LIMIT = 96 << 20


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture in WebP. `name` is `small`, `large`, `large2`, …"""

    name: str
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a file looks like. `captured` is when a camera says it took the picture; without a zone, if it knew none."""

    pictures: tuple[Picture, ...] = ()
    pages: int | None = None
    captured: datetime | None = None


class NotRenderable(Exception):
    """No picture can be made of this: an unknown, damaged or hostile file."""


def kind_of(media_type: str) -> str | None:
    """`picture`, `document`, `text`, or None for what cannot be shown."""
    if media_type in PICTURES:
        return "picture"
    if media_type in DOCUMENTS:
        return "document"
    return "text" if media_type.startswith("text/") or media_type in TEXTS else None


def encode(rendered: Rendered) -> bytes:
    """The child's answer."""
    head = {
        "pictures": [[one.name, one.width, one.height, len(one.data)] for one in rendered.pictures],
        "pages": rendered.pages,
        "captured": rendered.captured.isoformat() if rendered.captured else None,
    }
    return json.dumps(head).encode() + b"\n" + b"".join(one.data for one in rendered.pictures)


def decode(answer: bytes) -> Rendered:
    """The child's answer as values. A file may have taken the child over: nothing is believed. Raises NotRenderable."""
    line, _, rest = answer.partition(b"\n")
    try:
        if len(line) > LINE_LIMIT:
            raise NotRenderable
        return _checked(json.loads(line), rest)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotRenderable from error


def _checked(head: dict[str, Any], rest: bytes) -> Rendered:
    pictures = []
    for name, width, height, length in head["pictures"]:
        data, rest = rest[:length], rest[length:]
        sizes = all(isinstance(one, int) and 0 < one < 10_000 for one in (width, height))
        if not (isinstance(name, str) and len(name) <= 8 and sizes and len(data) == length):
            raise NotRenderable
        if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
            raise NotRenderable
        pictures.append(Picture(name, width, height, data))
    pages, captured = head["pages"], head["captured"]
    if not isinstance(pages, int | None):
        raise NotRenderable
    if pages is not None and not 0 < pages < 1_000_000:
        raise NotRenderable
    return Rendered(tuple(pictures), pages, datetime.fromisoformat(captured) if captured else None)
