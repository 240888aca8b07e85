"""Two web servers on one PostgreSQL, one store and one keyring are one instance to whoever uses it."""

from __future__ import annotations

import os
import re
import time
from base64 import b64encode
from hashlib import sha256

import httpx
import pytest

from tests.parts.instances import Instance, Instances
from workspace.__main__ import PROGRAMS
from workspace.accounts.service import disable
from workspace.kernel.actors import COMMAND
from workspace.settings import from_environment

pytestmark = pytest.mark.slow
OLENA, PETRO = "olena@example.org", "petro@example.org"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"} | TUS
LIMIT = 10
FELT_WITHIN = 1.0
PATIENCE = 30.0


@pytest.fixture(scope="module")
def nodes(instances: Instances) -> tuple[Instance, Instance]:
    """Two nodes: folders of their own, one set of secrets, one journal."""
    first = instances.prepare("grown", workers="1")
    for email, name in ((OLENA, "Olena"), (PETRO, "Petro")):
        first.add_person(email, name)
    second = instances.beside(first)
    first.start()
    second.start("serve")
    return first, second


def program(node: Instance, email: str) -> httpx.Client:
    """A program of somebody's at one of the nodes."""
    secret = node.quick("user", "app-password", email, "--label", "test").strip()
    return httpx.Client(base_url=node.address, headers={"Authorization": f"Bearer {secret}"}, timeout=PATIENCE)


def at(node: Instance, client: httpx.Client) -> httpx.Client:
    """The same program at the other node."""
    return httpx.Client(base_url=node.address, headers=client.headers, timeout=PATIENCE)


def root(client: httpx.Client) -> str:
    return str(client.get("/api/v1/spaces").raise_for_status().json()["items"][0]["root"])


def store(client: httpx.Client, name: str, data: bytes) -> str:
    put = client.put(f"/api/v1/items/{root(client)}/files/{name}", content=data)
    return str(put.raise_for_status().json()["item"])


def in_browser(node: Instance, browser: httpx.Client, path: str, fill: dict[str, str]) -> httpx.Response:
    """Fill in the form of a page."""
    page = browser.get(node.address + path).text
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if all(name in one for name in fill))
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token is not None
    action = re.search(r'action="([^"]+)"', form)
    values = fill | {"csrf_token": token[1]}
    return browser.post(node.address + (action[1] if action else path), data=values)


def test_who_signs_in_at_one_node_is_known_at_the_other_until_they_sign_out(nodes) -> None:
    first, second = nodes
    with httpx.Client(timeout=PATIENCE) as browser:
        in_browser(first, browser, "/sign-in", {"email": OLENA, "password": first.passwords[OLENA]})
        assert browser.get(second.address + "/settings").status_code == 200
        page = browser.get(second.address + "/settings").text
        token = re.search(r'action="[^"]*sign-out"[^>]*>.*?name="csrf_token" value="([^"]+)"', page, re.DOTALL)
        assert token is not None
        kept = dict(browser.cookies)
        browser.post(second.address + "/sign-out", data={"csrf_token": token[1]})
        with httpx.Client(timeout=PATIENCE, cookies=kept) as thief:
            assert thief.get(first.address + "/settings").status_code == 302, "a kept cookie opens nothing any more"


def test_guesses_at_both_nodes_are_counted_together(nodes) -> None:
    guess = {"Authorization": "Basic " + b64encode(f"{PETRO}:wrong password".encode()).decode()}
    answers = [
        httpx.get(nodes[number % 2].address + "/api/v1/spaces", headers=guess, timeout=PATIENCE).status_code
        for number in range(LIMIT + 4)
    ]
    assert answers == [401] * LIMIT + [429] * 4


def test_what_is_stored_at_one_node_is_read_at_the_other(nodes) -> None:
    first, second = nodes
    data = os.urandom(300_000)
    with program(first, OLENA) as here, at(second, here) as there:
        item = store(here, "photo.jpg", data)
        assert there.get(f"/api/v1/items/{item}/content").content == data


def test_an_upload_begun_at_one_node_goes_on_at_the_other(nodes) -> None:
    first, second = nodes
    data, middle = os.urandom(3 << 20), 1_000_003
    with program(first, OLENA) as here, at(second, here) as there:
        about = {"filename": "video.mp4", "parent": root(here)}
        metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in about.items())
        made = here.post("/uploads/", headers={"Upload-Length": str(len(data)), "Upload-Metadata": metadata} | TUS)
        path = httpx.URL(made.headers["Location"]).path
        assert here.patch(path, content=data[:middle], headers=BYTES | {"Upload-Offset": "0"}).status_code == 204
        assert there.head(path, headers=TUS).headers["Upload-Offset"] == str(middle)
        done = there.patch(path, content=data[middle:], headers=BYTES | {"Upload-Offset": str(middle)})
        assert done.headers["X-Workspace-Sha256"] == sha256(data).hexdigest()
        item = done.headers["X-Workspace-Item"]
        assert here.get(f"/api/v1/items/{item}/content").content == data


LOCK = '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'


def test_what_is_locked_over_webdav_at_one_node_is_locked_at_the_other(nodes) -> None:
    first, second = nodes
    path = "/dav/personal/plan.odt"
    with program(first, OLENA) as here, at(second, here) as there:
        assert here.put(path, content=b"plan").status_code == 201
        lock = here.request("LOCK", path, content=LOCK, headers={"Depth": "0"})
        token = lock.headers["Lock-Token"]
        assert there.put(path, content=b"over").status_code == 423
        assert there.request("LOCK", path, content=LOCK, headers={"Depth": "0"}).status_code == 423
        assert there.put(path, content=b"mine", headers={"If": f"({token})"}).status_code == 204
        assert there.request("UNLOCK", path, headers={"Lock-Token": token}).status_code == 204
        assert here.put(path, content=b"free").status_code == 204


def test_what_is_revoked_at_one_node_is_not_served_by_the_other_a_second_later(nodes) -> None:
    first, second = nodes
    with program(first, OLENA) as mine, program(first, PETRO) as theirs, at(second, theirs) as there:
        item = store(mine, "deed.pdf", b"a deed")
        subject = {"kind": "person", "email": PETRO}
        grant = mine.post(f"/api/v1/items/{item}/grants", json={"subject": subject, "level": "view"}).json()["id"]
        path = f"/api/v1/items/{item}/content"
        for _ in range(3):  # so that the other node remembers whatever it may remember
            assert there.get(path).content == b"a deed"
        assert mine.delete(f"/api/v1/items/{item}/grants/{grant}").status_code == 204
        revoked, served = time.monotonic(), []
        while time.monotonic() < revoked + 3 * FELT_WITHIN:
            asked = time.monotonic() - revoked
            if there.get(path).status_code == 200:
                served.append(asked)
        assert [one for one in served if one > FELT_WITHIN] == []
        assert there.get(path).status_code == 410


def test_an_account_that_is_closed_is_closed_at_both(nodes) -> None:
    first, second = nodes
    iryna = first.add_person("iryna@example.org", "Iryna")
    with program(first, "iryna@example.org") as here, at(second, here) as there:
        assert [one.get("/api/v1/spaces").status_code for one in (here, there)] == [200, 200]
        runtime = PROGRAMS.wire(from_environment(first.environment))
        with runtime.writing(COMMAND) as work:
            disable(work, iryna)
            work.commit()
        runtime.database.dispose()
        assert [one.get("/api/v1/spaces").status_code for one in (here, there)] == [401, 401]
