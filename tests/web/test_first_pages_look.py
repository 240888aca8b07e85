"""The first page and the administration in a real browser, where the demo city does not lead: long names, failures,
nothing at all. axe finds nothing, nothing sticks out, nothing complains. `journeys/` visits every page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from tests.parts.browser import PHONE, SMALLEST, WIDE, axe_findings, overflow, screenshot, serving
from tests.web.keeper import Office
from tests.web.visitor import Visitor
from tests.world import SomeBody, Someone
from workspace.accounts.instance import change_instance, mark_demo
from workspace.bodies.service import add_office
from workspace.cases import office as desk
from workspace.cases import service
from workspace.db.outbox import Job
from workspace.kernel.actors import COMMAND, Role
from workspace.kernel.ids import new_id
from workspace.mail.outbox import post

pytestmark = [pytest.mark.browser]
NAMES = ("Олена Гриценко", "Taras", "Iryna Bondar", "Людмила Миколаївна Задорожна-Перехрестенко", "Stepan")


@contextmanager
def looking(browser: Browser, address: str, visitor: Visitor | None, language: str) -> Iterator[Page]:
    """A page of somebody who is signed in; whatever the browser complains of fails the test."""
    context = browser.new_context(viewport={"width": WIDE, "height": 900}, base_url=address)
    context.add_cookies([{"name": "lang", "value": language, "url": address}])
    if visitor is not None:
        context.add_cookies([{"name": "session", "value": visitor.cookie, "url": address}])
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def look(page: Page, path: str, name: str) -> None:
    """Wide and narrow: a picture, nothing beyond the edge; axe once a language at one of the widths."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    language = page.evaluate("document.documentElement.lang")
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        screenshot(page, f"{name}.{language}.{'wide' if width == WIDE else 'phone'}")
        assert overflow(page) == [], f"{name} at {width}"
        if (width == WIDE) is (language == "en"):
            assert axe_findings(page) == [], f"{name} at {width}"
    page.set_viewport_size({"width": WIDE, "height": 900})


def fill(office: Office) -> tuple[SomeBody, Someone]:
    """People, bodies, an open job, failures, letters; one person with files, a question and a case."""
    world = office.site.world
    people = [world.make_person(name) for name in NAMES]
    olena = office.site.person("Olena Hrytsenko")
    body = world.make_body("Департамент житлово-комунального господарства та будівництва")
    world.make_body("Environment Inspectorate")
    with world.writing(COMMAND) as work:
        add_office(work, body.id, "Сектор звернень громадян")
        change_instance(work, place="Zelenohirsk", host="NGO Open City", phone="0 800 30 14 30")
        for number in range(3):
            post(work, recipient=people[number].email, subject="Your address", body="Follow /x", language="en")
        work.later("sweep.blobs", {"x": new_id()})
        work.session.flush()
        failed = update(Job).where(Job.kind == "letter.send")
        work.session.execute(
            failed.values(given_up_at=work.now, attempts=8, last_error="gaierror in workspace/mail/x.py")
        )
    head = world.appoint(people[2], body, Role.HEAD, Role.REGISTRAR)
    for name in ("IMG_20260402_0812_crossing.jpg", "Скарга_Яруга_чернетка_v3.odt", "Акт обстеження.pdf"):
        world.upload(olena.actor, olena.root_id, name, b"%PDF-1.7" * 400)
    for title in ("Crossing near School No. 5", "Прорив стояка, Липова 14", "Tree felling in Kalynovyi Park"):
        with world.writing(olena.actor) as work:
            case_id = service.open_case(work, title=title, body_id=body.id, story="It began at dawn.").id
        if not title.startswith("Tree"):
            with world.writing(olena.actor) as work:
                service.deliver(work, case_id)
            with world.writing(head) as work:
                desk.register(work, case_id)
            with world.writing(head) as work:
                desk.ask(work, case_id, "At what time of day did you take the photos of the crossing?")
    return body, olena


def test_an_empty_administration_says_what_belongs_there(office: Office, browser: Browser) -> None:
    with serving(office.site.app) as address, looking(browser, address, office.visitor, "en") as page:
        for name in ("bodies", "letters", "jobs"):
            look(page, f"/admin/{name}/", f"admin-{name}-empty")
            assert page.locator(".cw-empty h2").count() == 1


def test_a_table_is_chosen_looked_at_and_taken_by_keyboard_and_mouse(office: Office, browser: Browser) -> None:
    rows = "slug,name,kind,email\nhousing,Housing,department,h@city.example\n"
    broken = "slug,name,kind,email\nHousing Dept,,palace,nowhere\n"
    with serving(office.site.app) as address, looking(browser, address, office.visitor, "en") as page:
        page.goto("/admin/bodies/table/bodies")
        file = page.get_by_label("Choose a CSV file")
        file.set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": broken.encode()})
        page.get_by_role("button", name="Look at it").click()
        expect(page.get_by_text("4 places to put right. Nothing was taken.")).to_be_visible()
        assert overflow(page) == []
        screenshot(page, "admin-table-wrong.en.wide")
        assert axe_findings(page) == []
        file = page.get_by_label("Choose another CSV file")
        file.set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": rows.encode()})
        page.get_by_role("button", name="Look at it").click()
        expect(page.get_by_text("1 to add, 0 to change")).to_be_visible()
        screenshot(page, "admin-table-ready.en.wide")
        assert axe_findings(page) == []
        page.get_by_role("button", name="Take it").click()
        page.get_by_role("link", name="Housing", exact=True).click()
        expect(page.get_by_role("heading", level=1, name="Housing")).to_be_visible()


def test_long_names_fit_the_smallest_screen(office: Office, browser: Browser) -> None:
    body, olena = fill(office)
    hers = office.site.visitor()
    hers.sign_in(olena.email)
    with serving(office.site.app) as address:
        with looking(browser, address, office.visitor, "uk") as page:
            look(page, "/admin/", "admin-overview-full")
            for path in ("/admin/people/", f"/admin/body/{body.slug}", "/admin/jobs/", "/admin/letters/"):
                page.set_viewport_size({"width": SMALLEST, "height": 900})
                page.goto(path)
                assert overflow(page) == [], path
        with looking(browser, address, hers, "uk") as page:
            look(page, "/", "home-full")


def test_a_demo_shows_its_letters_to_the_keeper(office: Office, browser: Browser) -> None:
    with office.site.world.writing(COMMAND) as work:
        mark_demo(work)
        text = "Hello,\n\nfollow this address:\n\nhttp://localhost:8000/confirm-address/x\n"
        letter_id = post(work, recipient="o@example.org", subject="Your address", body=text, language="en")
    with serving(office.site.app) as address, looking(browser, address, office.visitor, "en") as page:
        look(page, f"/admin/letters/{letter_id}", "admin-letter")
        expect(page.get_by_role("link", name="http://localhost:8000/confirm-address/x")).to_be_visible()
