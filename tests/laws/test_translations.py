"""Whatever a page says in English it says in Ukrainian: whole catalogue, same placeholders, true plural forms."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog, Message

from deploy import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
CYRILLIC = re.compile(r"[а-щьюяєіїґ]", re.IGNORECASE)
LATIN = re.compile(r"[a-z]{2,}", re.IGNORECASE)
# The same in both languages: names and formats.
SAME = {"WebDAV", "CSV", "PDF", "JSON", "SHA-256", "ZIP", "URL", "EN", "УК"}
# What the Ukrainian language does not have, and letters of its neighbours.
FOREIGN = re.compile(r"[ыэъё]", re.IGNORECASE)
FORMS = 3


def identity(message: Message) -> str | tuple[str, ...]:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def lacking(wanted: Catalog, have: Catalog) -> list[str]:
    """Messages of the sources that the catalogue does not translate whole."""
    known = {identity(one): one for one in have if one.id}
    return [
        str(key)
        for one in wanted
        if one.id
        and ((found := known.get(key := identity(one))) is None or found.fuzzy or not all(messages.texts(found)))
    ]


def faults(message: Message) -> list[str]:
    """What is wrong with one translation."""
    source = [message.id] if isinstance(message.id, str) else list(message.id)
    forms = messages.texts(message)
    if not all(forms):
        return []
    wanted = {mark for text in source for mark in PLACEHOLDER.findall(text)}
    found = [f"{text}: placeholders differ" for text in forms if set(PLACEHOLDER.findall(text)) != wanted]
    if len(source) > 1 and len(forms) != FORMS:
        found.append(f"{source[0]}: {len(forms)} plural forms")
    for text in forms:
        words = PLACEHOLDER.sub("", text)
        if LATIN.search(words) and not CYRILLIC.search(words) and words.strip() not in SAME:
            found.append(f"{text}: not Ukrainian")
        if FOREIGN.search(words):
            found.append(f"{text}: a letter that Ukrainian does not have")
        if '"' in words or "“" in words:
            found.append(f"{text}: quotation marks are « »")
    return found


def test_every_word_of_the_pages_has_a_ukrainian_translation() -> None:
    assert lacking(messages.extracted(), messages.read()) == []


def test_translations_fit_their_places() -> None:
    assert [line for one in messages.read() if one.id for line in faults(one)] == []


def test_the_catalogue_holds_nothing_that_no_page_says() -> None:
    wanted = {identity(one) for one in messages.extracted() if one.id}
    assert [str(identity(one)) for one in messages.read() if one.id and identity(one) not in wanted] == []


def test_a_missing_translation_is_found() -> None:
    wanted, have = Catalog(), Catalog(locale="uk")
    wanted.add("Files")
    have.add("Files", "")
    assert lacking(wanted, have) == ["Files"]


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Page %(number)s", "Сторінка"),
        ("Files", "Files"),
        ("Files", "Файлы"),
        ("The “file”", "«Файл» “файл”"),
        (("%(num)s file", "%(num)s files"), ("%(num)s файл", "%(num)s файли")),
    ],
)
def test_a_wrong_translation_is_found(source: str | tuple[str, ...], translation: str | tuple[str, ...]) -> None:
    assert faults(Message(source, translation)) != []
