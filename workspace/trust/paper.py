"""Receipts and letters as tagged PDF/A-3, composed by typst from the files in `templates/`.

Values reach typst as JSON, never as part of its source; only the fonts that typst brings are used.
"""

import base64
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from workspace.kernel.canonical import canonical
from workspace.trust.receipt import receipt_time

TEMPLATES = Path(__file__).parent / "templates"

# the DER head of an Ed25519 public key (RFC 8410)
_SPKI = bytes.fromhex("302a300506032b6570032100")

_UNITS = {"en": ("bytes", "kB", "MB", "GB"), "uk": ("байт", "кБ", "МБ", "ГБ")}


def compose_pdf(receipt: dict[str, Any], signature: bytes, language: str, timezone: str = "Europe/Kyiv") -> bytes:
    """The receipt on paper, in `en` or `uk`, with `receipt.json` (the signed bytes) and `receipt.sig` attached."""
    at = receipt_time(receipt).astimezone(ZoneInfo(timezone))
    instance = receipt.get("instance", {})
    data = {
        "language": language,
        "receipt": receipt,
        "signed": canonical(receipt).decode(),
        "signature": signature.hex(),
        "signature-bytes": list(signature),
        "key": receipt["key"],
        "pem": base64.b64encode(_SPKI + bytes.fromhex(receipt["public_key"])).decode(),
        "shown": {
            "author": instance.get("name", ""),
            "instance": ", ".join(filter(None, (instance.get("name"), instance.get("address")))),
            "date": _day(at.date()),
            "time": format_datetime(at, "EEEE, d MMMM y, HH:mm:ss (z)", locale=language),
            "from": _party(receipt["from"]),
            "to": _party(receipt["to"]),
            "due": _due(receipt.get("due"), language),
            "files": [{**one, "size": _size(one["size"], language)} for one in receipt["files"]],
        },
    }
    return _compose("receipt.typ", data)


def compose_letter(
    title: str,
    sender: Sequence[str],
    recipient: Sequence[str],
    day: date,
    paragraphs: Sequence[str],
    attachments: Sequence[str],
    language: str,
) -> bytes:
    """A letter as PDF/A-3: who (lines), to whom (lines), the day, the words, the names of what is attached."""
    data = {
        "language": language,
        "title": title,
        "sender": list(sender),
        "recipient": list(recipient),
        "date": format_date(day, "long", locale=language),
        "day": _day(day),
        "paragraphs": [one.strip() for one in paragraphs if one.strip()],
        "attachments": list(attachments),
    }
    return _compose("letter.typ", data)


def _compose(template: str, data: dict[str, Any]) -> bytes:
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    compiled = typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        sys_inputs=inputs,
        pdf_standards=["a-3b"],
        ignore_system_fonts=True,
    )
    assert isinstance(compiled, bytes)
    return compiled


def _party(party: dict[str, Any]) -> str:
    return ", ".join(filter(None, (party.get("name"), party.get("body"))))


def _due(due: str | None, language: str) -> str | None:
    return format_date(datetime.fromisoformat(due).date(), "EEEE, d MMMM y", locale=language) if due else None


def _day(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _size(size: int, language: str) -> str:
    number, unit = float(size), 0
    while number >= 1000 and unit < len(_UNITS[language]) - 1:
        number, unit = number / 1000, unit + 1
    pattern = "#,##0" if unit == 0 or number >= 100 else "#,##0.#"
    return f"{format_decimal(number, pattern, locale=language)} {_UNITS[language][unit]}"
