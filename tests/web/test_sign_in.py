"""Signing in, staying signed in, signing out."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from tests.parts.worlds import embedded_stack
from tests.web.visitor import PASSWORD, Site
from tests.world import World
from workspace.accounts import service, sessions
from workspace.accounts.models import Person
from workspace.db.facts import FactRow
from workspace.kernel.actors import COMMAND

MINUTE = timedelta(minutes=1)
WRONG = "The email address or the password is not right"


def facts(site: Site) -> list[tuple[str, str | None, str]]:
    with site.world.reading(COMMAND) as work:
        rows = work.session.query(FactRow).filter(FactRow.kind.like("person.%")).order_by(FactRow.id)
        return [(row.kind, row.person_id, row.thing_id) for row in rows]


def test_who_knows_the_password_is_let_in(either_site: Site) -> None:
    olena, browser = either_site.person(), either_site.visitor()
    answer = browser.sign_in(olena.email.upper())
    assert (answer.status_code, answer.location) == (302, "/")
    assert browser.known
    assert facts(either_site) == [("person.signed_in", olena.id, olena.id)]


def test_who_does_not_know_it_is_not_and_the_try_is_written_down(either_site: Site) -> None:
    olena, browser = either_site.person(), either_site.visitor()
    answer = browser.sign_in(olena.email, "a wrong one")
    assert WRONG in answer.get_data(as_text=True)
    assert not browser.known
    assert facts(either_site) == [("person.sign_in_refused", None, olena.id)]


def test_an_unknown_address_gets_the_very_same_answer(site: Site) -> None:
    olena = site.person()
    known = site.visitor().sign_in(olena.email, "a wrong one")
    unknown = site.visitor().sign_in("nobody@example.org", "a wrong one")
    assert known.status_code == unknown.status_code
    page, other = known.get_data(as_text=True), unknown.get_data(as_text=True)
    assert _bare(page, olena.email) == _bare(other, "nobody@example.org")


def _bare(page: str, email: str) -> str:
    kept = [line for line in page.replace(email, "*").splitlines() if "csrf_token" not in line]
    return "\n".join(kept)


@pytest.mark.parametrize("email", ["", "no address", "a@b\r\nc", "x" * 5000])
def test_nonsense_for_an_address_is_answered_like_a_wrong_one(site: Site, email: str) -> None:
    answer = site.visitor().sign_in(email, "a wrong one")
    assert answer.status_code == 200
    assert ("not right" in answer.get_data(as_text=True)) == bool(email)


def test_the_eleventh_try_is_refused_even_with_the_right_password(either_site: Site) -> None:
    olena = either_site.person()
    for _ in range(10):
        assert either_site.visitor().sign_in(olena.email, "a wrong one").status_code == 200
    late = either_site.visitor()
    assert late.sign_in(olena.email).status_code == 429
    assert not late.known
    either_site.world.clock.move(15 * MINUTE)
    assert late.sign_in(olena.email).status_code == 302


def test_guessing_elsewhere_locks_out_neither_open_sessions_nor_other_people(site: Site) -> None:
    olena, petro = site.person("Olena"), site.person("Petro")
    at_home = site.visitor()
    at_home.sign_in(olena.email)
    for _ in range(12):
        site.visitor().sign_in(olena.email, "a wrong one")
    assert at_home.known
    assert site.visitor().sign_in(petro.email).status_code == 302


def test_unknown_addresses_are_limited_alike(site: Site) -> None:
    answers = [site.visitor().sign_in("nobody@example.org", "x").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_success_forgets_the_tries_before_it(site: Site) -> None:
    olena = site.person()
    for _ in range(3):
        for _ in range(9):
            site.visitor().sign_in(olena.email, "a wrong one")
        assert site.visitor().sign_in(olena.email).status_code == 302


def test_forwarded_addresses_change_nothing(site: Site) -> None:
    olena = site.person()
    answers = [
        site.visitor().sign_in(olena.email, "x", headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code
        for number in range(11)
    ]
    assert answers[-1] == 429


def test_a_cookie_from_before_signing_in_is_worth_nothing_after_it(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.get("/sign-in")
    before = browser.cookie
    browser.sign_in(olena.email)
    assert browser.cookie != before
    attacker = site.visitor()
    attacker.client.set_cookie("session", before)
    assert not attacker.known


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(either_site: Site) -> None:
    olena, browser = either_site.person(), either_site.visitor()
    browser.sign_in(olena.email)
    stolen = browser.cookie
    answer = browser.sign_out()
    assert answer.status_code == 302
    assert "storage" in answer.headers["Clear-Site-Data"]
    thief = either_site.visitor()
    thief.client.set_cookie("session", stolen)
    assert not thief.known
    assert not browser.known


def test_signing_out_is_a_post(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.sign_in(olena.email)
    assert browser.get("/sign-out").status_code == 405
    assert browser.known


def test_a_disabled_account_is_out_at_once_and_cannot_come_back(either_site: Site) -> None:
    olena, browser = either_site.person(), either_site.visitor()
    browser.sign_in(olena.email)
    with either_site.world.writing(COMMAND) as work:
        service.disable(work, olena.id)
    assert not browser.known
    answer = either_site.visitor().sign_in(olena.email)
    assert "This account is closed" in answer.get_data(as_text=True)
    assert WRONG in either_site.visitor().sign_in(olena.email, "a wrong one").get_data(as_text=True)


def test_an_unproven_address_is_told_so_only_to_who_knows_the_password(site: Site) -> None:
    olena = site.person()
    with site.world.writing(COMMAND) as work:
        work.session.get_one(Person, olena.id).confirmed_at = None
    assert "Confirm your email address first" in site.visitor().sign_in(olena.email).get_data(as_text=True)
    assert WRONG in site.visitor().sign_in(olena.email, "a wrong one").get_data(as_text=True)


def test_an_idle_session_ends_and_an_old_one_too(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.sign_in(olena.email)
    for _ in range(6):
        site.world.clock.move(timedelta(days=9))
        assert browser.known
    site.world.clock.move(timedelta(days=7))
    assert not browser.known


def test_use_is_noted_at_most_every_five_minutes(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    browser.sign_in(olena.email)
    began = site.world.clock.now()

    def last_seen() -> object:
        with site.world.reading(olena.actor) as work:
            return sessions.see_sessions(work)[0].last_seen_at

    site.world.clock.move(4 * MINUTE)
    browser.get("/settings")
    assert last_seen() == began
    site.world.clock.move(MINUTE)
    browser.get("/settings")
    assert last_seen() == began + 5 * MINUTE


def test_the_cookie_is_closed_to_scripts_and_other_sites(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    cookie = browser.sign_in(olena.email).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "///evil.example",
        "http:evil.example",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(site: Site, target: str) -> None:
    olena, browser = site.person(), site.visitor()
    form = next(one for one in browser.forms("/sign-in") if one.action == "/sign-in")
    answer = browser.client.post(
        "/sign-in", data=form.values | {"email": olena.email, "password": PASSWORD, "next": target}
    )
    assert answer.status_code == 302
    assert not answer.location.startswith(("//", "/\\"))
    assert urlsplit(urljoin("http://localhost/sign-in", answer.location))[:2] == ("http", "localhost")


def test_one_is_sent_back_to_where_one_wanted_to_go(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    asked = browser.get("/settings/sessions")
    assert asked.status_code == 302
    answer = browser.fill(asked.location, {"email": olena.email, "password": PASSWORD}, action="/sign-in")
    assert answer.location == "/settings/sessions"


def test_a_password_typed_as_json_is_not_taken(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    token = next(one.values["csrf_token"] for one in browser.forms("/sign-in") if one.action == "/sign-in")
    answer = browser.client.post(
        "/sign-in", json={"email": olena.email, "password": PASSWORD}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 415
    assert not browser.known


def test_a_wish_to_be_remembered_sets_no_second_cookie(site: Site) -> None:
    olena, browser = site.person(), site.visitor()
    form = next(one for one in browser.forms("/sign-in") if one.action == "/sign-in")
    answer = browser.client.post(
        "/sign-in", data=form.values | {"email": olena.email, "password": PASSWORD, "remember": "y"}
    )
    assert [one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie")] == ["session"]


def test_the_owner_gets_one_letter_when_somebody_guesses(site: Site) -> None:
    olena = site.person()
    for _ in range(12):
        site.visitor().sign_in(olena.email, "a wrong one")
    ((to, subject, text),) = site.letters()
    assert to == olena.email
    assert subject.startswith("Somebody is trying")
    assert "quarter of an hour" in text


def test_over_tls_the_cookie_is_bound_to_this_host(tmp_path: Path) -> None:
    world = World(tmp_path, embedded_stack(tmp_path), base_url="https://cloud.example.org")
    site = Site(world)
    olena, browser = site.person(), site.visitor(base_url="https://cloud.example.org")
    cookie = browser.sign_in(olena.email).headers["Set-Cookie"]
    world.close()
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie or cookie.endswith("Path=/")
