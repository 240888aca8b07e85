"""Small and large pictures of an image, upright, without what the camera wrote into it."""

import io
import warnings
from datetime import datetime
from typing import Any

from PIL import Image, ImageOps

from workspace.render.protocol import Picture, Rendered

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")
MOST_PIXELS = 120_000_000
SIZES = {"small": 320, "large": 1600}
QUALITY = 80
_EXIF = 0x8769  # the IFD with the times (Exif 2.32, section 4.6)
_TAKEN, _OFFSET = 0x9003, 0x9011

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
Image.init()  # with a list of formats `open` looks only among those that are known already


def render_picture(data: bytes) -> Rendered:
    """Raises whatever Pillow raises."""
    image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    taken = captured_at(image)
    image.draft("RGB", (SIZES["large"], SIZES["large"]))  # a JPEG need not be unpacked in full
    return Rendered(pictures=as_pictures(ImageOps.exif_transpose(image)), captured=taken)


def as_pictures(
    image: Image.Image, suffix: str = "", names: tuple[str, ...] = ("large", "small")
) -> tuple[Picture, ...]:
    """The image in the named sizes, never larger than it is."""
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    image = image.convert("RGBA" if has_alpha else "RGB")
    pictures = []
    for name in names:
        image.thumbnail((SIZES[name], SIZES[name]))
        out = io.BytesIO()
        image.save(out, "WEBP", quality=QUALITY)
        pictures.append(Picture(name + suffix, image.width, image.height, out.getvalue()))
    return tuple(pictures)


def captured_at(image: Image.Image) -> datetime | None:
    """When the camera says it took the picture: EXIF DateTimeOriginal, with its offset from UTC where it says one."""
    try:
        tags: dict[int, Any] = dict(image.getexif().get_ifd(_EXIF))
        text = str(tags.get(_TAKEN, "")).strip("\0 ")
        offset = str(tags.get(_OFFSET, "")).strip("\0 ")
        taken = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - most cameras know no zone
        return datetime.fromisoformat(taken.isoformat() + offset) if offset else taken
    except (ValueError, TypeError, KeyError, OSError, SyntaxError):
        return None
