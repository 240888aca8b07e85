"""How values are written for people: sizes, days, moments, file names, fingerprints, by language and time zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, get_timezone
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

NBSP = "\u00a0"
UNITS = ("kB", "MB", "GB", "TB", "PB")
# Marks that change the order of letters, and marks nobody sees: "фото\u202egpj.exe" must not read as "фотоexe.jpg".
UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
BREAKS = re.compile(r"([_.\-]+)(?=[^_.\-])")
CHARACTERS_OF_SHA256 = 64
PATTERNS = {
    "en": {"long": "d MMMM y", "short": "d MMM", "medium": "d MMM y", "week": "EEEE d MMMM y"},
    "uk": {"long": "d MMMM y 'року'", "short": "d MMM", "medium": "d MMM y", "week": "EEEE, d MMMM y 'року'"},
}


def language() -> str:
    """The language of this answer: `en` or `uk`."""
    locale = get_locale()
    return locale.language if locale else "en"


def format_locale() -> Locale:
    """The locale for dates and numbers: English days read "2 March 2026", as in Europe."""
    return Locale.parse("en_GB" if language() == "en" else language())


def file_size(count: int | None) -> str:
    """Bytes in decimal units (IEC 80000-13: 1 kB = 1000 B): "1.8 GB", "1,8 ГБ". One decimal below ten."""
    if count is None:
        return "–"
    if count < 1000:
        return _("%(size)s B", size=count).replace(" ", NBSP)
    value, steps = count / 1000, 0
    while round(value) >= 1000 and steps < len(UNITS) - 1:
        value, steps = value / 1000, steps + 1
    shown = format_decimal(round(value, 1 if round(value, 1) < 10 else 0), "#,##0.#", locale=format_locale())
    return shown + NBSP + _unit(UNITS[steps])


def _unit(unit: str) -> str:
    words = {"kB": _("kB"), "MB": _("MB"), "GB": _("GB"), "TB": _("TB"), "PB": _("PB")}
    return words[unit]


def number(value: float | None) -> str:
    """A number with the language's own marks: "4,163" in English, "4 163" in Ukrainian."""
    return "–" if value is None else format_decimal(value, locale=format_locale())


def percent(part: float, whole: float) -> str:
    """How much of the whole, rounded down, so that "100 %" means all of it."""
    return "0" if not whole else str(min(100, int(part * 100 / whole)))


def local(value: datetime) -> datetime:
    """An instant on the clock of the instance."""
    zone = get_timezone() or ZoneInfo("UTC")
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone)


def _day_of(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime | None, form: str = "long") -> str:
    """A day. `long`: "2 March 2026", "2 березня 2026 року" (a sentence may end there); `short`: "2 Mar"; `medium`:
    "2 Mar 2026"; `week`: with its weekday; `near`: without the year while it is the present one."""
    if value is None:
        return ""
    plain = _day_of(value)
    if form == "near":
        form = "d MMMM" if plain.year == local(datetime.now(UTC)).year else "long"
    pattern = PATTERNS[language()].get(form, form)
    written = format_date(plain, pattern, locale=format_locale())
    return written[:1].upper() + written[1:]


def moment(value: datetime | None, form: str = "medium") -> str:
    """An instant: "2 Mar 2026, 18:42", or "Today, 10:42". `long` spells the month out, `exact` adds the seconds."""
    if value is None:
        return ""
    here = local(value)
    clock = format_time(here, "HH:mm:ss" if form == "exact" else "HH:mm", locale=format_locale())
    if form == "medium":
        away = local(datetime.now(UTC)).date() - here.date()
        if away == timedelta(0):
            return _("Today, %(time)s", time=clock)
        if away == timedelta(days=1):
            return _("Yesterday, %(time)s", time=clock)
    return f"{day(here.date(), 'medium' if form == 'medium' else 'd MMMM y')}, {clock}"


def time_tag(value: datetime | None, form: str = "medium") -> Markup:
    """The same moment as `<time>`, with the exact instant for programs."""
    if value is None:
        return Markup("")
    stamp = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}">{}</time>').format(stamp, moment(value, form))


def plain_name(name: str) -> str:
    """A file name with unseen characters written out; for attributes and messages."""
    return UNSEEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", name)


def breakable(name: str) -> Markup:
    """A file name for a narrow column: it may break after `_`, `-` and `.`; unseen characters become visible marks."""
    parts: list[str | Markup] = []
    at = 0
    for found in UNSEEN.finditer(name):
        parts += [
            _softly(name[at : found.start()]),
            Markup('<span class="cw-unseen">U+{:04X}</span>').format(ord(found.group())),
        ]
        at = found.end()
    parts.append(_softly(name[at:]))
    return Markup("<bdi>") + Markup("").join(parts) + Markup("</bdi>")


def _softly(text: str) -> Markup:
    return Markup(BREAKS.sub(r"\1<wbr>", str(escape(text))))  # noqa: S704 - escaped first


def fingerprint_hex(value: bytes | str | None) -> str:
    """A SHA-256 as 64 hex digits, from bytes or text."""
    if not value:
        return ""
    return value.hex() if isinstance(value, bytes | bytearray | memoryview) else value.lower()


def fingerprint_short(value: bytes | str | None) -> str:
    """The beginning and the end of a fingerprint, enough to compare by eye: "93a1 2f53 … 9a01"."""
    text = fingerprint_hex(value)
    return f"{text[:4]} {text[4:8]} … {text[-4:]}" if text else "–"


def fingerprint_halves(value: bytes | str | None) -> tuple[str, str]:
    """A fingerprint in two halves of four groups of eight."""
    text = fingerprint_hex(value)
    groups = [text[at : at + 8] for at in range(0, CHARACTERS_OF_SHA256, 8)]
    return " ".join(groups[:4]), " ".join(groups[4:])


def initials(name: str) -> str:
    """The letters of a face without a picture: "Олена Гриценко" → "ОГ"."""
    words = [word for word in re.split(r"[\s.]+", name) if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def listed(words: Iterable[str]) -> str:
    """Words joined for reading: "a, b and c"."""
    known = list(words)
    if len(known) < 2:
        return "".join(known)
    return _("%(many)s and %(last)s", many=", ".join(known[:-1]), last=known[-1])


def _living(written: Callable[..., Any]) -> Callable[..., Any]:
    """A filter asked anew for each reader: Jinja would compute that of a constant once, in its first reader's words."""

    @pass_context
    def asked(_context: Context, *values: Any, **more: Any) -> Any:
        return written(*values, **more)

    return asked


def register(app: Flask) -> None:
    """Give the templates their filters."""
    spoken: dict[str, Callable[..., Any]] = {
        "bytes": file_size,
        "number": number,
        "day": day,
        "moment": moment,
        "time_tag": time_tag,
        "listed": listed,
    }
    app.jinja_env.filters.update({name: _living(written) for name, written in spoken.items()})
    app.jinja_env.filters.update(
        wbr=breakable,
        plain=plain_name,
        fp=fingerprint_short,
        fp_hex=fingerprint_hex,
        fp_halves=fingerprint_halves,
        initials=initials,
    )
    app.jinja_env.globals["percent"] = percent
