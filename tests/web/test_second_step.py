"""Two-step sign-in: codes, recovery codes, and no way around them."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.web.visitor import PASSWORD, Site, Visitor
from workspace.accounts.models import Person
from workspace.kernel.actors import COMMAND


def secured(site: Site) -> tuple[Any, list[str]]:
    """Somebody with two-step sign-in and their recovery codes."""
    olena = site.person()
    with site.app.test_request_context(), site.world.writing(COMMAND) as work:
        security = site.app.extensions["security"]
        row = work.session.get_one(Person, olena.id)
        row.tf_primary_method = "authenticator"
        row.tf_totp_secret = security.totp_factory.generate_totp_secret()
        codes = security.mf_recovery_codes_util.create_recovery_codes(row)
    return olena, codes


def code_of(site: Site, person_id: str) -> str:
    with site.world.reading(COMMAND) as work:
        secret = work.session.get_one(Person, person_id).tf_totp_secret
    return str(site.app.extensions["security"].totp_factory.generate_totp_password(secret))


def half_way(site: Site, email: str) -> Visitor:
    browser = site.visitor()
    assert urlsplit(browser.sign_in(email).location).path == "/sign-in/code"
    return browser


def test_a_password_alone_no_longer_lets_in(either_site: Site) -> None:
    olena, _codes = secured(either_site)
    browser = half_way(either_site, olena.email)
    assert not browser.known
    assert browser.fill("/sign-in/code", {"code": code_of(either_site, olena.id)}).status_code == 302
    assert browser.known


def test_a_code_works_once(site: Site) -> None:
    olena, _codes = secured(site)
    code = code_of(site, olena.id)
    half_way(site, olena.email).fill("/sign-in/code", {"code": code})
    second = half_way(site, olena.email)
    assert "not right, or it was used" in second.fill("/sign-in/code", {"code": code}).get_data(as_text=True)
    assert not second.known


def test_ten_wrong_codes_are_enough_from_however_many_browsers(site: Site) -> None:
    olena, _codes = secured(site)
    browsers = [half_way(site, olena.email) for _ in range(2)]
    for number in range(10):
        assert browsers[number % 2].fill("/sign-in/code", {"code": f"{number:06}"}).status_code == 200
    assert browsers[0].fill("/sign-in/code", {"code": code_of(site, olena.id)}).status_code == 429
    assert not browsers[0].known


def test_the_second_step_cannot_be_skipped_or_begun_with(site: Site) -> None:
    secured(site)
    stranger = site.visitor()
    for path in ("/sign-in/code", "/sign-in/recovery-code", "/sign-in/second-step"):
        assert urlsplit(stranger.get(path).location).path == "/sign-in"
    assert stranger.get("/settings/two-step").status_code == 302


def test_half_a_sign_in_is_forgotten_after_ten_minutes(site: Site) -> None:
    olena, _codes = secured(site)
    browser = half_way(site, olena.email)
    browser.get("/sign-in/code")
    site.world.clock.move(timedelta(minutes=11))
    assert urlsplit(browser.get("/sign-in/code").location).path == "/sign-in"


@pytest.mark.parametrize("written", [str, str.upper, lambda code: code.replace("-", " ")])
def test_a_recovery_code_replaces_the_phone_once(site: Site, written: Any) -> None:
    olena, codes = secured(site)
    browser = half_way(site, olena.email)
    assert "not right" in browser.fill("/sign-in/recovery-code", {"code": "0000-0000-0000-0000"}).get_data(as_text=True)
    assert browser.fill("/sign-in/recovery-code", {"code": written(codes[3])}).status_code == 302
    assert browser.known
    again = half_way(site, olena.email)
    assert "not right" in again.fill("/sign-in/recovery-code", {"code": codes[3]}).get_data(as_text=True)
    with site.world.reading(COMMAND) as work:
        kept = work.session.get_one(Person, olena.id).mf_recovery_codes
        assert len(kept or ()) == 9
        assert not any(code.replace("-", "") in one for one in kept or () for code in codes)


def test_recovery_codes_cannot_be_guessed_at_will(site: Site) -> None:
    olena, codes = secured(site)
    browser = half_way(site, olena.email)
    for _ in range(10):
        browser.fill("/sign-in/recovery-code", {"code": "0000-0000-0000-0000"})
    assert browser.fill("/sign-in/recovery-code", {"code": codes[0]}).status_code == 429


def test_switching_on_asks_for_a_right_code_and_signs_out_elsewhere(either_site: Site) -> None:
    olena, here, there = either_site.person(), either_site.visitor(), either_site.visitor()
    there.sign_in(olena.email)
    here.sign_in(olena.email)
    form = next(one for one in here.forms("/settings/two-step") if one.values.get("setup") == "authenticator")
    page = here.client.post("/settings/two-step", data=form.values)
    text = page.get_data(as_text=True)
    assert "<svg" in text
    action = text.partition('action="/settings/two-step/')[2].partition('"')[0]
    with here.client.session_transaction() as kept:
        secret = kept["tf_totp_secret"]
    wrong = here.client.post(f"/settings/two-step/{action}", data=form.values | {"code": "000000"})
    assert wrong.status_code == 302
    right = either_site.app.extensions["security"].totp_factory.generate_totp_password(secret)
    here.client.post(f"/settings/two-step/{action}", data=form.values | {"code": right})
    assert "On: password and a code" in here.get("/settings").get_data(as_text=True)
    assert not there.known
    with either_site.world.reading(COMMAND) as work:
        kept_secret = work.session.get_one(Person, olena.id).tf_totp_secret or ""
        assert "enckey" in kept_secret  # sealed


def test_switching_off_forgets_secret_and_recovery_codes(site: Site) -> None:
    olena, _codes = secured(site)
    browser = half_way(site, olena.email)
    browser.fill("/sign-in/code", {"code": code_of(site, olena.id)})
    form = next(one for one in browser.forms("/settings/two-step") if one.values.get("setup") == "disable")
    browser.client.post("/settings/two-step", data=form.values)
    with site.world.reading(COMMAND) as work:
        row = work.session.get_one(Person, olena.id)
        assert (row.tf_primary_method, row.tf_totp_secret, row.mf_recovery_codes) == (None, None, [])
    assert site.visitor().sign_in(olena.email).location == "/"


def test_recovery_codes_are_shown_once(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.sign_in(olena.email)
    page = browser.fill("/settings/recovery-codes", {}).get_data(as_text=True)
    codes = [part.partition("</code>")[0] for part in page.split("<li><code>")[1:]]
    assert len(set(codes)) == 10
    for path in ("/settings/recovery-codes", "/settings/recovery-codes?show_codes=1"):
        later = browser.get(path).get_data(as_text=True)
        assert not any(code in later for code in codes)
        assert "10 codes left" in later


def test_delicate_steps_ask_for_the_password_again_after_a_quarter_of_an_hour(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.sign_in(olena.email)
    with browser.client.session_transaction() as kept:
        kept["fs_paa"] -= 16 * 60
    for path in (
        "/settings/two-step",
        "/settings/address",
        "/settings/passkeys",
        "/settings/recovery-codes",
        "/settings/app-passwords",
    ):
        assert urlsplit(browser.get(path).location).path == "/confirm-it-is-you"
    wrong = browser.fill("/confirm-it-is-you", {"password": "a wrong one"}, action="/confirm-it-is-you")
    assert "not right" in wrong.get_data(as_text=True)
    answer = browser.fill(
        "/confirm-it-is-you?next=/settings/address", {"password": PASSWORD}, action="/confirm-it-is-you"
    )
    assert answer.location == "/settings/address"
    assert browser.get("/settings/address").status_code == 200
