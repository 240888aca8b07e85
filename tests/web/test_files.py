"""Pages of one's own cloud as a person meets them: folders, uploads, versions, trash, moving, ZIP."""

from __future__ import annotations

import hashlib
import re
import time
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import insert, select

from tests.web.files_site import FilesSite, Reader
from tests.world import World
from workspace.cloud.models import Item
from workspace.cloud.names import sort_key
from workspace.kernel.ids import new_id
from workspace.storage.sealing import SEGMENT


@pytest.fixture
def site(embedded_world: World) -> FilesSite:
    return FilesSite(embedded_world)


@pytest.fixture
def olena(site: FilesSite) -> Reader:
    return site.reader("Olena")


def root(reader: Reader) -> str:
    assert reader.someone is not None
    return reader.someone.root_id


def put(site: FilesSite, reader: Reader, name: str, data: bytes = b"bytes", folder: str | None = None) -> str:
    """A file of the reader's; returns its id."""
    assert reader.someone is not None
    return site.world.upload(reader.someone.actor, folder or root(reader), name, data).item.id


def folder(site: FilesSite, reader: Reader, name: str, inside: str | None = None) -> str:
    assert reader.someone is not None
    return site.world.folder(reader.someone.actor, inside or root(reader), name)


def names(page: str) -> list[str]:
    """The names in the list of a folder, in order."""
    plain = re.sub(r"<wbr>|</?bdi>", "", page)
    return re.findall(r'<th role="rowheader".*?class="cw-(?:a cw-a--quiet cw-)?fname"[^>]*>([^<]+)</', plain)


# lists ---------------------------------------------------------------------------------------------------------------
def test_an_empty_cloud_says_what_belongs_there(olena: Reader) -> None:
    page = olena.page("/files")
    assert "Your cloud is empty" in page
    assert "Choose files or drop them here" in page
    assert "0 B of 10 GB used" in page


def test_folders_come_first_and_headings_sort(site: FilesSite, olena: Reader) -> None:
    put(site, olena, "b.txt", b"long bytes")
    put(site, olena, "a.txt", b"b")
    folder(site, olena, "z folder")
    assert names(olena.page("/files")) == ["z folder", "a.txt", "b.txt"]
    assert names(olena.page("/files?sort=size&desc=1")) == ["z folder", "b.txt", "a.txt"]
    assert names(olena.page("/files?sort=name&desc=1")) == ["z folder", "b.txt", "a.txt"]


def test_a_list_can_be_narrowed_to_a_kind(site: FilesSite, olena: Reader) -> None:
    act, other = put(site, olena, "act.pdf"), put(site, olena, "other.pdf")
    olena.post("/files/kinds", item=[act], kind="evidence")
    assert names(olena.page("/files?kind=evidence")) == ["act.pdf"]
    assert other not in olena.page("/files?kind=evidence")
    assert "No file of this kind is left here" in olena.page("/files?kind=draft")


@pytest.mark.parametrize("address", ["?cursor=nonsense", "?sort=nothing", "?n=9999999", "?at=-1", "?kind=x"])
def test_a_mistyped_address_of_a_list_still_shows_the_list(site: FilesSite, olena: Reader, address: str) -> None:
    put(site, olena, "a.txt")
    assert names(olena.get(f"/files{address}", follow_redirects=True).get_data(as_text=True)) == ["a.txt"]


def test_ten_thousand_files_are_turned_over_page_by_page(site: FilesSite, olena: Reader) -> None:
    assert olena.someone is not None
    crowd = folder(site, olena, "Many")
    with site.world.writing(olena.someone.actor) as work:
        rows = [
            {
                "id": new_id(), "space_id": olena.someone.space_id, "parent_id": crowd, "name": f"{number:05}.txt",
                "sort_name": sort_key(f"{number:05}.txt"), "is_folder": False, "made_at": work.now,
                "changed_at": work.now,
            }
            for number in range(10_000)
        ]  # fmt: skip
        work.session.execute(insert(Item), rows)
    address: str | None = f"/files/{crowd}?n=100"
    seen: list[str] = []
    slowest = 0.0
    for _ in range(12):
        assert address is not None
        began = time.perf_counter()
        page = olena.page(address)
        slowest = max(slowest, time.perf_counter() - began)
        seen += names(page)
        found = re.search(r'<a href="([^"]+)" rel="next"', page)
        address = found[1] if found else None
    assert seen == [f"{number:05}.txt" for number in range(1200)]
    assert "1,101 to 1,200 of 10,000." in page
    assert slowest < 2, f"a page took {slowest:.2f} s"


# uploads -------------------------------------------------------------------------------------------------------------
def test_uploaded_files_arrive_with_their_fingerprints(site: FilesSite, olena: Reader) -> None:
    large = b"x" * (SEGMENT + 5)
    page = olena.send(f"/files/{root(olena)}/upload", ("act.txt", b"act"), ("big.bin", large)).get_data(as_text=True)
    assert "2 files have arrived" in page
    assert hashlib.sha256(b"act").hexdigest() in page
    assert hashlib.sha256(large).hexdigest() in page


def test_the_same_name_becomes_a_new_version_and_the_page_says_so(site: FilesSite, olena: Reader) -> None:
    act = put(site, olena, "act.txt", b"one")
    page = olena.send(f"/files/{root(olena)}/upload", ("act.txt", b"two")).get_data(as_text=True)
    assert "this is its version 2 now" in page
    assert olena.get(f"/files/item/{act}/download").data == b"two"
    history = olena.page(f"/files/item/{act}")
    assert "Version 2, current" in history
    first = re.search(r"download\?version=(\w+)", history)
    assert first is not None
    assert olena.get(f"/files/item/{act}/download?version={first[1]}").data == b"one"


def test_an_old_version_is_brought_back_as_a_new_one(site: FilesSite, olena: Reader) -> None:
    act = put(site, olena, "act.txt", b"one")
    put(site, olena, "act.txt", b"two")
    old = re.search(rf"/files/item/{act}/versions/(\w+)/restore", olena.page(f"/files/item/{act}"))
    assert old is not None
    page = olena.post(f"/files/item/{act}/versions/{old[1]}/restore").get_data(as_text=True)
    assert "The old content is back, as version 3" in page
    assert "Version 1 brought back" in page
    assert olena.get(f"/files/item/{act}/download").data == b"one"


def test_a_new_version_goes_in_from_the_page_of_the_file(site: FilesSite, olena: Reader) -> None:
    act = put(site, olena, "act.txt", b"one")
    page = olena.send(f"/files/item/{act}/upload", ("any name.txt", b"two"), field="file").get_data(as_text=True)
    assert "Version 2 has arrived" in page
    assert "act.txt" in page.replace("<wbr>", "")
    assert olena.get(f"/files/item/{act}/download").data == b"two"


def test_what_fits_comes_in_and_the_rest_is_explained(site: FilesSite, olena: Reader) -> None:
    answer = olena.send(f"/files/{root(olena)}/upload", ("good.txt", b"good"), ("x" * 300 + ".txt", b"long"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Error:" in page
    assert "The name is too long" in page
    assert "1 file has arrived" in page
    assert names(olena.page("/files")) == ["good.txt"]


def test_over_quota_nothing_is_lost_and_the_numbers_are_told(site: FilesSite) -> None:
    small = site.reader("Petro", quota=10)
    answer = small.send(f"/files/{root(small)}/upload", ("big.txt", b"x" * 50))
    assert answer.status_code == 507
    assert "it needs 50 B, and 10 B are free" in answer.get_data(as_text=True).replace("\u00a0", " ")
    assert small.send(f"/files/{root(small)}/upload", ("fits.txt", b"x" * 9)).status_code == 200


def test_refused_bytes_are_taken_back_from_the_store(site: FilesSite) -> None:
    small = site.reader("Petro", quota=10)
    large = b"x" * (site.world.settings.inline_limit + 1)
    small.send(f"/files/{root(small)}/upload", ("big.bin", large))
    stored = [one for one in (site.world.instance / "objects").rglob("*") if one.is_file()]
    assert stored == []


def test_choosing_nothing_is_said_beside_the_field(olena: Reader) -> None:
    answer = olena.send(f"/files/{root(olena)}/upload", ("", b""))
    assert answer.status_code == 422
    assert "Choose at least one file first." in answer.get_data(as_text=True)


def test_another_sites_form_changes_nothing(site: FilesSite, olena: Reader) -> None:
    data = {"files": (BytesIO(b"bad"), "bad.txt")}
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    for headers in (foreign, {}):
        answer = olena.client.post(f"/files/{root(olena)}/upload", data=data | {"files": (BytesIO(b"b"), "b")},
                                   headers=headers)  # fmt: skip
        assert answer.status_code == 403
    assert "Your cloud is empty" in olena.page("/files")


# bytes out -----------------------------------------------------------------------------------------------------------
def test_downloads_are_attachments_that_no_browser_runs(site: FilesSite, olena: Reader) -> None:
    page = put(site, olena, "сторінка.html", b"<script>alert(1)</script>")
    answer = olena.get(f"/files/item/{page}/download")
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%D1%81" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_ranges_and_conditions_work(site: FilesSite, olena: Reader) -> None:
    data = bytes(range(256)) * 2000
    video = put(site, olena, "film.mp4", data)
    for door in ("download", "play"):
        part = olena.get(f"/files/item/{video}/{door}", headers={"Range": "bytes=1000-1999"})
        assert (part.status_code, part.data) == (206, data[1000:2000])
        assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(data)}"
    tag = part.headers["ETag"]
    assert olena.get(f"/files/item/{video}/download", headers={"If-None-Match": tag}).status_code == 304
    beyond = olena.get(f"/files/item/{video}/download", headers={"Range": "bytes=9999999-"})
    assert beyond.status_code == 416


def test_the_page_of_a_film_has_a_player(site: FilesSite, olena: Reader) -> None:
    video = put(site, olena, "film.mp4")
    assert f'src="/files/item/{video}/play' in olena.page(f"/files/item/{video}")


@pytest.mark.parametrize("name", ["empty.txt", "empty.zip"])
def test_the_page_of_an_empty_file_says_that_it_is_empty(site: FilesSite, olena: Reader, name: str) -> None:
    page = olena.page(f"/files/item/{put(site, olena, name, b'')}")
    assert "This file is empty." in page
    assert "No preview" not in page


def test_a_folder_and_a_selection_become_one_zip(site: FilesSite, olena: Reader) -> None:
    papers = folder(site, olena, "Папери")
    put(site, olena, "act.txt", b"act", papers)
    letter = put(site, olena, "letter.txt", b"letter")
    answer = olena.post(f"/files/{root(olena)}/selection", do="zip", item=[papers, letter])
    assert answer.content_type == "application/zip"
    archive = zipfile.ZipFile(BytesIO(answer.data))
    assert {name: archive.read(name) for name in archive.namelist()} == {
        "Папери/act.txt": b"act",
        "letter.txt": b"letter",
    }
    assert archive.testzip() is None


# one file ------------------------------------------------------------------------------------------------------------
def test_the_page_of_a_file_shows_its_whole_record(site: FilesSite, olena: Reader) -> None:
    act = put(site, olena, "act.txt", b"act")
    page = olena.page(f"/files/item/{act}")
    digest = hashlib.sha256(b"act").hexdigest()
    assert digest in page
    assert "Only you" in page
    assert "Nobody but you." in page
    assert "Version 1, current" in page


def test_a_files_id_and_a_folders_id_lead_to_their_pages(site: FilesSite, olena: Reader) -> None:
    papers, act = folder(site, olena, "Papers"), put(site, olena, "act.txt")
    assert olena.get(f"/files/item/{papers}").headers["Location"] == f"/files/{papers}"
    assert olena.get(f"/files/{act}").headers["Location"] == f"/files/item/{act}"


@pytest.mark.parametrize(("content", "verdict"), [(b"act", "The same file"), (b"act!", "Another file")])
def test_a_file_is_checked_against_the_fingerprint(
    site: FilesSite, olena: Reader, content: bytes, verdict: str
) -> None:
    act = put(site, olena, "act.txt", b"act")
    page = olena.send(f"/files/item/{act}/check", ("copy.txt", content), field="file").get_data(as_text=True)
    assert f"cw-verdict--{'same' if verdict == 'The same file' else 'other'}" in page
    assert hashlib.sha256(content).hexdigest() in page.replace("<wbr>", "")
    assert not list((site.world.instance / "objects").rglob("*.part"))


def test_renaming_keeps_the_id_and_explains_what_cannot_be(site: FilesSite, olena: Reader) -> None:
    act = put(site, olena, "act.txt")
    put(site, olena, "taken.txt")
    for name, why in (("taken.txt", "already here"), ("", "Write a name"), ("a/b", "slash"), ("x" * 256, "too long")):
        answer = olena.post(f"/files/item/{act}/rename", name=name)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert why in page
        assert f'value="{name}"' in page or not name
    assert "It is now called" in olena.post(f"/files/item/{act}/rename", name="deed.txt").get_data(as_text=True)
    assert "deed.txt" in olena.page(f"/files/item/{act}")


def test_kind_and_note_are_changed_and_shown(site: FilesSite, olena: Reader) -> None:
    act = put(site, olena, "act.txt")
    page = olena.post(f"/files/item/{act}/describe", kind="draft", note="Second copy").get_data(as_text=True)
    assert "Second copy" in page
    assert "cw-badge--draft" in page
    answer = olena.post(f"/files/item/{act}/describe", kind="draft", note="x" * 10_001)
    assert answer.status_code == 422
    assert "x" * 10_001 in answer.get_data(as_text=True)


def test_comments_are_added_and_taken_back(site: FilesSite, olena: Reader) -> None:
    act = put(site, olena, "act.txt")
    assert "Write your comment first" in olena.post(f"/files/item/{act}/comments", text=" ").get_data(as_text=True)
    page = olena.post(f"/files/item/{act}/comments", text="Look at <page> 2").get_data(as_text=True)
    assert "Look at &lt;page&gt; 2" in page
    line = re.search(rf"/files/item/{act}/comments/(\w+)/withdraw", page)
    assert line is not None
    page = olena.post(f"/files/item/{act}/comments/{line[1]}/withdraw").get_data(as_text=True)
    assert "Look at" not in page
    assert "This comment was taken back." in page


def test_a_new_folder_is_made_and_opened(site: FilesSite, olena: Reader) -> None:
    page = olena.post(f"/files/{root(olena)}/new-folder", name="Papers").get_data(as_text=True)
    assert '<h1 class="cw-h1 cw-fname"><bdi>Papers</bdi></h1>' in page
    again = olena.post(f"/files/{root(olena)}/new-folder", name="Papers")
    assert again.status_code == 422
    assert "already here" in again.get_data(as_text=True)


# moving, copying, trash ----------------------------------------------------------------------------------------------
def test_walking_to_a_folder_and_saying_here_moves(site: FilesSite, olena: Reader) -> None:
    papers, act = folder(site, olena, "Papers"), put(site, olena, "act.txt")
    inner = folder(site, olena, "Inner", papers)
    picker = olena.post(f"/files/{root(olena)}/selection", do="move", item=[act]).get_data(as_text=True)
    assert f"to={papers}" in picker
    assert f"to={inner}" in olena.page(f"/files/move?item={act}&to={papers}")
    page = olena.post("/files/move", item=[act], to=inner).get_data(as_text=True)
    assert "Moved 1 item to “Inner”" in page
    assert names(page) == ["act.txt"]
    assert names(olena.page("/files")) == ["Papers"]


def test_a_name_that_is_taken_is_asked_about(site: FilesSite, olena: Reader) -> None:
    papers, act = folder(site, olena, "Papers"), put(site, olena, "act.txt", b"mine")
    there = put(site, olena, "act.txt", b"theirs", papers)
    asked = olena.post("/files/copy", item=[act], to=papers)
    assert asked.status_code == 409
    assert "The name is already there" in asked.get_data(as_text=True)
    olena.post("/files/copy", item=[act], to=papers, same="both")
    assert names(olena.page(f"/files/{papers}")) == ["act (2).txt", "act.txt"]
    olena.post("/files/move", item=[act], to=papers, same="version")
    assert olena.get(f"/files/item/{there}/download").data == b"mine"
    assert names(olena.page("/files")) == ["Papers"]


def test_a_folder_does_not_go_into_itself(site: FilesSite, olena: Reader) -> None:
    papers = folder(site, olena, "Papers")
    answer = olena.post("/files/move", item=[papers], to=papers)
    assert answer.status_code == 403
    assert "A folder cannot go into itself" in answer.get_data(as_text=True)


def test_throwing_away_can_be_undone_at_once(site: FilesSite, olena: Reader) -> None:
    act = put(site, olena, "act.txt")
    page = olena.post(f"/files/item/{act}/trash").get_data(as_text=True)
    assert "“act.txt” is in the trash now." in page
    assert olena.get(f"/files/item/{act}").status_code == 404
    assert "/files/trash/restore" in page
    assert "Undo" not in olena.page("/files")
    page = olena.post("/files/trash/restore", item=[act]).get_data(as_text=True)
    assert "“act.txt” is back in its folder." in page
    assert names(page) == ["act.txt"]


def test_a_selection_goes_to_the_trash_and_is_deleted_for_good(site: FilesSite, olena: Reader) -> None:
    one, two = put(site, olena, "one.txt"), put(site, olena, "two.txt")
    olena.post(f"/files/{root(olena)}/selection", do="trash", item=[one, two])
    assert names(olena.page("/files/trash")) == ["one.txt", "two.txt"] or names(olena.page("/files/trash")) == [
        "two.txt",
        "one.txt",
    ]
    assert "for good?" in olena.page(f"/files/trash/{one}/delete")
    assert "deleted for good" in olena.post(f"/files/trash/{one}/delete").get_data(as_text=True)
    assert olena.get(f"/files/trash/{one}/delete").status_code == 404
    assert "Empty the trash?" in olena.page("/files/trash/empty")
    assert "Deleted 1 item for good." in olena.post("/files/trash/empty").get_data(as_text=True)
    assert "The trash is empty" in olena.page("/files/trash")
    with site.world.reading(olena.someone.actor) as work:  # type: ignore[union-attr]
        assert work.session.scalars(select(Item.name)).all() == [""]


def test_nothing_ticked_is_said(olena: Reader) -> None:
    page = olena.post(f"/files/{root(olena)}/selection", do="trash").get_data(as_text=True)
    assert "Tick at least one line of the list first." in page


def test_the_trash_says_when_it_empties_itself(site: FilesSite, olena: Reader) -> None:
    site.world.clock.move(timedelta(days=1))
    assert "What lies here for 30 days is deleted for good by itself" in olena.page("/files/trash")


def test_everything_speaks_ukrainian(site: FilesSite, olena: Reader) -> None:
    act = put(site, olena, "act.txt")
    for path in ("/files", f"/files/item/{act}", "/files/trash", f"/files/move?item={act}"):
        page = olena.page(f"{path}{'&' if '?' in path else '?'}lang=uk")
        assert '<html lang="uk"' in page
    assert "Кошик" in olena.page("/files/trash?lang=uk")
