"""Class 12 of what breaks clouds: nobody is led to another host by what a request says the host is.

Every address that can be read, every answer that leads on and every letter is looked at for a host that was made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.parts.worlds import embedded_stack
from tests.sharing.estate import Caller, Estate
from tests.sharing.test_matrix import address, doors, known
from tests.web.visitor import PASSWORD, Site
from tests.world import World
from workspace.kernel.ids import new_id

EVIL = "evil.example"
SAID = (
    {"Host": EVIL},
    {"X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}", "X-Host": EVIL, "X-Original-URL": f"https://{EVIL}/"},
)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("host")
    world = World(folder, embedded_stack(folder))
    yield Estate(Site(world))
    world.close()


def tells_of(caller: Caller, path: str, headers: dict[str, str]) -> bool:
    answer = caller.client.get(path, headers=headers)
    return EVIL.encode() in answer.get_data() or EVIL in repr(list(answer.headers))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["owner", "nobody"])
@pytest.mark.parametrize("said", SAID, ids=["Host", "forwarded"])
def test_class_12_no_page_and_no_answer_leads_to_a_host_that_was_made_up(
    estate: Estate, name: str, said: dict[str, str]
) -> None:
    caller, found = estate.callers[name], []
    for door in doors(estate):
        if door.method != "GET":
            continue
        ids = known(estate, door, "alone") or {one: new_id() for one in door.names}
        path = address(door, estate, ids, estate.housing.slug)
        if tells_of(caller, path, said):
            found.append(path)
    assert found == []


def test_class_12_letters_lead_to_the_configured_address_alone(estate: Estate) -> None:
    visitor = estate.site.visitor()
    visitor.environment = {"headers": {"Host": EVIL}}
    visitor.client.environ_base["HTTP_HOST"] = EVIL
    visitor.fill("/reset-password", {"email": estate.olena.email}, action="/reset-password")
    letters = estate.site.letters()
    assert [text for _, _, text in letters if EVIL in text] == []
    assert any("/reset-password/" in text for _, _, text in letters)


def test_class_12_paths_of_programs_are_answered_with_paths(estate: Estate) -> None:
    caller = estate.callers["owner"]
    client = estate.site.app.test_client()
    headers = caller.authorization() | {"Host": EVIL, "Depth": "1"}
    listed = client.open("/dav/personal/", method="PROPFIND", headers=headers)
    assert listed.status_code == 207
    assert EVIL.encode() not in listed.get_data()
    made = client.post(
        "/uploads/",
        headers=caller.authorization()
        | {"Host": EVIL, "Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Metadata": "filename eA=="},
    )
    assert EVIL not in made.headers.get("Location", "")


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])
def test_class_12_signing_in_leads_nowhere_else(estate: Estate, wanted: str) -> None:
    visitor = estate.site.visitor()
    values = {"email": estate.olena.email, "password": PASSWORD}
    location = visitor.fill(f"/sign-in?next={wanted}", values).headers.get("Location", "")
    target = urlsplit(location)
    assert (target.scheme, target.netloc) == ("", "")
    assert not location.startswith(("//", "/\\"))
