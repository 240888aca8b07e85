"""Every page of the demo city in Ukrainian, with no English word left: the other half of `test_pages.py`."""

from __future__ import annotations

import pytest

from tests.journeys.addresses import Visit
from tests.journeys.city import City
from tests.journeys.conftest import People
from tests.journeys.leftovers import english_in
from tests.journeys.looking import VISITS, findings

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("visit", VISITS)
def test_a_page_reads_well_and_fits(people: People, city: City, visit: Visit) -> None:
    assert findings(people[visit.who], city, visit, "uk") == []


def test_a_forgotten_word_would_be_found() -> None:
    assert english_in(["Sign in", "Доступ до files"]) != []
    assert english_in(["IMG_riser_0714.jpg, PDF, olena@example.org", "Увійти"]) == []
