"""The look of an instance: its name, its host, its colours. Colours become a stylesheet, never inline style."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from workspace.accounts import instance as kept
from workspace.http.request import current_work
from workspace.kernel.errors import NotFound

HEX = re.compile(r"#[0-9a-f]{6}")
BRAND = "#0e4a45"
WHITE, INK = "#ffffff", "#17211e"
READABLE = 4.5  # WCAG 2.2, 1.4.3
look = Blueprint("look", __name__)


@dataclass(frozen=True)
class Look:
    """How an instance presents itself. `logo_url` is an address of this instance, empty for the house mark."""

    name: str = "Citizen Workspace"
    host: str = ""
    place: str = ""
    phone: str = ""
    logo_url: str = ""
    brand: str = BRAND
    source_url: str = ""

    @property
    def line(self) -> str:
        """The second line of the header."""
        return self.place or self.host


def current_look() -> Look:
    """The look of this request, from what the door read for it (`g.instance_values`); else the house's own."""
    if "instance" not in g:
        values = g.get("instance_values")
        g.instance = look_of(values) if values is not None else Look()
    return cast(Look, g.instance)


def look_of(values: kept.Instance) -> Look:
    """How an instance with these settings looks; one without a name is called in the reader's language."""
    name = _("Citizen Workspace") if values.name == Look.name else values.name
    logo_url = url_for("look.logo", v=values.logo) if values.logo else ""
    return Look(name, values.host, values.place, values.phone, logo_url, values.brand, values.source_url)


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2, definition)."""
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with a `share` (0 to 1) of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(255 * (own * (1 - share) + foreign * share)):02x}" for own, foreign in pairs)


def readable(colour: str) -> bool:
    """Whether `colour` is well written and white text on it can be read."""
    return HEX.fullmatch(colour.lower()) is not None and contrast(colour, WHITE) >= READABLE


def palette(brand: str) -> dict[str, str]:
    """The tokens that follow from one brand colour; one too pale for white text is darkened until it carries it."""
    brand = brand.lower() if HEX.fullmatch(brand.lower()) else BRAND
    while contrast(brand, WHITE) < READABLE:
        brand = mix(brand, "#000000", 0.08)
    return {"brand": brand, "brand-deep": mix(brand, "#000000", 0.32), "brand-wash": mix(brand, WHITE, 0.88)}


def stylesheet(instance: Look) -> str:
    """The instance's own stylesheet; empty when it keeps the house's colours."""
    if instance.brand.lower() == BRAND:
        return ""
    tokens = "".join(f"--cw-{name}:{value};" for name, value in palette(instance.brand).items())
    return f":root{{{tokens}}}\n"


@look.get("/instance.css")
def instance_css() -> Response:
    """The colours of this instance. Nobody was looked up for it, so it reads them itself."""
    here = cast("Look | None", g.get("instance")) or look_of(kept.instance(current_work()))
    return Response(stylesheet(here), mimetype="text/css")


@look.get("/instance/logo")
def logo() -> Response:
    """The instance's own picture; its address changes with it."""
    found = kept.logo(current_work())
    if found is None:
        raise NotFound()
    media_type, data = found
    return Response(data, mimetype=media_type)
