"""Collects the words of the pages into the Ukrainian catalogue and says what still lacks a translation: messages.py.

The header holds no dates and entries no line numbers, so that the file changes only where words do; words that are gone
leave.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
MAPPING = ROOT / "workspace" / "web" / "babel.cfg"
UKRAINIAN = ROOT / "workspace" / "web" / "translations" / "uk" / "LC_MESSAGES" / "messages.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
HEADER = """msgid ""
msgstr ""
"Project-Id-Version: citizen-workspace\\n"
"Language: uk\\n"
"Plural-Forms: nplurals=3; plural="
"(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def extracted() -> Catalog:
    """Every message of the sources."""
    catalogue = Catalog()
    with MAPPING.open("rb") as mapping:
        methods, options = parse_mapping_cfg(io.TextIOWrapper(mapping, "utf-8"))
    for _file, _line, message, _comments, _context in extract_from_dir(
        str(ROOT / "workspace"), method_map=methods, options_map=options, keywords=KEYWORDS
    ):
        catalogue.add(message)
    return catalogue


def read(path: Path = UKRAINIAN) -> Catalog:
    """The catalogue as it stands; an empty one where there is none."""
    if not path.exists():
        return Catalog(locale="uk")
    with path.open("rb") as file:
        return read_po(file, locale="uk")


def texts(message: Message) -> list[str]:
    """All forms of a message's translation."""
    return [form or "" for form in (message.string if isinstance(message.string, list | tuple) else [message.string])]


def lacking(catalogue: Catalog) -> list[str]:
    """The messages without a whole translation."""
    return [str(one.id) for one in catalogue if one.id and (one.fuzzy or not all(texts(one)))]


def update(path: Path = UKRAINIAN) -> list[str]:
    """Write the catalogue anew: the sources' messages with the translations known so far. Returns what is lacking."""
    known, fresh = read(path), extracted()
    for message in fresh:
        before = known.get(message.id if isinstance(message.id, str) else message.id[0])
        if message.id and before is not None and isinstance(before.id, str) == isinstance(message.id, str):
            message.string = before.string
    body = io.BytesIO()
    fresh.locale = "uk"  # type: ignore[assignment]
    write_po(body, fresh, width=0, no_location=True, omit_header=True, sort_output=True)
    path.write_text(HEADER + "\n" + body.getvalue().decode("utf-8").lstrip("\n"), encoding="utf-8")
    return lacking(read(path))


if __name__ == "__main__":
    lines = update()
    print("\n".join(f"no translation: {line}" for line in lines) or "The Ukrainian catalogue is complete.")
