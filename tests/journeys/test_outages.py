"""The store is away, the disk is full, nobody works in a body: what goes on goes on, the rest says so clearly."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.program import post, program, put, root_of, signed_in
from tests.parts.instances import Instance, Instances
from tests.parts.seaweed import SeaweedServer

pytestmark = pytest.mark.slow
OLENA = "olena@example.org"
MIB = 1 << 20


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[SeaweedServer]:
    server = SeaweedServer(tmp_path / "weed")
    yield server
    server.stop()


def test_while_the_store_is_away_pages_go_on_and_bytes_say_so(instances: Instances, own_store: SeaweedServer) -> None:
    place = instances.prepare(objects_url=own_store.seaweed.url("files"))
    place.add_person(OLENA, "Olena")
    place.start()
    backup = program(place, OLENA)
    root = root_of(backup)
    made = put(backup, root, "film.bin", os.urandom(MIB))
    assert made.status_code == 201, made.text
    item = made.json()["item"]
    browser = signed_in(place, OLENA)
    own_store.stop()
    for page in ("/", "/files", f"/files/item/{item}", f"/files/{item}/share", "/opened", "/cases/", "/settings"):
        assert browser.get(page).status_code == 200, page
    refused = browser.get(f"/files/item/{item}/download")
    assert refused.status_code == 503
    assert "<h1" in refused.text
    assert int(refused.headers["Retry-After"]) > 0
    told = backup.get(f"/api/v1/items/{item}/content")
    assert (told.status_code, told.json()["code"]) == (503, "storage_unavailable")
    told = put(backup, root, "more.bin", os.urandom(MIB))
    assert (told.status_code, told.json()["code"]) == (503, "storage_unavailable")
    assert put(backup, root, "note.txt", b"small enough for the database").status_code == 201
    assert place.status("/healthz") == 200
    place.wait_for("/readyz", 503)  # asked of the store every two seconds at most


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "workspace-test", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk: run as root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(client: httpx.Client, folder_id: str, data: bytes) -> None:
    """Upload until no more comes in. A refusal may leave before the bytes have come, and take the connection along."""
    for number in range(1, 20):
        try:
            if put(client, folder_id, f"{number}.bin", data).status_code == 507:
                return
        except httpx.TransportError:
            return
    raise AssertionError("a disk of 64 MiB took 80 MiB")


def test_on_a_full_disk_uploads_are_refused_and_the_rest_goes_on(instances: Instances, small_disk: Path) -> None:
    place = instances.prepare(instance=str(small_disk / "instance"))
    for email, name in ((OLENA, "Olena"), ("petro@example.org", "Petro")):
        place.add_person(email, name)
    place.start()
    backup = program(place, OLENA)
    root, data = root_of(backup), os.urandom(4 * MIB)
    browser = signed_in(place, OLENA)
    item = put(backup, root, "0.bin", data).raise_for_status().json()["item"]
    share = f"/files/{item}/share"
    # nobody has put a body into the directory: a person can be let in all the same
    given = post(browser, share, share, who="person", email="petro@example.org", level="view", do="share")
    assert given.status_code in (302, 303), given.text[:300]
    fill(backup, root, data)
    told = put(backup, root, "last.bin", data[: 100 * 1024])
    assert (told.status_code, told.json()["code"]) == (507, "storage_full")
    assert backup.get(f"/api/v1/items/{item}/content").content == data
    petro = signed_in(place, "petro@example.org")
    assert petro.get(f"/files/item/{item}/download").content == data
    ending = re.search(r'action="([^"]+/end)"', browser.get(share).text)
    assert ending is not None
    assert post(browser, share, ending[1]).status_code in (302, 303)
    assert petro.get(f"/files/item/{item}/download").status_code == 410
    assert place.command("check", "--deep").startswith("Clean")


def test_a_letter_to_a_body_without_officials_waits_and_says_so(instances: Instances) -> None:
    place: Instance = instances.start()
    place.add_person(OLENA, "Olena")
    place.quick("body", "add", "vodokanal", "--name", "Water Works", "--email", "water@example.org")
    browser = signed_in(place, OLENA)
    words = {"title": "No water", "story": "There is no water. Please mend it.", "kind": "complaint"}
    opened = post(browser, "/cases/new", "/cases/new", **words)
    case = opened.headers["Location"].rpartition("/")[0]
    body = re.search(r'name="body" value="([^"]+)"', browser.get(f"{case}/body").text)
    assert body is not None
    assert post(browser, f"{case}/body", f"{case}/body", body=body[1]).status_code == 303
    assert "Nobody works in this body yet" in browser.get(f"{case}/deliver").text
    assert post(browser, f"{case}/deliver", f"{case}/deliver", sure="1").status_code == 303
    assert "Your letter waits" in browser.get(case).text
    clerk = "clerk@example.org"
    place.add_person(clerk, "Clerk")
    place.quick("body", "staff", "vodokanal", clerk, "--role", "registrar")
    assert "No water" in signed_in(place, clerk).get("/office/vodokanal/").text
