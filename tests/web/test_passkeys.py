"""Passkeys in a real browser with a virtual authenticator (CDP domain WebAuthn), and all account pages looked at."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect
from werkzeug.serving import make_server

from tests.parts.browser import PHONE, WIDE, axe_findings, overflow, screenshot
from tests.parts.worlds import embedded_stack
from tests.web.visitor import PASSWORD, Site
from tests.world import World
from workspace.accounts.models import Passkey, Person
from workspace.kernel.actors import COMMAND

pytestmark = pytest.mark.browser


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Site]:
    """A site at http://localhost, where browsers allow passkeys without TLS."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    world = World(tmp_path, embedded_stack(tmp_path), base_url=f"http://localhost:{port}")
    world.clock.move(datetime.now(UTC) - world.clock.now())
    site = Site(world)
    server = make_server("127.0.0.1", port, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    world.close()


class Device:
    """A browser whose machine has an authenticator."""

    def __init__(self, browser: Browser, site: Site, verifies: bool = True, language: str = "en") -> None:
        self.base = site.world.settings.base_url
        self.context: BrowserContext = browser.new_context(locale=language)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console", lambda said: self.complaints.append(said.text) if "Content Security" in said.text else None
        )
        self.session: CDPSession = self.context.new_cdp_session(self.page)
        self.session.send("WebAuthn.enable")
        options: dict[str, Any] = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": verifies,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
        }
        self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def sign_in(self, email: str) -> None:
        self.go("/sign-in")
        self.page.get_by_label("Email address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign in")

    def add_passkey(self, name: str, usage: str) -> None:
        self.go("/settings/passkeys")
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.locator(f"input[name=usage][value={usage}]").check()
        self.press("Go on")
        self.page.get_by_text(f"The passkey {name} is added.").wait_for()

    def sign_out(self) -> None:
        self.context.clear_cookies()

    @property
    def known(self) -> bool:
        answer = self.context.request.get(self.base + "/settings", max_redirects=0)
        return answer.status == 200


def test_a_passkey_opens_the_workspace_without_a_password(browser: Browser, served: Site) -> None:
    olena, device = served.person(), Device(browser, served)
    device.sign_in(olena.email)
    device.add_passkey("My phone", "first")
    device.sign_out()
    device.go("/sign-in?next=/settings")
    device.press("Sign in with a passkey")
    device.page.get_by_role("heading", name="Settings").wait_for()
    assert device.known
    assert [one for one in device.complaints if "Content Security" in one] == []
    assert "A passkey was added." in served.letters()[-1][2]


def test_a_passkey_as_second_step_is_asked_for_after_the_password(browser: Browser, served: Site) -> None:
    olena, device = served.person(), Device(browser, served, verifies=False)
    device.sign_in(olena.email)
    device.add_passkey("Blue key", "secondary")
    device.sign_out()
    device.sign_in(olena.email)
    assert not device.known
    device.press("Use a passkey")
    device.page.wait_for_url(device.base + "/")
    assert device.known


def test_a_removed_passkey_opens_nothing(browser: Browser, served: Site) -> None:
    olena, device = served.person(), Device(browser, served)
    device.sign_in(olena.email)
    device.add_passkey("My phone", "first")
    device.page.get_by_role("button", name="Remove My phone").click()
    device.page.get_by_text("The passkey My phone is removed.").wait_for()
    with served.world.reading(COMMAND) as work:
        assert work.session.query(Passkey).count() == 0
    device.sign_out()
    device.go("/sign-in")
    device.press("Sign in with a passkey")
    device.page.get_by_text("We do not know this passkey.").wait_for()
    assert not device.known


def test_a_passkey_opens_no_closed_account(browser: Browser, served: Site) -> None:
    olena, device = served.person(), Device(browser, served)
    device.sign_in(olena.email)
    device.add_passkey("My phone", "first")
    device.sign_out()
    with served.world.writing(COMMAND) as work:
        work.session.get_one(Person, olena.id).disabled_at = work.now
    device.go("/sign-in")
    device.press("Sign in with a passkey")
    device.page.wait_for_url("**/sign-in/passkey/*")
    assert not device.known


def test_an_answered_challenge_is_not_answered_again(browser: Browser, served: Site) -> None:
    olena, device = served.person(), Device(browser, served)
    device.sign_in(olena.email)
    device.add_passkey("My phone", "first")
    device.sign_out()
    sent: list[tuple[str, str]] = []
    device.page.on("request", lambda one: sent.append((one.url, one.post_data or "")) if one.method == "POST" else None)
    device.go("/sign-in?next=/settings")
    device.press("Sign in with a passkey")
    device.page.get_by_role("heading", name="Settings").wait_for()
    url, body = next((url, body) for url, body in sent if "/sign-in/passkey/" in url)
    thief = Device(browser, served)
    thief.go("/sign-in")
    token = thief.page.locator("input[name=csrf_token]").first.input_value()
    credential = body.partition("credential=")[2].partition("&")[0]
    answer = thief.context.request.post(
        url,
        data=f"csrf_token={token}&credential={credential}",
        headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": served.world.settings.base_url},
        max_redirects=0,
    )
    assert answer.status == 429
    assert not thief.known


PAGES = (
    "/sign-in", "/sign-up", "/sign-up/check-your-mail", "/reset-password", "/confirm-address", "/sign-in/passkey",
    "/invitation/ended", "/settings", "/settings/name", "/settings/language", "/settings/password", "/settings/address",
    "/settings/two-step", "/settings/recovery-codes", "/settings/passkeys", "/settings/app-passwords",
    "/settings/sessions",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "uk"])
def test_every_page_is_whole_for_every_reader(browser: Browser, served: Site, language: str) -> None:
    olena, device = served.person("Олена Гриценко"), Device(browser, served)
    found: list[str] = []
    for path in PAGES:
        if path == "/settings":
            device.sign_in(olena.email)
        device.go(f"{path}?lang={language}")
        name = path.strip("/").replace("/", "-")
        for width, size in ((WIDE, "wide"), (PHONE, "phone")):
            device.page.set_viewport_size({"width": width, "height": 900})
            screenshot(device.page, f"account.{name}.{language}.{size}")
            found += [f"{path} {size}: {one}" for one in overflow(device.page)]
        found += [f"{path}: {one}" for one in axe_findings(device.page)]
        device.page.goto(f"{device.base}/sign-in?lang=en")
    assert found == []
    assert [one for one in device.complaints if "Content Security" in one] == []


def test_all_but_passkeys_works_without_scripts(browser: Browser, served: Site) -> None:
    olena = served.person()
    context = browser.new_context(java_script_enabled=False, locale="en")
    page, base = context.new_page(), served.world.settings.base_url
    page.goto(f"{base}/sign-in?next=/settings/app-passwords")
    page.get_by_label("Email address").fill(olena.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Which program").fill("Laptop")
    page.get_by_role("button", name="Make it").click()
    assert page.locator("#made").inner_text().startswith("cw-")
    page.goto(f"{base}/settings/recovery-codes")
    page.get_by_role("button", name="Make recovery codes").click()
    assert page.locator(".cw-codes li").count() == 10
    page.goto(f"{base}/settings/passkeys")
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()


def test_everything_works_by_keyboard_alone(browser: Browser, served: Site) -> None:
    olena, device = served.person(), Device(browser, served)
    device.go("/sign-in?next=/settings")
    keys = device.page.keyboard
    device.page.get_by_label("Email address").focus()
    keys.type(olena.email)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    device.page.get_by_role("heading", name="Settings").wait_for()
    assert device.known
