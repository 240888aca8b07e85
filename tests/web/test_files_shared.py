"""Pages of files that are somebody else's: each level sees and does what it may, everything is written down."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.web.files_site import FilesSite
from tests.world import World
from workspace.cloud.models import Blob
from workspace.cloud.things import locate_item
from workspace.exchange.queries import LedgerFilter, LedgerLine, ledger
from workspace.kernel.actors import COMMAND, Door, Principal, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.sharing import service
from workspace.sharing.links import make_link
from workspace.sharing.rule import Level

VIEW, COMMENT, CONTRIBUTE, EDIT = Level.VIEW, Level.COMMENT, Level.CONTRIBUTE, Level.EDIT


class Story:
    """Olena's folder with one file, and Iryna who is let in."""

    def __init__(self, site: FilesSite) -> None:
        self.site = site
        self.olena, self.iryna = site.reader("Olena"), site.reader("Iryna")
        assert self.olena.someone is not None
        self.actor = self.olena.someone.actor
        self.root = self.olena.someone.root_id
        self.folder = site.world.folder(self.actor, self.root, "Papers")
        self.file = site.world.upload(self.actor, self.folder, "act.txt", b"act").item.id
        self.secret = site.world.upload(self.actor, self.root, "secret.txt", b"secret").item.id

    def let_in(self, level: Level, thing: str = "", purpose: str = "") -> None:
        self.site.share(self.olena, thing or self.folder, self.iryna, level, purpose)

    def openings(self) -> list[LedgerLine]:
        with self.site.world.reading(self.actor) as work:
            return list(ledger(work, LedgerFilter()).lines)


@pytest.fixture
def story(embedded_world: World) -> Story:
    return Story(FilesSite(embedded_world))


@pytest.mark.parametrize("level", [VIEW, COMMENT, CONTRIBUTE, EDIT])
def test_each_level_is_offered_its_actions_and_no_other(story: Story, level: Level) -> None:
    story.let_in(level)
    folder, item = story.iryna.page(f"/files/{story.folder}"), story.iryna.page(f"/files/item/{story.file}")
    offers = {
        "Add files here": (folder, CONTRIBUTE),
        "New folder": (folder, CONTRIBUTE),
        "Set kind": (folder, EDIT),
        "Move to trash": (item, EDIT),
        "Rename": (item, EDIT),
        "Add a new version": (item, EDIT),
        "Add comment": (item, COMMENT),
        "Download": (item, VIEW),
        "Copy to my files": (item, VIEW),
    }
    for words, (page, least) in offers.items():
        assert (words in page) is (level >= least), (words, level)
    for page in (folder, item):
        assert "Who opened it" not in page
        assert f"/files/{story.file}/share" not in page
        assert f"/files/{story.folder}/share" not in page


@pytest.mark.parametrize(
    ("level", "path", "least"),
    [
        (level, path, least)
        for path, least in (
            ("/files/{folder}/new-folder", CONTRIBUTE),
            ("/files/item/{file}/rename", EDIT),
            ("/files/item/{file}/describe", EDIT),
            ("/files/move?item={file}", EDIT),
            ("/files/kinds?item={file}", EDIT),
        )
        for level in (COMMENT, CONTRIBUTE, EDIT)
    ],
)
def test_a_typed_address_gives_no_more_than_the_level(story: Story, level: Level, path: str, least: Level) -> None:
    story.let_in(level)
    answer = story.iryna.get(path.format(folder=story.folder, file=story.file))
    assert answer.status_code == (200 if level >= least else 403)


def test_a_viewers_forms_are_refused(story: Story) -> None:
    story.let_in(VIEW)
    assert story.iryna.send(f"/files/{story.folder}/upload", ("new.txt", b"new")).status_code == 403
    assert story.iryna.send(f"/files/item/{story.file}/upload", ("a", b"a"), field="file").status_code == 403
    assert story.iryna.post(f"/files/item/{story.file}/comments", text="hello").status_code == 403
    assert story.iryna.post(f"/files/item/{story.file}/trash").status_code == 403
    assert story.iryna.post(f"/files/{story.folder}/selection", do="trash", item=[story.file]).status_code == 403
    assert story.olena.get(f"/files/item/{story.file}/download").data == b"act"


def test_what_was_not_shared_looks_like_nothing(story: Story) -> None:
    story.let_in(EDIT)
    unknown = story.iryna.get(f"/files/item/{'0' * 26}")
    for path in (f"/files/item/{story.secret}", f"/files/{story.root}", f"/files/item/{story.secret}/download"):
        answer = story.iryna.get(path)
        assert answer.status_code == unknown.status_code == 404
        assert "secret.txt" not in answer.get_data(as_text=True)
    assert story.iryna.post("/files/move", item=[story.file], to=story.root).status_code == 404
    crumbs = re.sub("</?bdi>", "", story.iryna.page(f"/files/{story.folder}")).split("<main")[1].split("</nav>")[0]
    assert "Shared with me</a>" in crumbs
    assert "My files" not in crumbs


def test_the_top_of_the_page_says_by_whom_for_what_until_when(story: Story) -> None:
    assert story.iryna.someone is not None
    with story.site.world.writing(story.actor) as work:
        _item, thing = locate_item(work, story.folder)
        service.grant(
            work, thing, Principal(SubjectKind.PERSON, story.iryna.someone.id), VIEW,
            valid_until=work.now + timedelta(days=10), purpose="Check the bills",
        )  # fmt: skip
    for path in (f"/files/{story.folder}", f"/files/item/{story.file}"):
        page = story.iryna.page(path)
        assert "Shared with you by Olena." in page
        assert "What for: Check the bills" in page
        assert "Open until 12 March 2026." in page
        assert "the owner sees it" in page


def test_looking_and_downloading_are_written_down_before_they_happen(story: Story) -> None:
    story.let_in(VIEW)
    story.iryna.page(f"/files/{story.folder}")
    story.iryna.get(f"/files/item/{story.file}/download")
    story.iryna.get(f"/files/item/{story.file}/play", headers={"Range": "bytes=0-0"})
    story.iryna.get(f"/files/zip?item={story.folder}")
    kinds = [one.kind for one in story.openings()]
    assert kinds[::-1] == [FactKind.LISTED, FactKind.DOWNLOADED, FactKind.OPENED]
    page = story.olena.page(f"/files/item/{story.file}")
    assert page.count("<strong>Iryna</strong>") >= 2
    story.olena.get(f"/files/item/{story.file}/download")
    assert len(story.openings()) == 3


def test_a_text_shown_on_the_page_is_a_look_too(story: Story) -> None:
    story.let_in(VIEW)
    assert ">act</pre>" in story.iryna.page(f"/files/item/{story.file}")
    assert [(one.kind, one.door) for one in story.openings()] == [(FactKind.PREVIEWED, Door.WEB)]


def test_a_damaged_text_still_has_its_page_with_the_version_before_it(story: Story, embedded_world: World) -> None:
    newer = embedded_world.upload(story.actor, story.folder, "act.txt", b"act, once more")
    with embedded_world.writing(COMMAND) as work:
        blob = work.session.get_one(Blob, newer.version.blob_id)
        assert blob.sealed is not None
        blob.sealed = blob.sealed[:-1] + bytes([blob.sealed[-1] ^ 1])
    page = story.olena.page(f"/files/item/{story.file}")
    assert "Version 1" in page
    assert "once more" not in page
    story.let_in(VIEW)
    story.iryna.page(f"/files/item/{story.file}")
    assert story.openings() == [], "nobody has seen any of it"


def test_an_editor_changes_throws_away_and_undoes(story: Story) -> None:
    story.let_in(EDIT)
    assert "2 now" in story.iryna.send(f"/files/{story.folder}/upload", ("act.txt", b"new")).get_data(as_text=True)
    page = story.iryna.post(f"/files/item/{story.file}/trash").get_data(as_text=True)
    assert "is in the trash now" in page
    assert "To the trash" not in page
    page = story.iryna.post("/files/trash/restore", item=[story.file]).get_data(as_text=True)
    assert "is back in its folder" in page
    assert story.iryna.get(f"/files/item/{story.file}/download").data == b"new"
    assert story.iryna.get(f"/files/trash/{story.file}/delete").status_code in (403, 404)


def test_a_contributor_adds_but_does_not_overwrite(story: Story) -> None:
    story.let_in(CONTRIBUTE)
    answer = story.iryna.send(f"/files/{story.folder}/upload", ("new.txt", b"new"), ("act.txt", b"bad"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert "You may see this, but not do that with it." in page
    assert "1 file has arrived" in page
    assert story.olena.get(f"/files/item/{story.file}/download").data == b"act"


def test_the_only_thing_shared_can_be_thrown_away_by_its_editor(story: Story) -> None:
    story.let_in(EDIT, story.file)
    answer = story.iryna.post(f"/files/item/{story.file}/trash")
    assert answer.status_code == 200
    assert answer.request.path == "/shared"


def test_a_copy_comes_into_ones_own_cloud(story: Story) -> None:
    assert story.iryna.someone is not None
    story.let_in(VIEW)
    picker = story.iryna.page(f"/files/copy?item={story.file}")
    assert "My files" in picker
    page = story.iryna.post("/files/copy", item=[story.file], to=story.iryna.someone.root_id).get_data(as_text=True)
    assert "Copied 1 item to “My files”." in page
    assert [one.kind for one in story.openings()] == [FactKind.DOWNLOADED]


def test_an_ended_access_says_only_that(story: Story) -> None:
    assert story.iryna.someone is not None
    with story.site.world.writing(story.actor) as work:
        _item, thing = locate_item(work, story.folder)
        given = service.grant(work, thing, Principal(SubjectKind.PERSON, story.iryna.someone.id), VIEW)
        grant_id = given.id
    story.iryna.page(f"/files/{story.folder}")
    with story.site.world.writing(story.actor) as work:
        _item, thing = locate_item(work, story.folder)
        service.revoke(work, thing, grant_id)
    for path in (f"/files/{story.folder}", f"/files/item/{story.file}", f"/files/item/{story.file}/download"):
        answer = story.iryna.get(path)
        assert answer.status_code == 410
        assert "act.txt" not in answer.get_data(as_text=True)
        assert "This access has ended" in answer.get_data(as_text=True)
    refused = [one for one in story.openings() if one.kind is FactKind.REFUSED]
    assert sorted(one.thing_id for one in refused) == sorted((story.folder, story.file))
    assert "kept out" in story.olena.page(f"/files/item/{story.file}")


def test_the_owner_reads_who_wanted_to_do_more_than_they_may(story: Story) -> None:
    story.let_in(VIEW)
    assert story.iryna.post(f"/files/item/{story.file}/trash").status_code == 403
    assert story.iryna.send(f"/files/{story.folder}/upload", ("new.txt", b"new")).status_code == 403
    assert story.iryna.post(f"/files/item/{story.file}/trash").status_code == 403
    lines = [one for one in story.openings() if one.kind is FactKind.REFUSED]
    assert sorted((one.thing_id, one.details["reason"], one.person) for one in lines) == sorted(
        [(story.file, "level", "Iryna"), (story.folder, "level", "Iryna")]
    )
    page = story.olena.page("/opened?t=all")
    assert "Refused: Iryna" in page
    assert "Wanted to do more than you allow" in page
    assert "Wanted to do more than you allow" in story.olena.page(f"/opened/{lines[0].fact_id}/proof")


def test_the_owner_reads_that_a_wrong_password_was_tried_and_an_ended_link_opened(story: Story) -> None:
    with story.site.world.writing(story.actor) as work:
        thing = locate_item(work, story.folder)[1]
        given, token = make_link(work, thing, VIEW, password="the right one", label="For the neighbours")
        grant_id = given.id
    visitor = story.site.anybody()
    assert visitor.post(f"/l/{token}", password="the wrong one").status_code == 401
    with story.site.world.writing(story.actor) as work:
        service.revoke(work, locate_item(work, story.folder)[1], grant_id)
    assert visitor.get(f"/l/{token}").status_code == 410
    lines = story.openings()
    assert [(one.kind, one.details["reason"], one.link) for one in lines] == [
        (FactKind.REFUSED, "ended", "For the neighbours"),
        (FactKind.REFUSED, "password", "For the neighbours"),
    ]
    assert "Wrong password; nothing was shown" in story.olena.page("/opened?t=all")


def test_a_stranger_leaves_no_line_so_that_nothing_tells_what_is_there(story: Story) -> None:
    assert story.iryna.get(f"/files/item/{story.secret}").status_code == 404
    assert story.iryna.post(f"/files/item/{story.secret}/trash").status_code == 404
    assert story.openings() == []


def test_whoever_holds_a_link_gets_the_same_pages_without_a_menu(story: Story) -> None:
    visitor = story.site.link(story.olena, story.folder, VIEW)
    page = visitor.page(f"/files/{story.folder}")
    assert "Olena sent you this by a secret link." in page
    assert 'class="cw-nav"' not in page
    assert "Copy to my files" not in page
    assert visitor.get(f"/files/item/{story.file}/download").data == b"act"
    assert visitor.get(f"/files/item/{story.secret}").status_code == 404
    assert {one.kind for one in story.openings()} == {FactKind.LISTED, FactKind.DOWNLOADED}


def test_a_link_may_let_a_stranger_add_files(story: Story) -> None:
    visitor = story.site.link(story.olena, story.folder, CONTRIBUTE)
    page = visitor.send(f"/files/{story.folder}/upload", ("from outside.txt", b"hello")).get_data(as_text=True)
    assert "1 file has arrived" in page
    assert "from outside.txt" in re.sub("<wbr>", "", story.olena.page(f"/files/{story.folder}"))


def test_strangers_are_asked_to_sign_in(story: Story) -> None:
    stranger = story.site.anybody()
    for path in ("/files", "/files/trash", f"/files/{story.folder}", f"/files/item/{story.file}/download"):
        answer = stranger.get(path)
        assert answer.status_code == 302
        assert "/sign-in" in answer.headers["Location"]


def test_the_owner_sees_in_the_list_who_can_see_what(story: Story) -> None:
    story.let_in(VIEW)
    page = story.olena.page("/files")
    assert re.search(r"cw-badge--share.*?Iryna", page, re.S)
    assert "Only you" in page
    inside = story.olena.page(f"/files/{story.folder}")
    assert "Only you" not in inside
    assert "Everybody who sees this folder sees the new files." in inside


def test_the_whole_way_on_either_stack(world: World) -> None:
    story = Story(FilesSite(world))
    story.let_in(EDIT)
    large = bytes(range(256)) * 3000
    answer = story.iryna.send(f"/files/{story.folder}/upload", ("big.bin", large), ("act.txt", b"new act"))
    assert "2 files have arrived" in answer.get_data(as_text=True)
    assert "this is its version 2 now" in answer.get_data(as_text=True)
    big = re.search(r"/files/item/(\w+)\"[^>]*><bdi>big", story.olena.page(f"/files/{story.folder}"))
    assert big is not None
    part = story.olena.get(f"/files/item/{big[1]}/download", headers={"Range": "bytes=700000-700099"})
    assert part.data == large[700_000:700_100]
    story.olena.post("/files/move", item=[big[1]], to=story.root)
    assert story.iryna.get(f"/files/item/{big[1]}").status_code == 404
    story.olena.post(f"/files/item/{big[1]}/trash")
    story.olena.post("/files/trash/restore", item=[big[1]])
    assert story.olena.get(f"/files/item/{big[1]}/download").data == large
    assert story.olena.get(f"/files/zip?item={story.folder}").data.startswith(b"PK")
