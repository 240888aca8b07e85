"""The demo city for those who look at its pages: served, with people at their browsers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys import preparing
from tests.journeys.addresses import CAREFUL, KEYHOLDER, NEWCOMER, NOBODY
from tests.journeys.city import City, address_of
from tests.journeys.visiting import Visitor
from tests.parts.instances import Instance, Instances
from workspace.cli.demo.make import ROOF


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
def demo(instances: Instances) -> Instance:
    """The demo city, with somebody who has nothing yet and somebody who trusts no password alone."""
    # what the webhook of the demo is told goes to a port of this machine that nobody listens on
    place = instances.prepare(webhook_networks="127.0.0.0/8", webhook_ports="9")
    place.fill_with_demo()
    place.add_person(NEWCOMER, "Назар Новачок")
    place.add_person(CAREFUL, "Олеся Обережна")
    place.start()
    return place


@pytest.fixture(scope="module")
def city(demo: Instance) -> Iterator[City]:
    found = City(demo)
    yield found
    found.close()


@pytest.fixture(scope="module")
def people(browser: Browser, demo: Instance, city: City) -> Iterator[People]:
    found = People(browser, demo)
    preparing.throw_something_away(found["petro"])
    preparing.share_draft(found["olena"], city)
    city.links = preparing.make_links(found["olena"], city) | {"request": preparing.make_request(city)}
    preparing.ask_for_letters(found[NOBODY], found["olena"], CAREFUL)
    preparing.invite(found["host"])
    preparing.draft_answer(found["andrii"], city, city.case(ROOF))
    preparing.add_webhook(found["nadiia"])
    preparing.switch_two_steps_on(found[CAREFUL])
    preparing.keep_a_passkey(found[KEYHOLDER])
    yield found
    for visitor in found.known.values():
        visitor.close()
