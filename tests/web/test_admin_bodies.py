"""Administration of the directory, of letters and of the instance's settings."""

from __future__ import annotations

import io
import struct
import zlib

import pytest

from tests.web.keeper import Office
from tests.web.visitor import Site
from tests.world import SomeBody
from workspace.accounts.instance import instance, mark_demo
from workspace.bodies.queries import appointments_of, body, directory, officials
from workspace.cases.administration import unattended_bodies
from workspace.kernel.actors import COMMAND, Role
from workspace.mail.outbox import post

HEAD = "slug,name,kind,email,superior\n"
GOOD = (
    HEAD + "housing,Department of Housing,department,housing@city.example,council\n"
    "council,City Council,council,council@city.example,\n"
)
BROKEN = (
    HEAD + "Housing Dept,,palace,nowhere,\ncouncil,City Council,council,council@city.example,\n"
    "parks,Parks,department,parks@city.example,forest\n"
)


def bring(office: Office, kind: str, text: str) -> str:
    """Look at a file on the page."""
    path = f"/admin/bodies/table/{kind}"
    token = next(form.values["csrf_token"] for form in office.visitor.forms(path) if "csrf_token" in form.values)
    file = (io.BytesIO(text.encode()), "table.csv")
    answer = office.visitor.client.post(path, data={"csrf_token": token, "table": file})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def take(office: Office, kind: str, text: str) -> str:
    """Bring a file and agree to what it would do."""
    bring(office, kind, text)
    path = f"/admin/bodies/table/{kind}"
    values = {"text": text, "do": "take"}
    return office.send(path, kind, **values)


def slugs(site: Site) -> list[str]:
    with site.world.reading(COMMAND) as work:
        return sorted(one.slug for one in directory(work, closed=True))


def test_a_body_is_added_and_changed_and_every_mistake_is_named(office: Office) -> None:
    wrong = office.send("/admin/bodies/new", "/admin/bodies/new", name="", slug="Big Letters", email="nowhere")
    assert wrong.count("govuk-error-message") == 3
    office.send("/admin/bodies/new", "/new", name="Housing", slug="housing", email="h@city.example", kind="department")
    assert slugs(office.site) == ["housing"]
    twice = office.send("/admin/bodies/new", "/new", name="X", slug="housing", email="h@city.example", kind="court")
    assert "Another body has this short name" in twice
    text = office.send("/admin/body/housing/change", "/change", name="Housing and Heating", email="h@city.example")
    assert "Housing and Heating" in text


def test_a_closed_body_receives_no_more_until_it_is_opened_again(office: Office) -> None:
    found = office.site.world.make_body()
    assert "Close Department of Housing?" in office.text(f"/admin/body/{found.slug}/close")
    office.send(f"/admin/body/{found.slug}/close", "/close")
    with office.site.world.reading(COMMAND) as work:
        assert not body(work, found.slug).receives
    office.send(f"/admin/body/{found.slug}", "/reopen")
    with office.site.world.reading(COMMAND) as work:
        assert body(work, found.slug).receives


def test_an_office_is_added_and_taken_away_unless_somebody_worked_there(office: Office) -> None:
    found = office.site.world.make_body()
    page = f"/admin/body/{found.slug}"
    office.send(page, "/offices", name="Roofs and facades")
    assert "Roofs and facades" in office.text(page)
    office.send(page, "/remove")
    assert "Roofs and facades" not in office.text(page)
    assert "Something has to stand here" in office.send(page, "/offices", name=" ")


def appointed(office: Office, found: SomeBody) -> str:
    olena = office.site.person("Olena")
    text = office.send(f"/admin/body/{found.slug}", "/officials", email=olena.email, role="registrar", office="")
    assert "Appointed: Olena, registrar." in text
    return olena.id


def test_an_official_is_appointed_and_dismissed(office: Office) -> None:
    found = office.site.world.make_body()
    person_id = appointed(office, found)
    with office.site.world.reading(COMMAND) as work:
        assert [one.role for one in appointments_of(work, person_id)] == [Role.REGISTRAR]
        post_id = officials(work, found.id)[0].id
    page = f"/admin/body/{found.slug}/officials/{post_id}/dismiss"
    assert "Dismiss Olena?" in office.text(page)
    office.send(page, "/dismiss")
    with office.site.world.reading(COMMAND) as work:
        assert appointments_of(work, person_id) == frozenset()
    assert office.visitor.get(page).status_code == 404


def test_only_people_with_an_account_are_appointed(office: Office) -> None:
    found = office.site.world.make_body()
    text = office.send(f"/admin/body/{found.slug}", "/officials", email="nobody@example.org", role="head", office="")
    assert "Invite them first" in text


def test_a_broken_row_is_named_and_nothing_of_the_file_is_taken(office: Office) -> None:
    text = bring(office, "bodies", BROKEN)
    for sentence in (
        "Use small Latin letters",
        "Something has to stand here.",
        "There is no such kind.",
        "Write an address such as",
        "has this short name",
        "5 places to put right. Nothing was taken.",
    ):
        assert sentence in text, sentence
    assert 'name="do"' not in text
    assert slugs(office.site) == []


def test_a_good_file_is_looked_at_first_and_taken_when_asked(office: Office) -> None:
    assert "2 to add, 0 to change" in bring(office, "bodies", GOOD)
    assert slugs(office.site) == []
    assert "Taken: 2 added, 0 changed." in take(office, "bodies", GOOD)
    assert slugs(office.site) == ["council", "housing"]


def test_a_file_that_went_bad_between_looking_and_taking_is_not_taken(office: Office) -> None:
    assert "Nothing was taken" in take(office, "bodies", BROKEN)
    assert slugs(office.site) == []


def test_what_is_no_table_is_refused_with_a_sentence(office: Office) -> None:
    assert "The file is empty" in bring(office, "bodies", "\n")
    assert "Choose a CSV file" in office.send("/admin/bodies/table/bodies", "/bodies")
    assert office.visitor.get("/admin/bodies/table/people").status_code == 404


def test_a_table_goes_out_and_comes_back_unchanged(office: Office) -> None:
    take(office, "bodies", GOOD)
    answer = office.visitor.get("/admin/bodies/table/bodies.csv")
    assert answer.mimetype == "text/csv"
    assert "0 to add, 0 to change" in bring(office, "bodies", answer.get_data(as_text=True))


def test_officials_come_by_table_all_or_nobody(office: Office) -> None:
    take(office, "bodies", GOOD)
    olena = office.site.person("Olena")
    wrong = f"body,email,role\nhousing,{olena.email},registrar\nhousing,nobody@example.org,handler\n"
    assert "Nobody with an open account has this address" in bring(office, "officials", wrong)
    take(office, "officials", f"body,email,role\nhousing,{olena.email},registrar\n")
    with office.site.world.reading(COMMAND) as work:
        assert len(appointments_of(work, olena.id)) == 1


def test_a_body_where_nobody_works_needs_nobody_while_no_case_waits(office: Office) -> None:
    office.site.world.make_body()
    with office.site.world.reading(office.keeper.actor) as work:
        assert unattended_bodies(work) == []


@pytest.mark.parametrize("demo", [False, True])
def test_the_text_of_a_letter_is_read_in_a_demo_only(office: Office, demo: bool) -> None:
    with office.site.world.writing(COMMAND) as work:
        if demo:
            mark_demo(work)
        letter_id = post(work, recipient="o@example.org", subject="New password", body="open /reset/abc", language="en")
    assert "New password" in office.text("/admin/letters/")
    assert ("/reset/abc" in office.text(f"/admin/letters/{letter_id}")) is demo


def test_the_instance_gets_a_name_a_place_and_a_door(office: Office) -> None:
    office.send(
        "/admin/settings/",
        "/settings/",
        name="Простір Зеленогірська",
        place="Зеленогірськ",
        host="NGO Open City",
        phone="0 800 30 14 30",
        source_url="https://code.example.org/workspace",
        brand="224488",
        sign_up="nobody",
    )
    with office.site.world.reading(COMMAND) as work:
        here = instance(work)
    assert (here.name, here.brand, here.sign_up) == ("Простір Зеленогірська", "#224488", "nobody")
    page = office.site.visitor().get("/sign-in").get_data(as_text=True)
    assert "Простір Зеленогірська" in page
    assert "https://code.example.org/workspace" in page
    assert "#224488" in office.site.visitor().get("/instance.css").get_data(as_text=True)


@pytest.mark.parametrize("colour", ["#ffe000", "#767777", "red", "#12345", "javascript:alert(1)"])
def test_a_colour_that_people_cannot_read_on_is_refused_with_the_reason(office: Office, colour: str) -> None:
    text = office.send("/admin/settings/", "/settings/", brand=colour)
    assert "Error:" in text
    with office.site.world.reading(COMMAND) as work:
        assert instance(work).brand == "#0e4a45"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.org", "https://a b"])
def test_a_source_address_that_is_no_web_address_is_refused(office: Office, address: str) -> None:
    text = office.send("/admin/settings/", "/settings/", source_url=address)
    assert "begins with https://" in text
    with office.site.world.reading(COMMAND) as work:
        assert instance(work).source_url == ""


def png() -> bytes:
    """The smallest honest PNG: one dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def give_logo(office: Office, data: bytes) -> str:
    token = next(form.values["csrf_token"] for form in office.visitor.forms("/admin/settings/") if form.values)
    file = (io.BytesIO(data), "logo.png")
    sent = {"csrf_token": token, "logo": file}
    answer = office.visitor.client.post("/admin/settings/logo", data=sent, follow_redirects=True)
    return answer.get_data(as_text=True)


def test_a_logo_is_shown_to_everybody_and_can_be_taken_back(office: Office) -> None:
    assert "The logo is changed." in give_logo(office, png())
    answer = office.site.visitor().get("/instance/logo")
    assert answer.data == png()
    assert answer.mimetype == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    office.send("/admin/settings/", "/logo", do="remove")
    assert office.site.visitor().get("/instance/logo").status_code == 404


def test_a_drawing_that_could_carry_programs_is_no_logo(office: Office) -> None:
    assert "This is no PNG or JPEG" in give_logo(office, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert "at most 200 kB" in give_logo(office, png() + b"\0" * 300_000)
    assert office.site.visitor().get("/instance/logo").status_code == 404
