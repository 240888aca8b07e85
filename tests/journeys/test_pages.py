"""Every page of the demo city in English, wide and narrow: reads well, fits, complains of nothing.

Leaves pictures under build/screens/, for people to look at and for the guides.
"""

from __future__ import annotations

import pytest

from tests.journeys.addresses import NO_PAGES, PAGES, Visit
from tests.journeys.city import City
from tests.journeys.conftest import People
from tests.journeys.looking import VISITS, findings
from workspace.app import create_app

pytestmark = pytest.mark.browser


def test_every_page_is_on_the_list_of_those_to_be_looked_at(city: City) -> None:
    rules = create_app(city.runtime).url_map.iter_rules()
    routes = {one.endpoint for one in rules if "GET" in (one.methods or ()) and not one.rule.startswith("/api/")}
    assert routes - {*PAGES, *NO_PAGES} == set(), "say in addresses.py how to reach these"
    assert {*PAGES, *NO_PAGES} - routes == {""}, "addresses.py names pages that are gone"


@pytest.mark.parametrize("visit", VISITS)
def test_a_page_reads_well_and_fits(people: People, city: City, visit: Visit) -> None:
    assert findings(people[visit.who], city, visit, "en") == []
