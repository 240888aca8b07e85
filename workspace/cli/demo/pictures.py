"""Evidence for the demo city: drawn, not photographed, so that nobody's picture is used."""

import io
import math
import random
from collections.abc import Callable
from datetime import datetime

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1600, 1040)
TAKEN = 0x9003  # Exif: DateTimeOriginal
MAKE = 0x010F
EXIF_FOLDER = 0x8769

Colour = tuple[int, int, int]


def photograph(scene: Callable[[ImageDraw.ImageDraw, random.Random], None], taken: datetime, seed: int) -> bytes:
    """A JPEG of a drawn scene with the time it was taken in its Exif data."""
    chance = random.Random(seed)  # noqa: S311 - a picture, not a secret
    image = Image.new("RGB", SIZE)
    scene(ImageDraw.Draw(image), chance)
    image = image.filter(ImageFilter.GaussianBlur(1.2))
    exif = Image.Exif()
    exif[MAKE] = "Demo"
    exif.get_ifd(EXIF_FOLDER)[TAKEN] = taken.strftime("%Y:%m:%d %H:%M:%S")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()


def riser(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A cracked water pipe in a basement, water down the wall, a puddle."""
    _gradient(draw, (58, 66, 64), (30, 35, 34))
    for y in range(0, 760, 76):
        shift = 90 if (y // 76) % 2 else 0
        for x in range(-shift, 1600, 180):
            shade = chance.randint(-9, 9)
            draw.rectangle((x + 4, y + 4, x + 174, y + 70), fill=_shaded((96, 88, 78), shade))
    draw.rectangle((0, 760, 1600, 1040), fill=(54, 52, 48))
    draw.rectangle((700, 0, 830, 800), fill=(112, 74, 52))
    draw.rectangle((720, 0, 752, 800), fill=(150, 102, 74))
    draw.rectangle((680, 330, 850, 380), fill=(86, 92, 92))
    draw.rectangle((680, 560, 850, 610), fill=(86, 92, 92))
    draw.line([(742, 420), (768, 452), (748, 486), (784, 530)], fill=(22, 20, 18), width=9)
    for _ in range(70):
        start, length = chance.randint(700, 900), chance.randint(120, 330)
        draw.line(
            (start, 460 + chance.randint(0, 50), start + chance.randint(-18, 26), 470 + length),
            fill=(126, 164, 178),
            width=3,
        )
    _puddle(draw, (770, 880), 520, 96)


def puddle(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """The basement floor under water, a boot, meters on the wall."""
    _gradient(draw, (78, 80, 74), (40, 42, 40))
    draw.rectangle((0, 430, 1600, 1040), fill=(66, 62, 56))
    _puddle(draw, (820, 760), 720, 190)
    for x in (240, 420, 600):
        draw.rounded_rectangle((x, 130, x + 120, 270), 12, fill=(190, 192, 186))
        draw.ellipse((x + 22, 150, x + 98, 226), fill=(240, 240, 232), outline=(80, 80, 80), width=4)
        angle = chance.random() * 2 * math.pi
        draw.line((x + 60, 188, x + 60 + 30 * math.cos(angle), 188 + 30 * math.sin(angle)), fill=(160, 30, 30), width=4)
    draw.rectangle((0, 300, 1600, 326), fill=(116, 78, 56))
    draw.rounded_rectangle((1180, 520, 1290, 720), 26, fill=(44, 62, 52))
    draw.rounded_rectangle((1180, 690, 1400, 760), 30, fill=(38, 54, 46))


def crossing(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A worn pedestrian crossing in front of a school."""
    _gradient(draw, (172, 196, 214), (206, 214, 214))
    draw.rectangle((0, 470, 1600, 1040), fill=(82, 84, 86))
    draw.rectangle((120, 210, 1080, 470), fill=(186, 148, 112))
    draw.polygon([(90, 210), (600, 110), (1110, 210)], fill=(140, 70, 56))
    for x in range(170, 1040, 130):
        for y in (250, 360):
            draw.rectangle((x, y, x + 70, y + 70), fill=(206, 226, 236), outline=(240, 236, 226), width=6)
    for index, x in enumerate(range(420, 1220, 118)):
        worn = chance.randint(40, 90)
        draw.polygon(
            [(x, 560), (x + 58, 560), (x + 20 + index * 14, 980), (x - 70 + index * 14, 980)],
            fill=_shaded((214, 214, 206), -worn),
        )
    for _ in range(240):
        x, y = chance.randint(380, 1320), chance.randint(560, 980)
        draw.ellipse((x, y, x + chance.randint(8, 46), y + chance.randint(4, 14)), fill=(84, 86, 88))
    draw.rectangle((1380, 230, 1398, 620), fill=(120, 124, 126))
    draw.rectangle((1310, 150, 1468, 306), fill=(32, 92, 160))
    draw.polygon([(1389, 172), (1332, 284), (1446, 284)], fill=(244, 244, 240))


def stump(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """Fresh stumps in a park."""
    _gradient(draw, (178, 204, 212), (148, 176, 150))
    for x in range(-40, 1640, 110):
        height = chance.randint(180, 330)
        draw.ellipse((x, 430 - height, x + 190, 520), fill=_shaded((70, 108, 74), chance.randint(-16, 16)))
    draw.rectangle((0, 480, 1600, 1040), fill=(112, 128, 82))
    for x, y, r in ((260, 700, 120), (780, 620, 90), (1190, 790, 150)):
        draw.rectangle((x - r, y, x + r, y + r), fill=(104, 78, 56))
        draw.ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=(214, 178, 132), outline=(120, 88, 60), width=8)
        for ring in range(r - 16, 8, -18):
            draw.ellipse((x - ring, y - ring // 2, x + ring, y + ring // 2), outline=(184, 144, 100), width=3)
    for _ in range(160):
        x, y = chance.randint(0, 1600), chance.randint(640, 1030)
        draw.ellipse((x, y, x + 12, y + 5), fill=(220, 190, 146))


def _gradient(draw: ImageDraw.ImageDraw, top: Colour, bottom: Colour) -> None:
    width, height = SIZE
    for y in range(height):
        part = y / height
        draw.line((0, y, width, y), fill=tuple(round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True)))


def _puddle(draw: ImageDraw.ImageDraw, centre: tuple[int, int], width: int, height: int) -> None:
    x, y = centre
    for step in range(5):
        shrink = step * 0.14
        box = (x - width * (1 - shrink), y - height * (1 - shrink), x + width * (1 - shrink), y + height * (1 - shrink))
        draw.ellipse(box, fill=_shaded((72, 98, 108), step * 9))


def _shaded(colour: Colour, change: int) -> Colour:
    red, green, blue = (max(0, min(255, part + change)) for part in colour)
    return red, green, blue
