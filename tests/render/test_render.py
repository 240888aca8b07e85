"""What files look like, and that a hostile one costs nothing but its own picture."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image

from workspace.kernel.errors import Damaged
from workspace.render.client import input_limit, render
from workspace.render.protocol import NotRenderable, Rendered, decode
from workspace.render.texts import first_lines

TAKEN = "2026:03:02 07:14:09"


def a_photo(width: int = 2400, height: int = 1200, orientation: int = 1, offset: str = "") -> bytes:
    image = Image.new("RGB", (width, height), "navy")
    image.paste("white", (0, 0, width // 2, height // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET-CAMERA-OWNER"
    inner = exif.get_ifd(0x8769)
    inner[0x9003] = TAKEN
    if offset:
        inner[0x9011] = offset
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def a_pdf(pages: int) -> bytes:
    images = [Image.new("RGB", (600, 800), (number * 40, 90, 90)) for number in range(pages)]
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:])
    return out.getvalue()


def a_bomb(side: int) -> bytes:
    """A PNG of few bytes that unpacks to `side` × `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compressobj(9)
    line = b"\0" * (side + 1)
    packed = b"".join(rows.compress(line) for _ in range(side)) + rows.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def looks(media_type: str, data: bytes) -> Rendered:
    return render(media_type, [data])


def test_a_photo_becomes_two_pictures_and_tells_when_it_was_taken() -> None:
    rendered = looks("image/jpeg", a_photo())
    assert [(one.name, one.width, one.height) for one in rendered.pictures] == [
        ("large", 1600, 800),
        ("small", 320, 160),
    ]
    assert rendered.captured is not None
    assert rendered.captured.isoformat() == "2026-03-02T07:14:09"
    assert all(b"SECRET-CAMERA-OWNER" not in one.data for one in rendered.pictures)


def test_a_camera_that_knows_its_zone_is_believed() -> None:
    kyiv = timezone(timedelta(hours=2))
    assert looks("image/jpeg", a_photo(80, 40, offset="+02:00")).captured == datetime(2026, 3, 2, 7, 14, 9, tzinfo=kyiv)


def test_a_photo_taken_sideways_stands_upright() -> None:
    large = looks("image/jpeg", a_photo(800, 400, orientation=6)).pictures[0]
    assert (large.width, large.height) == (400, 800)
    upright = Image.open(io.BytesIO(large.data)).convert("RGB")
    assert min(upright.getpixel((390, 10))) > 200  # type: ignore[type-var]  # the white corner has turned with it


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_every_kind_of_picture_is_shown(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, kind)
    assert looks(f"image/{kind.lower()}", out.getvalue()).pictures[0].width == 64


def test_a_small_picture_is_not_blown_up_and_stays_transparent() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 30), (255, 0, 0, 0)).save(out, "PNG")
    rendered = looks("image/png", out.getvalue())
    assert {(one.width, one.height) for one in rendered.pictures} == {(40, 30)}
    assert Image.open(io.BytesIO(rendered.pictures[0].data)).mode == "RGBA"


def test_the_first_pages_of_a_document() -> None:
    rendered = looks("application/pdf", a_pdf(5))
    assert rendered.pages == 5
    assert [one.name for one in rendered.pictures] == ["large", "small", "large2", "large3"]
    assert rendered.pictures[0].height == 1600


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_text_in_the_encodings_people_have(encoding: str) -> None:
    text = "Шановна редакціє!\nЛист № 5\n"
    assert first_lines(text.encode(encoding)) == text


def test_only_the_first_lines_of_a_long_text() -> None:
    assert first_lines(b"line\n" * 10_000).count("\n") < 200
    assert first_lines("я".encode() * 20_000 + b"\xd1") == "я" * 20_000


def test_what_says_that_it_is_a_text_and_is_none_has_no_lines() -> None:
    with pytest.raises(NotRenderable):
        first_lines(b"\x7fELF\0\0\0")


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("image/jpeg", b""),
        ("image/jpeg", b"no picture at all"),
        ("image/jpeg", a_photo()[:2000]),
        ("image/png", a_bomb(20_000)),
        ("application/pdf", b"%PDF-1.7 and then nothing"),
        ("application/pdf", a_photo(80, 40)),
        ("text/plain", b"a text has lines, no pictures"),
        ("image/svg+xml", b"<svg/>"),
        ("application/zip", b"PK"),
    ],
)
def test_a_file_that_is_not_what_it_says_has_no_picture(media_type: str, data: bytes) -> None:
    with pytest.raises(NotRenderable):
        looks(media_type, data)


def test_a_file_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(NotRenderable):
        render("image/jpeg", [a_photo()], seconds=0.01)


def test_what_fails_while_reading_is_told_as_it_is() -> None:
    def content() -> Iterator[bytes]:
        yield a_photo()[:1000]
        raise Damaged

    with pytest.raises(Damaged):
        render("image/jpeg", content())


def test_pictures_are_made_of_photos_and_documents_alone() -> None:
    assert input_limit("text/plain") == 0
    assert input_limit("image/jpeg") > 50 << 20
    assert input_limit("video/mp4") == 0
    assert input_limit("application/pdf") > 50 << 20


@pytest.mark.parametrize(
    "head",
    [
        {"pictures": [["small", 10, 10, 4]], "pages": None, "captured": None},
        {"pictures": [["small", -1, 10, 0]], "pages": None, "captured": None},
        {"pictures": [], "pages": "many", "captured": None},
        {"pictures": [], "pages": None, "captured": "yesterday"},
        {"pictures": 7},
        [],
    ],
)
def test_a_child_that_was_taken_over_is_not_believed(head: object) -> None:
    with pytest.raises(NotRenderable):
        decode(json.dumps(head).encode() + b"\n<htm")
