"""Pages of requests for files, from both sides, and by a secret link."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import pytest

from tests.web.files_site import FilesSite, Reader
from tests.world import World
from workspace.exchange import asked
from workspace.exchange.asked import RequestView


def words(page: str) -> str:
    text = re.sub(r"<[^>]+>", "", page.split("<main")[1].split("</main>")[0])
    return " ".join(unescape(text).replace("\u00a0", " ").split())


class Story:
    """Olena asks, Petro sends."""

    def __init__(self, world: World) -> None:
        self.world, self.site = world, FilesSite(world)
        self.olena, self.petro = self.site.reader("Olena"), self.site.reader("Petro")
        assert self.petro.someone is not None
        self.address = self.petro.someone.email

    def ask(self, **values: str) -> str:
        """Send the form; the id of the request."""
        given = {
            "title": "Subsidy",
            "documents": "Passport\nBill",
            "who": "person",
            "email": self.address,
            "text": "Please",
        }
        answer = self.olena.post("/requests/new", follow=False, **(given | values))
        assert answer.status_code == 303, words(answer.get_data(as_text=True))
        return answer.headers["Location"].rpartition("/")[2]

    def view(self, reader: Reader, request_id: str) -> RequestView:
        assert reader.someone is not None
        with self.world.reading(reader.someone.actor) as work:
            return asked.request(work, request_id)

    def send(self, reader: Reader, request_id: str, document_id: str, *files: tuple[str, bytes]) -> str:
        data = {"csrf_token": reader.token(), "files": [(BytesIO(content), name) for name, content in files]}
        path = f"/requests/{request_id}/documents/{document_id}"
        answer = reader.client.post(path, data=data, content_type="multipart/form-data", follow_redirects=True)
        return words(answer.get_data(as_text=True))


@pytest.fixture
def story(embedded_world: World) -> Story:
    return Story(embedded_world)


def test_asked_sent_refused_sent_again_and_accepted(story: Story) -> None:
    request_id = story.ask()
    path = f"/requests/{request_id}"
    page = words(story.petro.page(path))
    assert "Olena asks you for files." in page
    assert page.count("Missing") == 2
    passport = story.view(story.petro, request_id).documents[0].id
    assert "1 file was sent." in story.send(story.petro, request_id, passport, ("scan.pdf", b"blurred"))
    page = words(story.olena.page(path))
    assert "scan.pdf" in page
    assert "Received" in page
    sent = story.view(story.olena, request_id).documents[0].sent[0]
    unreasoned = story.olena.post(f"{path}/sent/{sent.id}", do="refuse", reason=" ")
    assert "Say why, so that they can send another one" in words(unreasoned.get_data(as_text=True))
    story.olena.post(f"{path}/sent/{sent.id}", do="refuse", reason="It cannot be read")
    assert "Refused: It cannot be read" in words(story.petro.page(path))
    story.send(story.petro, request_id, passport, ("scan.pdf", b"sharp"))
    again = story.view(story.olena, request_id).documents[0].sent[1]
    assert story.olena.get(f"/files/item/{again.item_id}/download").data == b"sharp"
    story.olena.post(f"{path}/sent/{again.id}", do="accept")
    assert "Accepted" in words(story.petro.page(path))
    assert "Received: " not in words(story.olena.page("/requests"))
    assert story.petro.post(f"{path}/close").status_code == 403
    story.olena.post(f"{path}/close")
    assert "This request is closed" in words(story.petro.page(path))
    late = story.petro.post(f"{path}/documents/{passport}")
    assert late.status_code in (410, 422)


def test_class_5_no_page_tells_the_sender_which_names_exist(story: Story) -> None:
    request_id = story.ask()
    passport = story.view(story.petro, request_id).documents[0].id
    first = story.send(story.petro, request_id, passport, ("scan.pdf", b"first"))
    folder = story.view(story.olena, request_id).folder_id
    assert story.olena.someone is not None
    story.world.upload(story.olena.someone.actor, str(folder), "secret plan.pdf", b"secret")
    second = story.send(story.petro, request_id, passport, ("secret plan.pdf", b"guess"))
    assert first.partition("1 file was sent.")[1] == second.partition("1 file was sent.")[1] != ""
    assert "(2)" not in second
    item = story.view(story.olena, request_id).documents[0].sent[0].item_id
    unknown = "0" * 26
    for way in (
        "/files/{}",
        "/files/item/{}",
        "/files/item/{}/download",
        "/files/item/{}/preview",
        "/files/zip?item={}",
    ):
        for one in (str(folder), str(item)):
            there, nothing = story.petro.get(way.format(one)), story.petro.get(way.format(unknown))
            assert (there.status_code, len(there.data)) == (nothing.status_code, len(nothing.data)), way
    assert "secret plan" not in words(story.petro.page("/shared?tab=with-me"))


def test_a_link_takes_files_from_people_without_an_account(story: Story) -> None:
    page = story.olena.post("/requests/new", title="Subsidy", documents="Passport", who="link").get_data(as_text=True)
    found = re.search(r"<code>https?://[^/]+(/l/[^<]+)</code>", page)
    assert found is not None
    request_id = re.findall(r"/requests/([0-9a-z]{26})/close", page)[0]
    visitors = [story.site.anybody() for _ in range(2)]
    document = story.view(story.olena, request_id).documents[0].id
    for number, visitor in enumerate(visitors):
        visitor.client.set_cookie("lang", "en")
        answer = visitor.get(found[1])
        assert answer.headers["Location"] == f"/requests/{request_id}"
        text = story.send(visitor, request_id, document, (f"mine {number}.pdf", b"mine"))
        assert "1 file was sent." in text
        assert f"mine {number}.pdf" in text
        assert f"mine {1 - number}.pdf" not in text
    assert story.petro.get(f"/requests/{request_id}").status_code == 404
    assert story.site.anybody().get(f"/requests/{request_id}").status_code == 302
    page = words(story.olena.page(f"/requests/{request_id}"))
    assert "mine 0.pdf" in page
    assert "mine 1.pdf" in page


def test_the_form_says_what_is_missing_and_keeps_what_was_written(story: Story) -> None:
    answer = story.olena.post("/requests/new", title="", documents="Passport", who="person", email="nobody")
    page = answer.get_data(as_text=True)
    assert "Write a short name" in page
    assert ">\nPassport</textarea>" in page or "Passport</textarea>" in page
    answer = story.olena.post("/requests/new", title="Subsidy", documents=" ", who="person", email=story.address)
    assert "Name at least one document" in answer.get_data(as_text=True)
    answer = story.olena.post("/requests/new", title="Subsidy", documents="x", who="person", email="nobody")
    assert "Write a full e-mail address" in answer.get_data(as_text=True)


def test_both_lists_are_empty_at_first_and_say_what_belongs_there(story: Story) -> None:
    assert "You ask for nothing now" in story.olena.page("/requests")
    assert "Nobody asks you for anything now" in story.olena.page("/requests?tab=of-me")
    request_id = story.ask()
    assert "Subsidy" in words(story.olena.page("/requests"))
    page = story.petro.page("/requests?tab=of-me")
    assert f"/requests/{request_id}" in page
    assert "Missing: 2" in words(page)
