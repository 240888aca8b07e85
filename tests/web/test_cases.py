"""The pages of a case, as citizen and as official, without a browser: each step, each mistake, each closed door."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.web.files_site import FilesSite, Reader
from tests.world import SomeBody, World
from workspace.cases.models import Case
from workspace.cloud.things import locate_item
from workspace.kernel.actors import Principal, Role, SubjectKind
from workspace.sharing import service
from workspace.sharing.rule import Level


@dataclass
class Place:
    """A body with its people, and a citizen."""

    site: FilesSite
    body: SomeBody
    olena: Reader
    iryna: Reader
    andrii: Reader

    @property
    def room(self) -> str:
        return f"/office/{self.body.slug}"

    def case_id(self) -> str:
        with self.site.world.reading(self.olena.someone.actor) as work:  # type: ignore[union-attr]
            return str(work.session.query(Case.id).order_by(Case.id.desc()).first()[0])  # type: ignore[index]

    def written(self) -> str:
        """A case with a letter, a file and a body."""
        self.olena.post("/cases/new", title="Burst riser", story="The riser burst.\n\nMend it.", kind="appeal")
        case_id = self.case_id()
        self.olena.send(f"/cases/{case_id}/files", ("riser.jpg", b"a photo"))
        self.olena.post(f"/cases/{case_id}/body", body=self.body.id)
        return case_id

    def delivered(self) -> str:
        case_id = self.written()
        self.olena.post(f"/cases/{case_id}/deliver", sure="1")
        return case_id

    def registered(self) -> str:
        case_id = self.delivered()
        self.iryna.post(f"{self.room}/cases/{case_id}/register")
        return case_id

    def answered(self) -> str:
        case_id = self.registered()
        self.andrii.post(f"{self.room}/cases/{case_id}/answer", outcome="partly", text="It will be mended.", do="check")
        self.andrii.post(f"{self.room}/cases/{case_id}/answer/deliver", sure="1")
        return case_id


@pytest.fixture
def place(embedded_world: World) -> Place:
    site = FilesSite(embedded_world)
    body = embedded_world.make_body()
    iryna, andrii = site.reader("Iryna Bondar"), site.reader("Andrii Shevchuk")
    embedded_world.appoint(iryna.someone, body, Role.REGISTRAR)  # type: ignore[arg-type]
    embedded_world.appoint(andrii.someone, body, Role.HANDLER)  # type: ignore[arg-type]
    return Place(site, body, site.reader("Olena Hrytsenko"), iryna, andrii)


def test_a_case_is_written_in_steps_and_each_can_be_left(place: Place) -> None:
    olena = place.olena
    assert "No cases yet" in olena.page("/cases/")
    case_id = place.written()
    draft = olena.page(f"/cases/{case_id}")
    assert "Check everything and deliver" in draft
    assert "Only you" in draft
    check = olena.page(f"/cases/{case_id}/deliver")
    assert "riser.jpg" in check
    assert "By 30 March" in check
    assert "Mend it." in check


def test_what_is_missing_is_named_beside_its_field_and_nothing_typed_is_lost(place: Place) -> None:
    answer = place.olena.post("/cases/new", title=" ", story="My long letter", kind="appeal")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "My long letter" in text
    assert 'href="#title"' in text
    assert "Error:" in text
    case_id = place.written()
    refused = place.olena.post(f"/cases/{case_id}/deliver")
    assert refused.status_code == 422
    assert 'href="#sure"' in refused.get_data(as_text=True)
    assert "Choose the body" in place.olena.post(f"/cases/{case_id}/body").get_data(as_text=True)
    assert "Choose at least one file" in place.olena.send(f"/cases/{case_id}/files").get_data(as_text=True)


def test_delivering_gives_a_receipt_to_keep_and_twice_the_same(place: Place) -> None:
    case_id = place.written()
    first = place.olena.post(f"/cases/{case_id}/deliver", follow=False, sure="1").location
    again = place.olena.post(f"/cases/{case_id}/deliver", follow=False, sure="1").location
    assert first == again
    path = first.partition("?")[0]
    page = place.olena.page(path)
    number = re.search(r"CW-2026-03-02-\d{6}", page)
    assert number is not None
    assert place.olena.get(f"{path}.pdf").data.startswith(b"%PDF-")
    kept = place.olena.get(f"{path}.json")
    assert (kept.json or {})["receipt"]["number"] == number[0]
    assert number[0] in kept.headers["Content-Disposition"]


def test_an_official_registers_assigns_asks_and_the_citizen_replies_with_a_file(place: Place) -> None:
    case_id = place.delivered()
    inbox = place.iryna.page(f"{place.room}/?tab=new")
    assert "Burst riser" in inbox
    desk = f"{place.room}/cases/{case_id}"
    assert "01/1-26" in place.iryna.post(f"{desk}/register").get_data(as_text=True)
    andrii = place.andrii.someone
    assert andrii is not None
    place.iryna.post(f"{desk}/assign", handler=andrii.id)
    assert "Write a text" in place.andrii.post(f"{desk}/ask", question=" ").get_data(as_text=True)
    place.andrii.post(f"{desk}/ask", question="Where is the valve?")
    assert "Where is the valve?" in place.olena.page(f"/cases/{case_id}")
    refused = place.olena.post(f"/cases/{case_id}/reply", text=" ").get_data(as_text=True)
    assert "Write a text" in refused
    sent = place.olena.send(f"/cases/{case_id}/reply", ("valve.jpg", b"the valve"))
    assert "Reply delivered" in sent.get_data(as_text=True)
    assert "valve.jpg" in place.andrii.page(desk).replace("<wbr>", "")


def test_the_answer_is_drafted_checked_delivered_accepted_and_closed(place: Place) -> None:
    case_id = place.registered()
    desk = f"{place.room}/cases/{case_id}"
    empty = place.andrii.post(f"{desk}/answer", outcome="", text="", do="check").get_data(as_text=True)
    assert 'href="#outcome"' in empty
    place.andrii.send(f"{desk}/answer", ("plan.pdf", b"%PDF- plan"))
    place.andrii.post(f"{desk}/answer", outcome="granted", text="It will be mended.", do="save")
    assert "It will be mended." not in place.olena.page(f"/cases/{case_id}")
    check = place.andrii.page(f"{desk}/answer").replace("<wbr>", "")
    assert "plan.pdf" in check
    assert place.andrii.post(f"{desk}/answer/deliver").status_code == 422
    place.andrii.post(f"{desk}/answer/deliver", sure="1")
    again = place.andrii.post(f"{desk}/answer/deliver", sure="1").get_data(as_text=True)
    assert "answered already" in again
    page = place.olena.page(f"/cases/{case_id}")
    document = re.search(r'/cases/documents/\w+(?=">plan)|/cases/documents/\w+(?="><bdi>plan)', page)
    assert document is not None
    assert place.olena.get(document[0]).data == b"%PDF- plan"
    assert place.olena.post(f"{document[0]}/save").status_code == 200
    place.olena.post(f"/cases/{case_id}/accept")
    assert "This case is finished" in place.olena.page(f"/cases/{case_id}")
    place.andrii.post(f"{desk}/close")
    assert "Burst riser" in place.andrii.page(f"{place.room}/?tab=closed")


def test_a_contested_answer_asks_for_a_reason_and_goes_back(place: Place) -> None:
    case_id = place.answered()
    assert place.olena.post(f"/cases/{case_id}/contest", reason=" ").status_code == 422
    place.olena.post(f"/cases/{case_id}/contest", reason="It still leaks.")
    assert "It still leaks." in place.andrii.page(f"{place.room}/cases/{case_id}")


def test_many_letters_are_registered_and_assigned_at_once(place: Place) -> None:
    ids = [place.delivered(), place.delivered()]
    assert "Tick at least one" in place.iryna.post(f"{place.room}/letters", do="register").get_data(as_text=True)
    answer = place.iryna.post(f"{place.room}/letters", do="register", letter=ids)
    assert "2 letters registered" in answer.get_data(as_text=True)
    assert place.andrii.someone is not None
    answer = place.iryna.post(f"{place.room}/letters", do="assign", letter=ids, handler=place.andrii.someone.id)
    assert "2 letters assigned" in answer.get_data(as_text=True)
    assert "Burst riser" in place.andrii.page(f"{place.room}/mine")


def test_the_citizen_sees_who_opened_and_never_the_notes(place: Place) -> None:
    case_id = place.registered()
    place.andrii.post(f"{place.room}/cases/{case_id}/note", note="between ourselves")
    assert "between ourselves" in place.iryna.page(f"{place.room}/cases/{case_id}")
    assert "between ourselves" not in place.olena.page(f"/cases/{case_id}")


def test_closed_doors_look_like_no_doors(place: Place) -> None:
    case_id = place.answered()
    other = place.site.world.make_body("Transport")
    stranger = place.site.reader("Taras")
    place.site.world.appoint(stranger.someone, other, Role.HEAD)  # type: ignore[arg-type]
    page = place.olena.page(f"/cases/{case_id}")
    receipt = re.search(r"/cases/receipts/\w+", page)
    document = re.search(r"/cases/documents/\w+", page)
    assert receipt is not None
    assert document is not None
    admin = place.site.reader("Admin", administrator=True)
    inside = [f"/cases/{case_id}{rest}" for rest in ("", "/letter", "/files", "/body", "/deliver", "/reply", "/days")]
    rooms = [place.room + "/", f"{place.room}/mine", f"{place.room}/cases/{case_id}", f"{place.room}/shared"]
    for reader in (stranger, place.site.reader("Petro"), admin):
        for path in [*inside, *rooms, receipt[0], f"{receipt[0]}.pdf", f"{receipt[0]}.json", document[0]]:
            assert reader.get(path).status_code == 404, path
    assert stranger.get(f"/office/{other.slug}/cases/{case_id}").status_code == 404
    assert place.olena.get(f"{place.room}/").status_code == 404
    assert place.site.anybody().get(f"/cases/{case_id}").status_code == 302


def test_an_official_who_comes_by_the_citizens_address_is_led_to_the_desk(place: Place) -> None:
    case_id = place.delivered()
    assert place.andrii.get(f"/cases/{case_id}").location == f"{place.room}/cases/{case_id}"


def test_who_ends_an_access_is_told_which_delivered_copies_stay_and_the_body_keeps_them(place: Place) -> None:
    case_id = place.delivered()
    world, olena = place.site.world, place.olena.someone
    assert olena is not None
    with world.reading(olena.actor) as work:
        folder = work.session.query(Case).filter_by(id=case_id).one().folder_id
    with world.writing(olena.actor) as work:
        body = Principal(SubjectKind.BODY, place.body.id)
        given = service.grant(work, locate_item(work, folder)[1], body, Level.VIEW).id
    desk = place.iryna.page(f"{place.room}/shared")
    assert "each look is written down where its owner sees it" in desk
    assert "What you open is written down, and the owner sees it." in place.iryna.page(f"/files/{folder}")
    asked = place.olena.page(f"/files/{folder}/share/{given}/end")
    assert "What they keep, because you delivered it" in asked
    assert re.search(r"riser\.jpg</bdi>, delivered on [^<]+: <a[^>]+>Burst riser", asked)
    ended = place.olena.post(f"/files/{folder}/share/{given}/end").get_data(as_text=True)
    assert "What you delivered stays with them: " in ended
    assert place.iryna.get(f"/files/{folder}").status_code == 410
    kept = place.iryna.page(f"{place.room}/cases/{case_id}").replace("<wbr>", "")
    documents = re.findall(r"/cases/documents/\w+", kept)
    assert b"a photo" in [place.iryna.get(one).data for one in documents]


def test_files_of_ones_own_are_put_in_and_taken_out(place: Place) -> None:
    case_id = place.written()
    olena = place.olena.someone
    assert olena is not None
    other = place.site.world.upload(olena.actor, olena.root_id, "protocol.pdf", b"minutes").item.id
    assert "protocol.pdf" in place.olena.page(f"/cases/{case_id}/files")
    place.olena.post(f"/cases/{case_id}/files/put-in", item=other)
    page = place.olena.page(f"/cases/{case_id}/deliver")
    assert "protocol.pdf" in page
    found = re.findall(rf"/cases/{case_id}/files/(\w+)/remove", page)
    assert len(found) == 2
    for item in found:
        place.olena.post(f"/cases/{case_id}/files/{item}/remove", back="check")
    assert "protocol.pdf" not in place.olena.page(f"/cases/{case_id}/deliver")


def test_every_day_of_the_deadline_is_shown_with_its_reason(place: Place) -> None:
    case_id = place.delivered()
    page = place.olena.page(f"/cases/{case_id}/days")
    assert page.count("Weekend") == 8
    assert "Last day" in page


def test_the_directory_is_open_to_everybody(place: Place) -> None:
    reader = place.site.anybody()
    assert place.body.name in reader.page("/bodies/")
    assert "Andrii Shevchuk" in reader.page(f"/bodies/{place.body.slug}")
    assert "No body found" in reader.page("/bodies/?q=atlantis&lang=en")
    assert place.body.name in place.olena.page(f"/cases/new?body={place.body.slug}")
