"""One look at a page: does it read well, fit, and complain of nothing? Leaves two pictures of it."""

from __future__ import annotations

import pytest

from tests.journeys.addresses import PAGES, Visit
from tests.journeys.city import City
from tests.journeys.leftovers import english_left_on
from tests.journeys.visiting import Visitor
from tests.parts.browser import PHONE, SMALLEST, WIDE, axe_findings, overflow, screenshot

HEIGHT = 900
VISITS = [pytest.param(visit, id=visit.name) for visits in PAGES.values() for visit in visits]


def findings(visitor: Visitor, city: City, visit: Visit, language: str) -> list[str]:
    """What is wrong with a page in this language, one sentence each."""
    page = visitor.page
    visitor.speak(language)
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    if visit.before is not None:
        visit.before(visitor, city)
    visitor.complaints.clear()
    answer = visitor.go(visit.address(city))
    if answer.status != visit.status:
        return [f"status {answer.status}: {page.inner_text('main')[:500]}"]
    found = []
    if page.get_attribute("html", "lang") != language:
        found.append("another language")
    if page.locator("h1").count() != 1:
        found.append("not one first heading")
    screenshot(page, f"{language}/{visit.name}.wide")
    found += [f"axe: {one}" for one in axe_findings(page)]
    for width in (SMALLEST, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [f"sticks out at {width}: {one}" for one in overflow(page)]
    screenshot(page, f"{language}/{visit.name}.phone")
    if language == "uk":
        found += [f"English: {one}" for one in english_left_on(page)]
    return found + visitor.complaints
