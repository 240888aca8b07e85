"""Pages of sharing: terms, change, end with what stays, everything at a glance, many at once and back, addresses."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from tests.web.files_site import FilesSite
from tests.world import World
from workspace.bodies.models import Office
from workspace.cloud.queries import versions
from workspace.cloud.things import locate_item
from workspace.kernel.actors import Appointment, Principal, SubjectKind
from workspace.kernel.errors import NotFound
from workspace.kernel.ids import new_id
from workspace.sharing import links, service
from workspace.sharing.models import Grant
from workspace.sharing.rule import Level

STRANGER = "nobody.here@example.org"


class Story:
    """Olena with a folder and a file in it; Petro, who has an account, too."""

    def __init__(self, world: World) -> None:
        self.site = FilesSite(world)
        self.world = world
        self.olena, self.petro = self.site.reader("Olena"), self.site.reader("Petro")
        assert self.olena.someone is not None
        assert self.petro.someone is not None
        self.owner, self.guest = self.olena.someone, self.petro.someone
        self.folder = world.folder(self.owner.actor, self.owner.root_id, "Riser")
        self.file = world.upload(self.owner.actor, self.folder, "act.txt", b"act").item.id

    def give(self, item_id: str, level: Level = Level.VIEW, **terms: object) -> str:
        with self.world.writing(self.owner.actor) as work:
            subject = Principal(SubjectKind.PERSON, self.guest.id)
            return service.grant(work, locate_item(work, item_id)[1], subject, level, **terms).id  # type: ignore[arg-type]

    def share(self, item_id: str, **values: str) -> str:
        """Send the form; the page that follows, in words."""
        sent = {"who": "person", "email": self.guest.email, "level": "view", "do": "share"} | values
        answer = self.olena.post(f"/files/{item_id}/share", **sent)
        return words(answer.get_data(as_text=True))

    def grants(self) -> list[Grant]:
        with self.world.reading(self.owner.actor) as work:
            return list(work.session.query(Grant).order_by(Grant.id))


def words(page: str) -> str:
    text = re.sub(r"<[^>]+>", "", page.split("<main")[1].split("</main>")[0])
    return " ".join(unescape(text).replace("\u00a0", " ").split())


@pytest.fixture
def story(embedded_world: World) -> Story:
    return Story(embedded_world)


def test_terms_are_written_once_and_shown_at_every_access(story: Story) -> None:
    story.share(
        story.folder, purpose="To plan the repair", legal_basis="Article 19 of the law on appeals", downloads="2",
        **{"until-day": "30", "until-month": "6", "until-year": "2026"},
    )  # fmt: skip
    for path in (f"/files/{story.folder}", f"/files/item/{story.file}"):
        page = words(story.petro.page(path))
        assert "What for: To plan the repair" in page
        assert "Legal basis: Article 19 of the law on appeals" in page
        assert "2 downloads are left." in page
        assert "Open until 30 June 2026." in page
    story.petro.get(f"/files/item/{story.file}/download")
    assert "1 download is left." in words(story.petro.page(f"/files/item/{story.file}"))
    assert "1 download left" in words(story.olena.page(f"/files/{story.folder}/share"))


def test_when_all_downloads_are_used_the_page_says_that_access_has_ended(story: Story) -> None:
    story.give(story.file, downloads=1)
    other = story.world.upload(story.owner.actor, story.folder, "act.txt", b"newer")
    assert other.replaced
    assert story.petro.get(f"/files/item/{story.file}/download").status_code == 200
    old = story.petro.get(f"/files/item/{story.file}/download?version={_first_version(story)}")
    assert old.status_code == 410
    assert "This access has ended" in words(old.get_data(as_text=True))


def test_view_only_offers_and_gives_no_bytes(story: Story) -> None:
    story.give(story.folder, Level.LOOK)
    page = story.petro.page(f"/files/item/{story.file}")
    assert "You may look at it here, but not download it." in page
    assert "/download" not in page
    assert "Copy to my files" not in page
    for path in (
        f"/files/item/{story.file}/download",
        f"/files/item/{story.file}/play",
        f"/files/zip?item={story.folder}",
        f"/files/copy?item={story.file}",
    ):
        assert story.petro.get(path).status_code == 403, path


def test_an_access_is_extended_narrowed_and_ended(story: Story) -> None:
    given = story.give(story.folder, Level.EDIT, purpose="To help")
    path = f"/files/{story.folder}/share/{given}"
    assert 'value="To help"' in story.olena.page(path)
    narrowed = {"level": "look", "purpose": "To see", "until-day": "5", "until-month": "3", "until-year": "2026"}
    story.olena.post(path, do="save", **narrowed)
    assert "View only, until 5 March 2026. To see" in words(story.olena.page(f"/files/{story.folder}/share"))
    assert story.petro.get(f"/files/item/{story.file}/download").status_code == 403
    past = narrowed | {"until-year": "2020"}
    assert "Choose a day that is still to come" in words(
        story.olena.post(path, do="save", **past).get_data(as_text=True)
    )
    page = words(story.olena.page(f"{path}/end"))
    assert "Copies that they have already downloaded cannot be called back." in page
    assert "Ended." in words(story.olena.post(f"{path}/end").get_data(as_text=True))
    assert story.petro.get(f"/files/item/{story.file}").status_code == 410
    story.olena.post(f"{path}/again")
    assert story.petro.get(f"/files/item/{story.file}").status_code == 200


def test_class_14_whoever_shares_by_address_is_not_told_who_has_an_account(story: Story) -> None:
    known = story.share(story.folder).replace(story.guest.email, "X")
    unknown = story.share(story.file, email=STRANGER).replace(STRANGER, "X")
    assert known.count("Shared with X.") == unknown.count("Shared with X.") == 1
    for page in ("/shared", "/files", f"/files/{story.folder}", f"/files/item/{story.file}"):
        text = words(story.olena.page(page))
        assert "Petro" not in text, page
        assert "Somebody who is no longer here" not in text, page
    first, second = story.grants()
    assert (first.addressed_to, second.addressed_to) == (story.guest.email, STRANGER)


def test_a_bad_address_and_ones_own_are_said_at_the_field(story: Story) -> None:
    assert "Write a full e-mail address" in story.share(story.folder, email="petro")
    assert "This is your own address" in story.share(story.folder, email=story.owner.email)


def test_everything_shared_by_end_by_person_and_by_item(story: Story) -> None:
    story.share(story.folder)
    story.share(story.file, email=STRANGER, **{"until-day": "9", "until-month": "3", "until-year": "2026"})
    page = words(story.olena.page("/shared"))
    assert page.index(STRANGER) < page.index(story.guest.email)
    by_who = story.olena.page("/shared?by=who")
    assert re.findall(r'<caption class="cw-caption">([^<]+)', by_who) == [STRANGER, story.guest.email]
    by_what = story.olena.page("/shared?by=what")
    assert re.findall(r'<caption class="cw-caption">([^<]+)', by_what) == ["act.txt", "Riser"]


def test_many_are_ended_at_once_and_opened_again(story: Story) -> None:
    ids = [story.give(story.folder), story.give(story.file, Level.COMMENT)]
    page = words(story.olena.post("/shared/end", grant=ids).get_data(as_text=True))
    assert "What you ended together just now can be opened again as it was." in page
    assert story.petro.get(f"/files/item/{story.file}").status_code == 410
    assert "Undo" not in words(story.olena.post("/shared/again").get_data(as_text=True))
    assert story.petro.get(f"/files/item/{story.file}/download").data == b"act"
    assert len([one for one in story.grants() if one.revoked_at is None]) == 2
    assert story.petro.post("/shared/end", grant=[story.grants()[-1].id]).status_code == 403


def test_an_office_of_a_body_is_let_in_and_the_rest_of_it_is_not(story: Story) -> None:
    body = story.world.make_body("Housing")
    with story.world.writing(story.owner.actor) as work:
        office = Office(id=new_id(), body_id=body.id, name="Registry")
        work.session.add(office)
        office_id = office.id
    assert "Housing: Registry" in story.olena.page(f"/files/{story.folder}/share")
    assert "Shared with Registry." in story.share(story.folder, who="body", body=f"office:{office_id}")
    role = Appointment(body.id, "registrar")  # type: ignore[arg-type]
    inside = Appointment(body.id, "registrar", office_id)  # type: ignore[arg-type]
    assert story.world.content(replace(story.guest.actor, appointments=frozenset({inside})), story.file) == b"act"
    with pytest.raises(NotFound):
        story.world.content(replace(story.guest.actor, appointments=frozenset({role})), story.file)
    assert "Choose a body" in story.share(story.file, who="body", body="office:nothing")


def test_class_4_another_link_password_ends_what_the_former_one_opened(story: Story) -> None:
    with story.world.writing(story.owner.actor) as work:
        given, token = links.make_link(work, locate_item(work, story.folder)[1], Level.VIEW, password="the first one")
        given_id = given.id
    visitor = story.site.anybody()
    visitor.client.set_cookie("lang", "en")
    assert visitor.post(f"/l/{token}", follow=False, password="the first one").status_code == 303
    assert visitor.get(f"/files/item/{story.file}/download").data == b"act"
    path = f"/files/{story.folder}/share/{given_id}"
    assert "at least 8" in words(story.olena.post(path, do="password", password="short").get_data(as_text=True))
    assert visitor.get(f"/files/item/{story.file}/download").status_code == 200
    story.olena.post(path, do="password", password="the second one")
    assert visitor.get(f"/files/item/{story.file}/download").status_code == 302
    assert visitor.post(f"/l/{token}", follow=False, password="the second one").status_code == 303
    assert visitor.get(f"/files/item/{story.file}/download").data == b"act"


def test_a_link_for_the_signed_in_sends_others_to_sign_in_first(story: Story) -> None:
    with story.world.writing(story.owner.actor) as work:
        _given, token = links.make_link(work, locate_item(work, story.folder)[1], Level.VIEW, sign_in=True)
    visitor = story.site.anybody()
    assert visitor.get(f"/l/{token}").status_code == 303
    answer = visitor.get(f"/files/{story.folder}")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]
    assert story.petro.get(f"/l/{token}").status_code == 303
    assert story.petro.get(f"/files/item/{story.file}/download").data == b"act"


def test_class_18_entering_a_link_and_signing_in_keeps_no_cookie_value(story: Story) -> None:
    visitor = story.site.link(story.olena, story.folder, Level.VIEW)
    before = visitor.client.get_cookie("session")
    answer = visitor.post("/sign-in", follow=False, email=story.guest.email, password="seven swans swim south")
    assert answer.status_code in (302, 303)
    after = visitor.client.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert visitor.get(f"/files/item/{story.file}/download").status_code == 200


def test_class_16_a_links_token_stands_in_no_page_after_it_was_exchanged(story: Story) -> None:
    with story.world.writing(story.owner.actor) as work:
        _given, token = links.make_link(work, locate_item(work, story.folder)[1], Level.VIEW)
    visitor = story.site.anybody()
    answer = visitor.get(f"/l/{token}")
    assert answer.status_code == 303
    assert token not in answer.headers["Location"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    for page in (f"/files/{story.folder}", f"/files/item/{story.file}"):
        seen = visitor.get(page)
        assert token not in seen.get_data(as_text=True)
        assert seen.headers["Referrer-Policy"] == "same-origin"
    assert token not in story.olena.page(f"/files/{story.folder}/share")
    dump = (story.world.instance / "workspace.db").read_bytes()
    assert token.encode() not in dump


def _first_version(story: Story) -> str:
    with story.world.reading(story.owner.actor) as work:
        return versions(work, story.file)[-1].id
