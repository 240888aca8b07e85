"""Uploading in a real browser: many files, whole folders, a dropped connection, a reload, a refusal."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from socket import SHUT_RDWR
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.parts.browser import axe_findings, serving
from tests.web.files_site import FilesSite, Reader
from tests.world import Someone, World
from workspace.cloud.queries import folder as read_folder

MIB = 1 << 20
pytestmark = pytest.mark.browser


class CutOnce:
    """The application, but the first PATCH loses its connection half-way: half the bytes come, no answer leaves."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.armed = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.armed and environ["REQUEST_METHOD"] == "PATCH":
            self.armed = False
            whole = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = BytesIO(whole[: len(whole) // 2])
            list(self.app(environ, lambda *_: None))
            environ["werkzeug.socket"].shutdown(SHUT_RDWR)
            raise ConnectionResetError
        return self.app(environ, start_response)


class Desk:
    """Somebody at their folder, in a browser."""

    def __init__(self, site: FilesSite, address: str, browser: Browser, cut: CutOnce, **more: Any) -> None:
        self.site, self.cut = site, cut
        self.reader: Reader = site.reader(**more)
        assert self.reader.someone is not None
        self.someone: Someone = self.reader.someone
        self.context = browser.new_context()
        cookie = self.reader.client.get_cookie("session")
        assert cookie is not None
        self.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.sent: list[Request] = []
        self.page.on("request", lambda one: self.sent.append(one) if "/uploads/" in one.url else None)
        self.page.goto(f"{address}/files/{self.someone.root_id}")

    def choose(self, *files: Path) -> None:
        self.page.set_input_files("form[data-cw-upload] input.cw-drop__input", list(files))

    def press(self, what: str, name: str) -> None:
        self.page.get_by_role("button", name=re.compile(rf"{what}\s*: {name}")).click()

    def row(self, name: str) -> Any:
        return self.page.locator(".cw-up", has_text=name)

    def stored(self) -> dict[str, bytes]:
        """What lies in the folder, by name."""
        with self.site.world.writing(self.someone.actor) as work:
            entries = read_folder(work, self.someone.root_id).entries
        return {
            one.name: b"" if one.is_folder else self.site.world.content(self.someone.actor, one.id) for one in entries
        }


@pytest.fixture
def desk(embedded_world: World, browser: Browser) -> Iterator[Callable[..., Desk]]:
    site, desks = FilesSite(embedded_world), []
    cut = CutOnce(site.app.wsgi_app)
    site.app.wsgi_app = cut  # type: ignore[method-assign]
    with serving(site.app) as address:

        def opened(**more: Any) -> Desk:
            desks.append(Desk(site, address, browser, cut, **more))
            return desks[-1]

        yield opened
        for one in desks:
            one.context.close()


def file(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(size))
    return path


def test_files_chosen_before_the_script_is_there_are_taken_as_soon_as_it_is(
    desk: Callable[..., Desk], tmp_path: Path
) -> None:
    olena = desk()
    held: list[Route] = []
    olena.page.route("**/tus.min.js*", lambda route: held.append(route))
    with olena.page.expect_request("**/tus.min.js*"):
        olena.page.reload(wait_until="commit")
    early = file(tmp_path, "early.jpg", 5_000)
    olena.choose(early)
    (route,) = held
    route.continue_()
    expect(olena.page.locator("[data-cw-total]")).to_have_text("Everything has arrived", timeout=30_000)
    assert olena.stored() == {"early.jpg": early.read_bytes()}


def test_many_files_arrive_and_the_list_shows_them(desk: Callable[..., Desk], tmp_path: Path) -> None:
    olena = desk()
    files = [file(tmp_path, f"photo {number}.jpg", 20_000 * number) for number in range(4)]
    olena.choose(*files)
    expect(olena.page.locator("[data-cw-total]")).to_have_text("Everything has arrived", timeout=30_000)
    expect(olena.page.locator("#list")).to_contain_text("photo 3.jpg")
    assert olena.stored() == {one.name: one.read_bytes() for one in files}
    assert olena.page.locator('[role="status"]').count() >= 1
    assert olena.page.locator('.cw-up [role="status"]').count() == 0
    assert axe_findings(olena.page) == []
    files[1].write_bytes(b"better")
    olena.choose(files[1])
    expect(olena.row("photo 1.jpg").nth(1)).to_contain_text("A new version")
    assert olena.stored()["photo 1.jpg"] == b"better"


def test_a_whole_folder_keeps_its_shape(desk: Callable[..., Desk], tmp_path: Path) -> None:
    olena = desk()
    top = tmp_path / "Двір"
    file(top, "plan.pdf", 3000)
    file(top / "photos", "one.jpg", 3000)
    olena.page.set_input_files("[data-cw-folder]", top)
    expect(olena.page.locator("[data-cw-total]")).to_have_text("Everything has arrived", timeout=30_000)
    with olena.site.world.writing(olena.someone.actor) as work:
        (made,) = read_folder(work, olena.someone.root_id).entries
        inside = read_folder(work, made.id).entries
    assert (made.name, [one.name for one in inside]) == ("Двір", ["photos", "plan.pdf"])


def test_a_dropped_connection_costs_nothing_that_was_sent(desk: Callable[..., Desk], tmp_path: Path) -> None:
    olena, video = desk(), file(tmp_path, "video.mp4", 12 * MIB)
    olena.cut.armed = True
    olena.choose(video)
    expect(olena.page.locator("[data-cw-total]")).to_have_text("Everything has arrived", timeout=30_000)
    offsets = [int(one.headers["upload-offset"]) for one in olena.sent if one.method == "PATCH"]
    assert offsets == [0, 6 * MIB]
    assert sha256(olena.stored()["video.mp4"]).digest() == sha256(video.read_bytes()).digest()


def test_after_a_reload_the_same_file_goes_on_where_it_stood(desk: Callable[..., Desk], tmp_path: Path) -> None:
    olena, video = desk(), file(tmp_path, "video.mp4", 12 * MIB)

    def only_the_first(route: Route) -> None:
        patches = [one for one in olena.sent if one.method == "PATCH"]
        if route.request.method == "PATCH" and len(patches) > 1:
            route.abort()
        else:
            route.continue_()

    olena.page.route("**/uploads/*", only_the_first)
    olena.cut.armed = True
    olena.choose(video)
    olena.page.wait_for_event("requestfailed", lambda one: one.method == "PATCH")
    olena.page.on("dialog", lambda asked: asked.accept())
    olena.page.reload()
    olena.page.unroute("**/uploads/*")
    before = len(olena.sent)
    olena.choose(video)
    expect(olena.page.locator("[data-cw-total]")).to_have_text("Everything has arrived", timeout=30_000)
    after = olena.sent[before:]
    assert [one.method for one in after if one.method != "HEAD"] == ["PATCH"]
    assert int(after[-1].headers["upload-offset"]) == 6 * MIB
    assert sha256(olena.stored()["video.mp4"]).digest() == sha256(video.read_bytes()).digest()


def test_a_refusal_says_why_and_the_others_go_on(desk: Callable[..., Desk], tmp_path: Path) -> None:
    olena = desk(quota=1 * MIB)
    big, small = file(tmp_path, "big.mp4", 2 * MIB), file(tmp_path, "small.txt", 100)
    olena.choose(big, small)
    expect(olena.row("big.mp4")).to_contain_text("There is not enough room")
    expect(olena.row("small.txt")).to_contain_text("Done")
    expect(olena.row("big.mp4")).not_to_contain_text("Stopped")
    assert axe_findings(olena.page) == []
    olena.press("Try again", "big.mp4")
    expect(olena.row("big.mp4")).to_contain_text("There is not enough room")
    olena.press("Cancel", "big.mp4")
    expect(olena.page.locator("[data-cw-total]")).to_have_text("Everything has arrived", timeout=30_000)
    assert list(olena.stored()) == ["small.txt"]


def test_pausing_holds_and_continuing_finishes(desk: Callable[..., Desk], tmp_path: Path) -> None:
    olena, video = desk(), file(tmp_path, "video.mp4", 9 * MIB)
    held: list[Route] = []
    olena.page.route("**/uploads/*", lambda route: held.append(route) if not held else route.continue_())
    olena.choose(video)
    olena.press("Pause", "video.mp4")
    expect(olena.row("video.mp4")).to_contain_text("Paused")
    olena.press("Continue", "video.mp4")
    expect(olena.page.locator("[data-cw-total]")).to_have_text("Everything has arrived", timeout=30_000)
    assert len(olena.stored()["video.mp4"]) == 9 * MIB
