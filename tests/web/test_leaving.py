"""Deleting one's account in the browser: what goes and what stays is said before; two weeks are there to undo it."""

from datetime import timedelta

import pytest

from tests.web.visitor import Site, Visitor
from workspace.accounts.models import Person
from workspace.bodies.models import Official
from workspace.cloud.leaving import THINKING
from workspace.jobs.erasure import erase_due
from workspace.kernel.actors import COMMAND
from workspace.kernel.ids import new_id

PAGE = "/settings/delete-account"


@pytest.fixture
def olena(site: Site) -> Visitor:
    browser = site.visitor()
    browser.sign_in(site.person().email)
    return browser


def leaves_at(site: Site):
    with site.world.reading(COMMAND) as work:
        return work.session.query(Person.leaves_at).scalar()


def page(visitor: Visitor, path: str = PAGE) -> str:
    return visitor.get(path).get_data(as_text=True)


def test_without_the_tick_nothing_is_asked_for(site: Site, olena: Visitor) -> None:
    answer = olena.fill(PAGE, {"sure": ""}, action="/delete-account").get_data(as_text=True)
    assert "Tick that you have read what goes and what stays." in answer
    assert leaves_at(site) is None


def test_asked_for_it_is_said_everywhere_and_by_letter_and_one_press_takes_it_back(site: Site, olena: Visitor) -> None:
    assert "You have delivered nothing to a body" in page(olena)
    assert olena.fill(PAGE, {"sure": "1"}, action="/delete-account").location == PAGE
    assert leaves_at(site) == site.world.clock.now() + THINKING
    for path in (PAGE, "/", "/settings"):
        assert "Your account will be deleted on 16 March 2026" in page(olena, path)
    assert "Your account will be deleted on 16 March 2026" in site.letters()[-1][1]
    assert f"http://localhost:8000{PAGE}" in site.letters()[-1][2]
    olena.fill(PAGE, {}, action="/undo")
    assert leaves_at(site) is None
    assert "Your account stays" in site.letters()[-1][1]
    assert "will be deleted" not in page(olena, "/")


def test_the_page_is_there_in_ukrainian(site: Site, olena: Visitor) -> None:
    olena.get("/?lang=uk")
    assert "Видалити мій обліковий запис" in page(olena)


def test_an_old_proof_is_not_enough(site: Site, olena: Visitor) -> None:
    with olena.client.session_transaction() as kept:
        kept["fs_paa"] -= 16 * 60
    answer = olena.get(PAGE)
    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/confirm-it-is-you")


def test_who_holds_a_post_is_told_what_to_do_first(site: Site, olena: Visitor) -> None:
    body = site.world.make_body()
    with site.world.writing(COMMAND) as work:
        person_id = work.session.query(Person.id).scalar()
        work.session.add(
            Official(id=new_id(), person_id=person_id, body_id=body.id, role="head", appointed_at=work.now)
        )
    text = page(olena)
    assert "You hold a post in a body." in text
    assert 'name="sure"' not in text
    token = next(one for one in olena.forms("/settings/name") if "csrf_token" in one.values).values["csrf_token"]
    olena.client.post(PAGE, data={"csrf_token": token, "sure": "1"})
    assert leaves_at(site) is None


def test_nobody_else_sees_the_page(site: Site) -> None:
    answer = site.visitor().get(PAGE)
    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/sign-in")


def test_after_two_weeks_the_session_leads_nowhere(site: Site, olena: Visitor) -> None:
    olena.fill(PAGE, {"sure": "1"}, action="/delete-account")
    site.world.clock.move(THINKING + timedelta(minutes=1))
    erase_due(site.world.runtime, {}, lambda progress: None)
    assert olena.get("/files").status_code == 302
