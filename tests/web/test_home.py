"""The first page, for everybody who may come to it; search; the pages of the footer."""

from __future__ import annotations

import pytest

from tests.web.keeper import Office
from tests.web.visitor import Site, Visitor
from tests.world import SomeBody, Someone
from workspace.accounts.instance import change_instance
from workspace.cases import office as desk
from workspace.cases import service
from workspace.kernel.actors import COMMAND, Role


@pytest.fixture
def olena(site: Site) -> Someone:
    return site.person("Olena Hrytsenko")


@pytest.fixture
def hers(site: Site, olena: Someone) -> Visitor:
    visitor = site.visitor()
    visitor.sign_in(olena.email)
    return visitor


def text_of(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def delivered_case(site: Site, olena: Someone, title: str = "Burst riser pipe") -> tuple[str, SomeBody]:
    """A case that Olena has delivered, and its body."""
    body = site.world.make_body("Department of Housing")
    with site.world.writing(olena.actor) as work:
        case_id = service.open_case(work, title=title, body_id=body.id, story="Water comes through the ceiling.").id
    with site.world.writing(olena.actor) as work:
        service.deliver(work, case_id)
    return case_id, body


def test_a_stranger_reads_what_this_is_and_finds_the_way_in(site: Site) -> None:
    text = text_of(site.visitor(), "/?lang=en")
    assert "Sign in" in text
    assert "Open a workspace" in text
    assert 'href="/sign-in"' in text


@pytest.mark.parametrize("door", ["invited", "nobody"])
def test_a_stranger_is_not_offered_an_account_where_the_host_gives_none(site: Site, door: str) -> None:
    with site.world.writing(COMMAND) as work:
        change_instance(work, sign_up=door)
    assert "Open a workspace" not in text_of(site.visitor(), "/?lang=en")


def test_somebody_new_is_shown_the_first_three_steps(hers: Visitor) -> None:
    text = text_of(hers, "/")
    assert "Welcome, Olena" in text
    for step in ("Put your papers in", "Write to a government body", "See who opened what"):
        assert step in text


def test_the_first_page_shows_cases_files_and_room(site: Site, olena: Someone, hers: Visitor) -> None:
    site.world.upload(olena.actor, olena.root_id, "act_of_inspection.pdf", b"%PDF-1.7 " * 300)
    delivered_case(site, olena)
    text = text_of(hers, "/")
    assert "Nothing needs you now, Olena" in text
    assert "Burst riser pipe" in text
    assert "act_<wbr>of_<wbr>inspection" in text
    assert "2.7\u00a0kB of" in text


def test_a_question_of_a_body_is_the_first_thing_that_needs_me(site: Site, olena: Someone, hers: Visitor) -> None:
    case_id, body = delivered_case(site, olena)
    official = site.world.appoint(site.world.make_person("Iryna"), body, Role.HEAD)
    with site.world.writing(official) as work:
        desk.register(work, case_id)
    with site.world.writing(official) as work:
        desk.ask(work, case_id, "At what time did it begin?")
    text = text_of(hers, "/")
    assert "One thing needs you, Olena" in text
    assert "“At what time did it begin?”" in text
    assert "Department of Housing asks" in text


def test_an_official_who_arrives_goes_to_the_inbox_and_finds_the_own_room_by_the_menu(site: Site) -> None:
    iryna = site.person("Iryna")
    body = site.world.make_body()
    site.world.appoint(iryna, body, Role.REGISTRAR)
    visitor = site.visitor()
    visitor.sign_in(iryna.email)
    assert visitor.get("/").headers["Location"].startswith(f"/office/{body.slug}")
    assert "Welcome" in text_of(visitor, "/")


def test_search_finds_my_files_and_cases_and_nobody_elses(site: Site, olena: Someone, hers: Visitor) -> None:
    site.world.upload(olena.actor, olena.root_id, "Riser photo.jpg", b"x" * 300)
    delivered_case(site, olena, "Burst riser pipe")
    other = site.world.make_person("Taras")
    site.world.upload(other.actor, other.root_id, "riser of somebody else.jpg", b"x" * 300)
    text = text_of(hers, "/search?q=RISER")
    assert "Riser photo.<wbr>jpg" in text
    assert "Burst riser pipe" in text
    assert "somebody" not in text
    assert "Nothing is called so" in text_of(hers, "/search?q=zebra")
    assert text_of(hers, "/search").count("<h1") == 1


def test_search_asks_a_stranger_to_sign_in(site: Site) -> None:
    assert "/sign-in" in site.visitor().get("/search?q=x").headers["Location"]


def test_what_is_sought_is_never_part_of_the_page_itself(hers: Visitor) -> None:
    assert "<script>alert(1)" not in text_of(hers, "/search?q=<script>alert(1)</script>")


@pytest.mark.parametrize("page", ["help", "programs", "accessibility", "privacy", "source"])
@pytest.mark.parametrize("language", ["en", "uk"])
def test_the_pages_of_the_footer_speak_both_languages(site: Site, page: str, language: str) -> None:
    text = text_of(site.visitor(), f"/about/{page}?lang={language}")
    assert text.count("<h1") == 1
    assert f'<html lang="{language}"' in text


def test_the_guide_tells_the_limits_of_this_very_instance(office: Office) -> None:
    office.send("/admin/settings/", "/settings/", sign_up="invited", phone="0 800 30 14 30")
    text = text_of(office.site.visitor(), "/about/help?lang=en")
    assert "by invitation" in text
    assert "0 800 30 14 30" in text
    assert "within 20" in text
