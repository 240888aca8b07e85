"""The page on which people let a program in that asks for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.visitor import Site, Visitor
from workspace.accounts.app_passwords import verify_app_password
from workspace.accounts.program_logins import BegunLogin, begin_program_login, fetch_program_login
from workspace.kernel.actors import ANONYMOUS
from workspace.kernel.errors import NotFound


@pytest.fixture
def olena(site: Site) -> Visitor:
    browser = site.visitor()
    browser.sign_in(site.person().email)
    return browser


@pytest.fixture
def login(site: Site) -> BegunLogin:
    return begin_program_login(site.world.runtime, "Mozilla/5.0 (Android) Nextcloud-android/3.25.0", "192.0.2.7")


def answer(visitor: Visitor, login: BegunLogin, button: str) -> str:
    """Press one of the two buttons; both stand in the form."""
    form = visitor.forms(f"/let-in/{login.page}")[-1]
    values = {name: value for name, value in form.values.items() if name not in ("yes", "no")} | {button: "1"}
    return visitor.client.post(f"/let-in/{login.page}", data=values).get_data(as_text=True)


def test_the_page_says_which_program_asks_and_what_it_will_be_able_to_do(olena: Visitor, login: BegunLogin) -> None:
    page = olena.get(f"/let-in/{login.page}").get_data(as_text=True)
    for words in ("Nextcloud, Android", "throw away your files", "administer anything", "If somebody sent you here"):
        assert words in page


def test_whoever_confirms_lets_the_program_in_and_gets_a_letter(site: Site, olena: Visitor, login: BegunLogin) -> None:
    assert "Nextcloud, Android is let in" in answer(olena, login, "yes")
    with site.world.writing(ANONYMOUS) as work:
        given = fetch_program_login(work, login.poll)
    verify_app_password(site.world.runtime, given.app_password, given.email)
    assert "app password" in site.letters()[-1][2]
    assert "Nextcloud, Android" in olena.get("/settings/app-passwords").get_data(as_text=True)
    assert olena.get(f"/let-in/{login.page}").status_code == 404, "it was answered"


def test_whoever_refuses_sends_it_away(site: Site, olena: Visitor, login: BegunLogin) -> None:
    assert "stays outside" in answer(olena, login, "no")
    with site.world.writing(ANONYMOUS) as work, pytest.raises(NotFound):
        fetch_program_login(work, login.poll)


def test_one_has_to_sign_in_and_comes_back(site: Site, login: BegunLogin) -> None:
    asked = site.visitor().get(f"/let-in/{login.page}")
    assert asked.status_code == 302
    assert asked.location.startswith("/sign-in")
    assert login.page in asked.location


def test_a_page_of_another_origin_confirms_nothing(site: Site, olena: Visitor, login: BegunLogin) -> None:
    form = olena.forms(f"/let-in/{login.page}")[-1]
    for sent, headers in (({"yes": "1"}, {}), (form.values, {"Origin": "https://evil.example"})):
        assert olena.client.post(f"/let-in/{login.page}", data=sent, headers=headers).status_code == 403
    with site.world.writing(ANONYMOUS) as work, pytest.raises(NotFound):
        fetch_program_login(work, login.poll)


def test_after_a_quarter_of_an_hour_one_proves_anew_who_one_is(site: Site, olena: Visitor, login: BegunLogin) -> None:
    site.world.clock.move(timedelta(minutes=1))
    with olena.client.session_transaction() as session:
        session["fs_paa"] -= 3600
    asked = olena.get(f"/let-in/{login.page}")
    assert (asked.status_code, asked.location.partition("?")[0]) == (302, "/confirm-it-is-you")
