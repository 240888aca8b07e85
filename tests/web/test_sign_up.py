"""Opening a workspace: by oneself, and by an invitation."""

import pytest

from tests.web.visitor import PASSWORD, Site, Visitor
from workspace.accounts import service
from workspace.accounts.instance import SignUp, change_instance
from workspace.accounts.models import Person
from workspace.cloud.models import Space
from workspace.kernel.actors import COMMAND

NEW = {"name": "Petro Lysenko", "email": "Petro@Example.org", "password": PASSWORD}


def join(browser: Visitor, **changed: str) -> object:
    return browser.fill("/sign-up", NEW | changed, action="/sign-up")


def test_signing_up_takes_a_letter_and_one_press(either_site: Site) -> None:
    browser = either_site.visitor()
    answer = browser.fill("/sign-up", NEW, action="/sign-up")
    assert answer.location == "/sign-up/check-your-mail"
    assert "petro@example.org" in browser.get(answer.location).get_data(as_text=True)
    assert "Confirm your email address first" in browser.sign_in("petro@example.org").get_data(as_text=True)
    answer = browser.fill(either_site.link("/confirm-address/"), {})
    assert answer.location == "/sign-in"
    assert browser.sign_in("petro@example.org").status_code == 302
    assert browser.known
    with either_site.world.reading(COMMAND) as work:
        (person,) = work.session.query(Person)
        assert work.session.query(Space).filter_by(owner_id=person.id).count() == 1


def test_following_the_link_alone_changes_nothing(site: Site) -> None:
    join(site.visitor())
    assert site.visitor().get(site.link("/confirm-address/")).status_code == 200
    with site.world.reading(COMMAND) as work:
        assert work.session.query(Person.confirmed_at).scalar() is None


def test_a_link_works_once_and_only_whole(site: Site) -> None:
    join(site.visitor())
    link = site.link("/confirm-address/")
    browser = site.visitor()
    assert browser.fill(link[:-3], {}).location == "/confirm-address"
    assert "This link does not work" in browser.get("/confirm-address").get_data(as_text=True)
    assert browser.fill(link, {}).location == "/sign-in"
    browser.get("/sign-in")
    assert browser.fill(link, {}).location == "/confirm-address"
    assert "confirmed already" in browser.get("/confirm-address").get_data(as_text=True)


def test_who_has_an_account_gets_the_same_page_and_another_letter(site: Site) -> None:
    olena = site.person()
    known, unknown = site.visitor(), site.visitor()
    first = known.fill("/sign-up", NEW | {"email": olena.email}, action="/sign-up")
    second = unknown.fill("/sign-up", NEW, action="/sign-up")
    assert (first.status_code, first.location) == (second.status_code, second.location)
    page, other = (one.get(first.location).get_data(as_text=True) for one in (known, unknown))
    assert page.replace(olena.email, "*") == other.replace("petro@example.org", "*")
    subjects = {to: subject for to, subject, _text in site.letters()}
    assert subjects[olena.email].startswith("You have a workspace already")
    assert subjects["petro@example.org"].startswith("Confirm your email address")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": " "}, "Write your name."),
        ({"email": "nonsense"}, "Write an email address like"),
        ({"email": ""}, "Write your email address."),
        ({"password": "short"}, "at least 8 characters"),
        ({"password": "password"}, "Many people use this password"),
        ({"password": "petro@example.org"}, "Your name and your address are guessed first"),
        ({"password": ""}, "Write your password."),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_lost(site: Site, changed: dict[str, str], words: str) -> None:
    page = site.visitor().fill("/sign-up", NEW | changed, action="/sign-up").get_data(as_text=True)
    assert words in page
    assert "thing to put right" in page
    for name in {"name", "email"} - set(changed):
        assert f'value="{NEW[name] if name == "name" else "petro@example.org"}"' in page
    assert PASSWORD not in page


def test_rights_cannot_be_written_into_the_form(site: Site) -> None:
    browser = site.visitor()
    form = next(one for one in browser.forms("/sign-up") if one.action == "/sign-up")
    more = {"administrator": "1", "confirmed_at": "2026-01-01", "active": "y", "id": "1"}
    browser.client.post("/sign-up", data=form.values | NEW | more)
    with site.world.reading(COMMAND) as work:
        (person,) = work.session.query(Person)
        assert (person.administrator, person.confirmed_at) == (False, None)


@pytest.mark.parametrize(
    ("who", "words"), [(SignUp.INVITED, "You need an invitation"), (SignUp.NOBODY, "takes no new people")]
)
def test_where_the_host_wants_nobody_the_page_says_so(site: Site, who: SignUp, words: str) -> None:
    with site.world.writing(COMMAND) as work:
        change_instance(work, sign_up=who)
    browser = site.visitor()
    assert words in browser.get("/sign-up").get_data(as_text=True)
    assert "Open a workspace" not in browser.get("/sign-in").get_data(as_text=True)
    form = next(one for one in browser.forms("/sign-in") if one.action == "/sign-in")
    assert browser.client.post("/sign-up", data=form.values | NEW).status_code == 403
    with site.world.reading(COMMAND) as work:
        assert work.session.query(Person).count() == 0


def test_an_invitation_opens_a_workspace_without_another_letter(either_site: Site) -> None:
    with either_site.world.writing(COMMAND) as work:
        change_instance(work, sign_up=SignUp.NOBODY)
        invited = service.invite(work, "iryna@example.org")
    browser, path = either_site.visitor(), f"/invitation/{invited.token}"
    assert "iryna@example.org" in browser.get(path).get_data(as_text=True)
    refused = browser.fill(path, {"name": "Iryna", "password": "password"})
    assert "Many people use this password" in refused.get_data(as_text=True)
    assert browser.fill(path, {"name": "Iryna", "password": PASSWORD}).location == "/sign-in"
    assert browser.sign_in("iryna@example.org").status_code == 302
    assert "This invitation has ended" in either_site.visitor().get(path).get_data(as_text=True)


def test_a_new_letter_of_confirmation_can_be_asked_for(site: Site) -> None:
    join(site.visitor())
    answers = {}
    for email in ("petro@example.org", "nobody@example.org"):
        answers[email] = site.visitor().fill("/confirm-address", {"email": email}).get_data(as_text=True)
    assert answers["petro@example.org"].replace("petro@", "*") == answers["nobody@example.org"].replace("nobody@", "*")
    assert [to for to, _subject, _text in site.letters()] == ["petro@example.org"] * 2


def test_letters_speak_the_language_of_the_person(site: Site) -> None:
    site.visitor().get("/")
    browser = site.visitor()
    browser.get("/sign-up?lang=uk")
    join(browser)
    ((_to, subject, text),) = site.letters()
    assert subject.startswith("Підтвердьте")
    assert "Добрий день, Petro Lysenko!" in text


def test_asking_for_letters_is_limited(site: Site) -> None:
    answers = [site.visitor().fill("/confirm-address", {"email": "a@b.org"}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
