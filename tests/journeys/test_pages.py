"""Every page of the demo city, in both languages, wide and narrow: reads well, fits, complains of nothing.

Leaves pictures under build/screens/<language>/, for people to look at and for the guides.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys import preparing
from tests.journeys.addresses import CAREFUL, KEYHOLDER, NEWCOMER, NO_PAGES, NOBODY, PAGES, Visit
from tests.journeys.city import City, address_of
from tests.journeys.leftovers import english_left_on, english_words
from tests.journeys.visiting import Visitor
from tests.parts.browser import PHONE, SMALLEST, WIDE, axe_findings, overflow, screenshot
from tests.parts.instances import Instance, Instances
from workspace.app import create_app
from workspace.cli.demo.make import ROOF

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "uk")
HEIGHT = 900
VISITS = [pytest.param(visit, id=visit.name) for visits in PAGES.values() for visit in visits]


@pytest.fixture(scope="module")
def place(instances: Instances) -> Instance:
    """The demo city, with somebody who has nothing yet."""
    city = instances.prepare()
    city.fill_with_demo()
    city.add_person(NEWCOMER, "Назар Новачок")
    city.add_person(CAREFUL, "Олеся Обережна")
    city.start()
    return city


@pytest.fixture(scope="module")
def city(place: Instance) -> Iterator[City]:
    found = City(place)
    yield found
    found.close()


class People:
    """Whoever goes somewhere: one browser context each, signed in once."""

    def __init__(self, browser: Browser, place: Instance) -> None:
        self._browser, self._place = browser, place
        self.known: dict[str, Visitor] = {}

    def __getitem__(self, who: str) -> Visitor:
        if who not in self.known:
            self.known[who] = visitor = Visitor(self._browser, self._place, "uk")
            if who != NOBODY:
                visitor.sign_in(address_of(who))
        return self.known[who]


@pytest.fixture(scope="module")
def people(browser: Browser, place: Instance, city: City) -> Iterator[People]:
    found = People(browser, place)
    preparing.throw_something_away(found["petro"])
    preparing.share_draft(found["olena"], city)
    city.links = preparing.make_links(found["olena"], city)
    preparing.ask_for_letters(found[NOBODY], found["olena"], CAREFUL)
    preparing.invite(found["host"])
    preparing.draft_answer(found["andrii"], city, city.case(ROOF))
    preparing.switch_two_steps_on(found[CAREFUL])
    preparing.keep_a_passkey(found[KEYHOLDER])
    yield found
    for visitor in found.known.values():
        visitor.close()


def test_every_page_is_on_the_list_of_those_to_be_looked_at(city: City) -> None:
    rules = create_app(city.runtime).url_map.iter_rules()
    routes = {one.endpoint for one in rules if "GET" in (one.methods or ()) and not one.rule.startswith("/api/")}
    assert routes - {*PAGES, *NO_PAGES} == set(), "say in addresses.py how to reach these"
    assert {*PAGES, *NO_PAGES} - routes == {""}, "addresses.py names pages that are gone"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("visit", VISITS)
def test_a_page_reads_well_and_fits(people: People, city: City, visit: Visit, language: str) -> None:
    visitor = people[visit.who]
    page = visitor.page
    visitor.speak(language)
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    if visit.before is not None:
        visit.before(visitor, city)
    visitor.complaints.clear()
    answer = visitor.go(visit.address(city))
    assert answer.status == visit.status, page.inner_text("body")[:500]
    assert page.get_attribute("html", "lang") == language
    assert page.locator("h1").count() == 1
    screenshot(page, f"{language}/{visit.name}.wide")
    findings = [f"axe: {one}" for one in axe_findings(page)]
    for width in (SMALLEST, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        findings += [f"sticks out at {width}: {one}" for one in overflow(page)]
    screenshot(page, f"{language}/{visit.name}.phone")
    if language == "uk":
        findings += [f"English: {one}" for one in english_left_on(page, WORDS)]
    assert findings + visitor.complaints == []


WORDS = english_words()
