"""Every part of pages in a real browser, in both languages, wide and narrow: axe finds nothing, nothing sticks out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.parts.browser import PHONE, SMALLEST, WIDE, axe_findings, overflow, screenshot, serving
from tests.web.gallery_app import gallery

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("gallery")]
PAGES = {"files": "/", "cases": "/cases", "forms": "/forms", "office": "/office/housing", "admin": "/admin"}
ERRORS = {"error-404": "/refused/404", "error-507": "/refused/507"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(gallery()) as found:
        yield found


@pytest.fixture(params=["en", "uk"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDE, "height": 900}, base_url=address)
    context.add_cookies([{"name": "lang", "value": request.param, "url": address}])
    opened = context.new_page()
    wrong: list[str] = []
    opened.on(
        "console",
        lambda said: wrong.append(said.text) if said.type == "error" and "status of" not in said.text else None,
    )
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []


def look(page: Page, name: str, *widths: int) -> None:
    """At each width: a picture, no findings, nothing beyond the edge."""
    language = page.evaluate("document.documentElement.lang")
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        screenshot(page, f"parts-{name}.{language}.{width}")
        assert overflow(page) == [], f"{name} at {width}"
        if width != SMALLEST:
            assert axe_findings(page) == [], f"{name} at {width}"


@pytest.mark.parametrize("name", PAGES)
def test_parts_are_accessible_and_fit(page: Page, name: str) -> None:
    page.goto(PAGES[name])
    look(page, name, WIDE, PHONE, SMALLEST)


@pytest.mark.parametrize("name", ERRORS)
def test_refusals_are_pages_with_a_way_on(page: Page, name: str) -> None:
    page.goto(ERRORS[name])
    assert page.locator("main h1").count() == 1
    assert page.locator("main .govuk-button").count() == 1
    look(page, name, WIDE, PHONE)


def test_a_form_with_mistakes_says_so_first(page: Page) -> None:
    page.goto("/forms")
    page.locator("main form button[type=submit]").first.press("Enter")
    summary = page.locator(".govuk-error-summary")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert page.title().startswith(("Error:", "Помилка:"))
    summary.get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.id") == "email"
    look(page, "mistakes", WIDE, PHONE)


def test_the_language_switch_keeps_the_page(page: Page) -> None:
    page.goto("/cases?sort=name")
    other = page.locator(".cw-lang a")
    wanted = other.get_attribute("hreflang")
    other.click()
    assert "/cases?sort=name" in page.url
    page.goto("/cases")
    assert page.locator("html").get_attribute("lang") == wanted


def test_ticks_are_counted_for_the_eye_and_the_ear(page: Page) -> None:
    page.goto("/")
    page.locator("tbody input[type=checkbox]").nth(0).check()
    assert "3" in page.locator(".cw-selbar [role=status]").inner_text()


def test_without_scripts_nothing_is_lost(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=address)
    page = context.new_page()
    page.goto("/")
    expect(page.locator(".cw-dropform button").first).to_be_visible()
    expect(page.locator("[data-cw-folder]").first).to_be_hidden()
    page.locator(".cw-menu > summary").click()
    expect(page.locator(".cw-menu__button")).to_be_visible()
    context.close()
