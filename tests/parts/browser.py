"""A real Chromium, driven by Playwright, and a real server for an app, on a free port of loopback."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.parts.services import ROOT

SCREENS = ROOT / "build" / "screens"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--lang=en"]
WIDE, PHONE, SMALLEST = 1280, 390, 320


def chromium_path() -> str:
    """The machine's Chromium. Raises RuntimeError with what to install."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise RuntimeError("no Chromium here; tests/prepare.sh installs it")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a worker; each test opens contexts of its own."""
    # the cores are shared with the servers under test and the other worker: what is slow to come is not absent
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path(), headless=True, args=ARGUMENTS)
        yield opened
        opened.close()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The app behind a real socket; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def screenshot(page: Page, name: str) -> Path:
    """A picture of the whole page under build/screens/ (not in git), to be looked at by people."""
    path = SCREENS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    # a long page on two busy cores takes its time
    page.screenshot(path=str(path), full_page=True, timeout=90_000)
    return path


def axe_findings(page: Page) -> list[str]:
    """What axe-core holds against the page, one sentence for each place."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def overflow(page: Page) -> list[str]:
    """What sticks out of the page to the right at the present width."""
    found: list[str] = page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth
          if (document.documentElement.scrollWidth <= wide) return []
          return [...document.querySelectorAll('body *')]
            .filter(one => one.getBoundingClientRect().right > wide + 1)
            .map(one => one.outerHTML.slice(0, 120))
        }"""
    )
    return found
