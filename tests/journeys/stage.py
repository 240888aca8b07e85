"""Who plays in the walked story: people and bodies of their own for each telling, and what they keep in mind."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator

from tests.journeys.visiting import Visitor
from tests.journeys.words import Words
from tests.parts.instances import Instance

CAST = {
    "citizen": "Олена Гриценко",
    "neighbour": "Петро Лисенко",
    "registrar": "Ірина Бондар",
    "handler": "Андрій Шевчук",
    "outsider": "Софія Гнатюк",
    "host": "Марта Ткачук",
}
KEYS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Stage:
    """One telling of the story on one instance, in one language, with or without JavaScript."""

    place: Instance
    browser: Browser
    language: str
    script: bool = True
    mark: str = field(default_factory=lambda: "".join(random.choices(KEYS, k=8)))
    kept: dict[str, Any] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    _visitors: dict[str, Visitor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.say = Words(self.language)
        self.body, self.other_body = f"Департамент житла {self.mark}", f"Департамент транспорту {self.mark}"
        self.slug, self.other_slug = f"zhytlo-{self.mark}", f"transport-{self.mark}"

    def people(self) -> None:
        """Accounts and posts, by the command of the host."""
        for key, name in CAST.items():
            self.place.add_person(self.email(key), name, *(("--admin",) if key == "host" else ()))
        for slug, name in ((self.slug, self.body), (self.other_slug, self.other_body)):
            self.place.quick("body", "add", slug, "--name", name, "--email", f"{slug}@example.org")
        self.place.quick("body", "staff", self.slug, self.email("registrar"), "--role", "registrar")
        self.place.quick("body", "staff", self.slug, self.email("handler"), "--role", "handler")
        self.place.quick("body", "staff", self.other_slug, self.email("outsider"), "--role", "head")

    def email(self, key: str) -> str:
        return f"{key}.{self.mark}@example.org"

    def secret(self, what: str) -> str:
        """Words that must be found nowhere in the clear afterwards."""
        self.marks.append(f"{what}-{secrets.token_hex(12)}")
        return self.marks[-1]

    def __getitem__(self, key: str) -> Player:
        """Somebody of the cast at their browser, signed in by password."""
        if key not in self._visitors:
            self._visitors[key] = visitor = Visitor(self.browser, self.place, self.language, script=self.script)
            if key in CAST:
                visitor.sign_in(self.email(key))
        return Player(self._visitors[key], self.say)

    def close(self) -> None:
        for visitor in self._visitors.values():
            visitor.close()

    @property
    def complaints(self) -> list[str]:
        """What any of the browsers held against the pages."""
        return [one for visitor in self._visitors.values() for one in visitor.complaints]


@dataclass(frozen=True)
class Player:
    """A visitor who reads: finds links, buttons and fields by what stands on them."""

    visitor: Visitor
    say: Words

    @property
    def page(self) -> Any:
        return self.visitor.page

    def open(self, path: str) -> None:
        self.visitor.open(path)

    def status(self, path: str) -> int:
        return self.visitor.status(path)

    def follow(self, text: str, **values: Any) -> None:
        """A link, by what it says in this language."""
        self.link(self.say(text, **values)).click()

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("main").get_by_role("link", name=name, exact=True).first

    def menu(self, text: str) -> None:
        """A line of the menu above the page."""
        self.page.get_by_role("navigation", name=self.say("Main")).get_by_role("link", name=self.say(text)).click()

    def press(self, text: str, **values: Any) -> None:
        """A button, by what it says in this language."""
        self.page.get_by_role("main").get_by_role("button", name=self.say(text, **values), exact=True).first.click()

    def fill(self, name: str, text: str) -> None:
        """A field, by its name in the form."""
        self.page.locator(f"main [name={name}]").fill(text)

    def sees(self, *texts: str) -> None:
        """Waits for these to be read on the page."""
        for text in texts:
            self.page.get_by_role("main").get_by_text(text).locator("visible=true").first.wait_for()

    def reads(self) -> str:
        return self.visitor.text()
