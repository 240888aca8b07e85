"""Settings: name, language, app passwords, devices."""

import pytest

from tests.web.visitor import Site, Visitor
from workspace.accounts.app_passwords import verify_app_password
from workspace.accounts.models import Person
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import WrongSecret
from workspace.web.devices import device_name

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"


@pytest.fixture
def olena(site: Site) -> Visitor:
    browser = site.visitor()
    browser.sign_in(site.person().email, headers={"User-Agent": FIREFOX})
    return browser


def secret_in(page: str) -> str:
    return page.partition('id="made" translate="no">')[2].partition("<")[0]


@pytest.mark.parametrize(
    "path", ["", "/name", "/language", "/app-passwords", "/sessions", "/password", "/address", "/two-step"]
)
def test_settings_are_for_who_has_signed_in(site: Site, path: str) -> None:
    answer = site.visitor().get(f"/settings{path}")
    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/sign-in")


def test_a_name_is_changed_and_an_empty_one_refused(olena: Visitor) -> None:
    assert "Write your name." in olena.fill("/settings/name", {"name": " "}).get_data(as_text=True)
    olena.fill("/settings/name", {"name": "Олена Гриценко"})
    assert "Олена Гриценко" in olena.get("/settings").get_data(as_text=True)


def test_the_chosen_language_is_that_of_pages_and_letters(site: Site, olena: Visitor) -> None:
    answer = olena.fill("/settings/language", {"language": "uk"})
    assert "Налаштування" in olena.get(answer.location).get_data(as_text=True)
    with site.world.reading(COMMAND) as work:
        assert work.session.query(Person.language).scalar() == "uk"


def test_an_app_password_is_shown_once_and_works_until_it_is_ended(site: Site, olena: Visitor) -> None:
    secret = secret_in(olena.fill("/settings/app-passwords", {"label": "Laptop"}).get_data(as_text=True))
    verify_app_password(site.world.runtime, secret)
    later = olena.get("/settings/app-passwords").get_data(as_text=True)
    assert "Laptop" in later
    assert secret not in later
    end = next(one for one in olena.forms("/settings/app-passwords") if one.action.endswith("/end"))
    assert olena.client.post(end.action, data=end.values).status_code == 302
    with pytest.raises(WrongSecret):
        verify_app_password(site.world.runtime, secret)
    assert olena.client.post(end.action, data=end.values).status_code == 404


def test_nobody_ends_what_belongs_to_others(site: Site, olena: Visitor) -> None:
    olena.fill("/settings/app-passwords", {"label": "Laptop"})
    petro = site.visitor()
    petro.sign_in(site.person("Petro").email)
    token = petro.forms("/settings/name")[-1].values["csrf_token"]
    ends = [one.action for one in olena.forms("/settings/app-passwords") if one.action.endswith("/end")]
    for action in [*ends, "/settings/sessions/01900000000000000000000000/end"]:
        assert petro.client.post(action, data={"csrf_token": token}).status_code == 404


def test_devices_are_named_and_ended_one_by_one_or_together(site: Site, olena: Visitor) -> None:
    with site.world.reading(COMMAND) as work:
        email = work.session.query(Person.email).scalar()
    others = [site.visitor() for _ in range(3)]
    for other in others:
        other.sign_in(email, headers={"User-Agent": IPHONE})
    page = olena.get("/settings/sessions").get_data(as_text=True)
    assert "Firefox, Linux" in page
    assert page.count("Safari, iPhone") >= 3
    forms = olena.forms("/settings/sessions")
    one = next(form for form in forms if form.action.endswith("/end"))
    olena.client.post(one.action, data=one.values)
    assert sum(other.known for other in others) == 2
    rest = next(form for form in forms if form.action.endswith("/end-others"))
    olena.client.post(rest.action, data=rest.values)
    assert not any(other.known for other in others)
    assert olena.known


@pytest.mark.parametrize(
    ("agent", "name", "phone"),
    [
        (FIREFOX, "Firefox, Linux", False),
        (IPHONE, "Safari, iPhone", True),
        (EDGE, "Edge, Windows", False),
        ("curl/8", "", False),
        ("", "", False),
        ("<script>alert(1)</script>", "", False),
    ],
)
def test_a_device_gets_a_name_that_people_know(agent: str, name: str, phone: bool) -> None:
    assert device_name(agent) == (name, phone)
