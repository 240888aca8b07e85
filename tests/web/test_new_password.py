"""Forgotten and changed passwords, a changed address."""

from urllib.parse import urlsplit

import pytest

from tests.web.visitor import PASSWORD, Site
from workspace.accounts.models import Person
from workspace.kernel.actors import COMMAND

OTHER = "another long password"


def test_a_forgotten_password_is_replaced_through_a_letter(either_site: Site) -> None:
    olena, at_home, browser = either_site.person(), either_site.visitor(), either_site.visitor()
    at_home.sign_in(olena.email)
    browser.fill("/reset-password", {"email": olena.email})
    link = either_site.link("/reset-password/")
    assert "at least 8" in browser.fill(link, {"password": "short"}).get_data(as_text=True)
    assert browser.fill(link, {"password": OTHER}).location == "/sign-in"
    assert not at_home.known
    assert "not right" in browser.sign_in(olena.email).get_data(as_text=True)
    assert browser.sign_in(olena.email, OTHER).status_code == 302
    assert "Your password was changed" in either_site.letters()[-1][1]


def test_a_reset_link_works_once(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.fill("/reset-password", {"email": olena.email})
    link = site.link("/reset-password/")
    browser.fill(link, {"password": OTHER})
    assert browser.get(link).location == "/reset-password"


def test_signatures_of_reset_links_cannot_be_guessed_at_will(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.fill("/reset-password", {"email": olena.email})
    link = site.link("/reset-password/")
    token = next(one.values["csrf_token"] for one in browser.forms(link) if "csrf_token" in one.values)
    data = {"csrf_token": token, "password": OTHER}
    answers = [browser.client.post(f"{link[:-2]}{number:02}", data=data).status_code for number in range(11)]
    assert answers == [302] * 10 + [429]


def test_an_unknown_address_gets_the_same_page_and_no_letter(site: Site) -> None:
    olena = site.person()
    pages = {
        email: site.visitor().fill("/reset-password", {"email": email}).get_data(as_text=True)
        for email in (olena.email, "nobody@example.org")
    }
    assert pages[olena.email].replace(olena.email, "*") == pages["nobody@example.org"].replace(
        "nobody@example.org", "*"
    )
    assert [to for to, _subject, _text in site.letters()] == [olena.email]


@pytest.mark.parametrize("email", ["", "nonsense"])
def test_what_is_no_address_is_said_to_be_none(site: Site, email: str) -> None:
    page = site.visitor().fill("/reset-password", {"email": email}).get_data(as_text=True)
    assert "Write an email address like" in page


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example;proto=http"}],
)
def test_links_in_letters_lead_to_the_configured_address(site: Site, headers: dict[str, str]) -> None:
    olena, browser = site.person(), site.visitor()
    form = next(one for one in browser.forms("/reset-password") if "email" in one.values)
    browser.client.post("/reset-password", data=form.values | {"email": olena.email}, headers=headers)
    for _to, _subject, text in site.letters():
        assert "evil.example" not in text
        assert site.world.settings.base_url in text


def test_a_reset_does_not_pass_by_the_second_step(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    with site.world.writing(COMMAND) as work:
        row = work.session.get_one(Person, olena.id)
        row.tf_primary_method, row.tf_totp_secret = (
            "authenticator",
            site.app.extensions["security"].totp_factory.generate_totp_secret(),
        )
    browser.fill("/reset-password", {"email": olena.email})
    browser.fill(site.link("/reset-password/"), {"password": OTHER})
    assert not browser.known
    assert urlsplit(browser.sign_in(olena.email, OTHER).location).path == "/sign-in/code"
    assert not browser.known


def test_a_changed_password_signs_out_everywhere_else(either_site: Site) -> None:
    olena, here, there = either_site.person(), either_site.visitor(), either_site.visitor()
    here.sign_in(olena.email)
    there.sign_in(olena.email)
    before = here.cookie
    wrong = here.fill("/settings/password", {"password": "a wrong one", "new_password": OTHER})
    assert "The password is not right" in wrong.get_data(as_text=True)
    assert there.known
    answer = here.fill("/settings/password", {"password": PASSWORD, "new_password": OTHER})
    assert answer.location == "/settings"
    assert here.known
    assert not there.known
    assert here.cookie != before
    thief = either_site.visitor()
    thief.client.set_cookie("session", before)
    assert not thief.known


def test_guesses_at_the_present_password_count_against_the_same_ten(site: Site) -> None:
    olena, here = site.person(), site.visitor()
    here.sign_in(olena.email)
    for _ in range(5):
        here.fill("/settings/password", {"password": "a wrong one", "new_password": OTHER})
    for _ in range(5):
        site.visitor().sign_in(olena.email, "a wrong one")
    assert here.fill("/settings/password", {"password": PASSWORD, "new_password": OTHER}).status_code == 429
    assert here.known


def test_a_new_address_is_proven_before_it_counts(either_site: Site) -> None:
    olena, browser = either_site.person(), either_site.visitor()
    browser.sign_in(olena.email)
    page = browser.fill("/settings/address", {"email": "new@example.org"}).get_data(as_text=True)
    assert "Check your mail" in page
    link = either_site.link("/settings/address/")
    assert browser.get(link).status_code == 200
    assert browser.known
    assert browser.fill(link, {}).location == "/sign-in"
    assert not browser.known
    assert browser.sign_in("new@example.org").status_code == 302
    assert [to for to, subject, _text in either_site.letters() if "The way into" in subject] == [olena.email]


def test_an_address_that_is_taken_gets_the_same_page_and_no_letter(site: Site) -> None:
    olena, petro, browser = site.person("Olena"), site.person("Petro"), site.visitor()
    browser.sign_in(olena.email)
    page = browser.fill("/settings/address", {"email": petro.email}).get_data(as_text=True)
    assert "Check your mail" in page
    assert site.letters() == []
