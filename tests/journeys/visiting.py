"""Somebody at a real browser: goes to pages, signs in, and writes down whatever the browser complains about."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.parts.browser import WIDE
from tests.parts.instances import Instance

LOCALES = {"en": "en-GB", "uk": "uk-UA"}


class Visitor:
    """One browser context with one page. `complaints`: what went wrong in the browser since it was emptied."""

    def __init__(self, browser: Browser, place: Instance, language: str, *, script: bool = True) -> None:
        self.place = place
        self.context: BrowserContext = browser.new_context(
            base_url=place.address,
            java_script_enabled=script,
            viewport={"width": WIDE, "height": 900},
            reduced_motion="reduce",
            locale=LOCALES[language],
            accept_downloads=True,
        )
        self.context.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.speak(language)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def speak(self, language: str) -> None:
        """As if this language had been chosen in the header."""
        self.context.add_cookies([{"name": "lang", "value": language, "url": self.place.address}])

    def go(self, path: str) -> Response:
        """To a page; its answer."""
        answer = self.page.goto(path)
        assert answer is not None, path
        return answer

    def open(self, path: str) -> None:
        """To a page that must be there."""
        answer = self.go(path)
        assert answer.ok, (path, answer.status, self.page.inner_text("body")[:800])

    def sign_in(self, email: str) -> None:
        """With the password that the instance keeps for this address."""
        self.go("/sign-in")
        self.page.fill("input[name=email]", email)
        self.page.fill("input[name=password]", self.place.passwords[email])
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def status(self, path: str) -> int:
        """What this address answers to this browser's cookies, without showing it."""
        return self.context.request.get(path, max_redirects=0).status

    def fetch(self, path: str) -> bytes:
        """The bytes behind an address, as this browser gets them."""
        answer = self.context.request.get(path)
        assert answer.ok, (path, answer.status)
        return answer.body()

    def text(self) -> str:
        """What stands on the page, outside header and footer."""
        return self.page.inner_text("main")

    def close(self) -> None:
        self.context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # a page that is left takes what it was still loading with it
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"not loaded: {request.url}: {request.failure}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400 and answer.request.resource_type != "document":
            self.complaints.append(f"{answer.status}: {answer.url}")


def named(page: Page, role: Any, *names: str) -> Any:
    """The one thing with this role whose name is one of these: the same in each language."""
    found = page.get_by_role(role, name=names[0], exact=True)
    for name in names[1:]:
        found = found.or_(page.get_by_role(role, name=name, exact=True))
    return found
