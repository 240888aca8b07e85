"""Pages of files in a real browser: keys, copying a fingerprint, checking a file without sending it, plain forms."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.parts.browser import PHONE, WIDE, axe_findings, overflow, screenshot, serving
from tests.web.files_site import FilesSite, Reader
from tests.world import Someone, World

pytestmark = pytest.mark.browser


class Desk:
    """Olena at her folder in a browser."""

    def __init__(self, world: World, address: str, site: FilesSite, browser: Browser) -> None:
        self.world, self.address, self.browser = world, address, browser
        self.reader: Reader = site.reader("Olena")
        assert self.reader.someone is not None
        self.olena: Someone = self.reader.someone
        self.folder = world.folder(self.olena.actor, self.olena.root_id, "Papers")
        self.file = self.put("act.txt", b"act")

    def put(self, name: str, data: bytes) -> str:
        return self.world.upload(self.olena.actor, self.folder, name, data).item.id

    def context(self, **more: object) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.address, viewport={"width": WIDE, "height": 900}, **more  # type: ignore[arg-type]
        )  # fmt: skip
        cookie = self.reader.client.get_cookie("session")
        assert cookie is not None
        context.add_cookies(
            [
                {"name": "session", "value": cookie.value, "url": self.address},
                {"name": "lang", "value": "en", "url": self.address},
            ]
        )
        context.set_default_timeout(15_000)
        return context


@pytest.fixture
def desk(embedded_world: World, browser: Browser) -> Iterator[Desk]:
    site = FilesSite(embedded_world)
    with serving(site.app) as address:
        yield Desk(embedded_world, address, site, browser)


@pytest.fixture
def page(desk: Desk) -> Iterator[Page]:
    context = desk.context()
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []


def test_a_full_folder_and_a_file_fit_and_are_accessible(desk: Desk, page: Page) -> None:
    desk.put("Акт_обстеження_підвалу_дуже-довга-назва-яка-не-вміщується-в-рядок_2026-03-27.pdf", b"%PDF")
    for name, path in (("folder", f"/files/{desk.folder}"), ("item", f"/files/item/{desk.file}")):
        page.goto(path)
        for width in (WIDE, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            assert overflow(page) == []
            assert axe_findings(page) == []
            screenshot(page, f"files-{name}.en.{width}")


@pytest.mark.parametrize(("content", "verdict"), [(b"act", "Every byte is that of version 1."), (b"x", "Another file")])
def test_a_file_is_checked_in_the_browser_and_never_sent(desk: Desk, page: Page, content: bytes, verdict: str) -> None:
    sent: list[str] = []
    page.goto(f"/files/item/{desk.file}/check")
    page.on("request", lambda one: sent.append(one.method))
    page.locator("#file").set_input_files({"name": "copy.txt", "mimeType": "text/plain", "buffer": content})
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("[data-cw-verdict]")).to_contain_text(verdict)
    expect(page.locator("[data-cw-verdict]")).to_contain_text(hashlib.sha256(content).hexdigest()[:8])
    assert axe_findings(page) == []
    assert "POST" not in sent


def test_the_fingerprint_is_copied(desk: Desk, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/files/item/{desk.file}")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("[data-cw-copies] [role=status]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == hashlib.sha256(b"act").hexdigest()


def test_keys_walk_through_the_list(desk: Desk, page: Page) -> None:
    desk.put("bill.txt", b"bill")
    page.goto(f"/files/{desk.folder}")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "bill.txt"
    page.keyboard.press("x")
    expect(page.locator("[data-cw-count]")).to_have_text("Selected: 1")
    page.get_by_role("link", name="Turn keys off").click()
    page.locator("tbody a").first.focus()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "act.txt"


def test_without_scripts_a_file_goes_in_is_thrown_away_and_comes_back(desk: Desk) -> None:
    context = desk.context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/files/{desk.folder}")
    page.locator("#files").set_input_files({"name": "new.txt", "mimeType": "text/plain", "buffer": b"new"})
    page.get_by_role("button", name="Upload").click()
    assert "1 file has arrived" in page.locator("main").inner_text()
    assert hashlib.sha256(b"new").hexdigest() in page.locator("main").inner_text()
    page.get_by_label("Select new.txt").check()
    page.get_by_role("button", name="Move to trash").first.click()
    assert "“new.txt” is in the trash now." in page.locator("main").inner_text()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="new.txt")).to_be_visible()
    context.close()
