"""What the pages say, in the language of whoever looks: the test names things as a person would."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.parts.services import ROOT

CATALOGUE = ROOT / "workspace" / "web" / "translations" / "uk" / "LC_MESSAGES" / "messages.po"


@lru_cache(maxsize=1)
def catalogue() -> Catalog:
    """The Ukrainian catalogue."""
    with CATALOGUE.open("rb") as file:
        return read_po(file)


class Words:
    """`say("Sign in")`, `say("Deliver to %(body)s", body="…")`, `say.many("%(num)s file", "%(num)s files", 3)`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, text: str, **values: Any) -> str:
        return self._in_language(text) % values if values else self._in_language(text)

    def many(self, one: str, more: str, number: int, **values: Any) -> str:
        if self.language == "en":
            text = one if number == 1 else more
        else:
            message = catalogue().get((one, more)) or catalogue().get(one)
            assert message is not None, one
            text = message.string[_form(number)]
        return text % {"num": number, **values}

    def _in_language(self, text: str) -> str:
        if self.language == "en":
            return text
        message = catalogue().get(text)
        said = str(message.string) if message is not None else ""
        assert said, f"the catalogue has no words for {text!r}"
        return said


def _form(number: int) -> int:
    """Which plural Ukrainian takes (Unicode CLDR: one, few, many)."""
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else 2
