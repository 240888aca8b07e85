"""Every door × every method × everybody × everything that is not theirs: nobody gets it, nor learns of it.

The doors are read from the URL map and from the table of WebDAV's methods, so that a new one is tried as soon as it is
there; one whose address holds an id of an unknown kind fails here until `estate.py` knows a thing of that kind.

Four things are asked of each answer. No mark of what the caller may not see, in its body or its fields. For what they
may not see, the same answer as for an id that never was. Nothing of Olena's has changed. And the fields that guard it
are there, and nobody between may keep it (class 17).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.api.test_doors import BODIES
from tests.parts.worlds import embedded_stack
from tests.sharing.estate import ALONE, CASE, SEALED, SHARED, Caller, Estate
from tests.web.visitor import Site
from tests.world import World
from workspace.dav.door import CHUNK_METHODS, METHODS
from workspace.http.headers import ASSETS
from workspace.kernel.ids import is_id, new_id

pytestmark = pytest.mark.slow

CALLERS = (
    "owner", "look", "view", "comment", "contribute", "edit", "registrar", "handler", "head", "elsewhere", "stranger",
    "expired", "revoked", "disabled", "link", "link_with_password", "link_without_its_password",
    "nobody", "administrator",
)  # fmt: skip
LEAST = 20_000
# parts of addresses that name nothing of anybody's: the same for a thing that is there and one that never was
OPEN = {
    "filename": "icon.svg",
    "kind": "bodies",
    "step": "disable",
    "size": "1",
    "token": "x" * 43,
    "name": "x.txt",
    "page": "x" * 43,
}
PLACES = {"shared": SHARED, "alone": ALONE, "thrown": ALONE, "delivered": CASE}
# the doors that a seeded mistake is asked at (test_mistakes.py); all of them otherwise
AIMED = re.compile(os.environ.get("MATRIX_DOORS", "."))
ANY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
GUARDS = (
    "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy",
    "Cache-Control",
)  # fmt: skip
READS = frozenset({"GET", "HEAD", "OPTIONS"})
# what acts on the caller's own account and nothing else; the tests of accounts ask these doors
OWN_ACCOUNT = re.compile(r"security\.|settings\.(?!end_)|api\.(change_me|end_sessions)$|invitation\.|shares\.link$")
# what administrators administer
ADMINISTRATION = re.compile("^admin|webhook|message")
# who only looks at what is shared, so that nothing they send may change it
LOOKERS = frozenset({"look", "view", "link", "link_with_password", "registrar", "handler", "head"})


@dataclass(frozen=True)
class Door:
    """One address form with one method."""

    rule: Rule
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def names(self) -> list[str]:
        """The parts of the address that name a thing."""
        return sorted(self.rule.arguments - set(OPEN) - {"slug"})


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("estate")
    world = World(folder, embedded_stack(folder))
    yield Estate(Site(world))
    world.close()


def doors(estate: Estate) -> list[Door]:
    """Every rule with every method it takes."""
    rules = [rule for rule in estate.site.app.url_map.iter_rules() if AIMED.search(str(rule.endpoint))]
    return [Door(rule, method) for rule in rules for method in sorted((rule.methods or set()) - {"OPTIONS"})]


def address(door: Door, estate: Estate, ids: dict[str, str], slug: str) -> str:
    values = {**OPEN, **ids, "slug": slug}
    _, built = door.rule.build({name: values[name] for name in door.rule.arguments}) or ("", "")
    return built


def known(estate: Estate, door: Door, place: str) -> dict[str, str] | None:
    """Ids of one place for this address; None where the place has nothing of any kind that it names."""
    found = {name: estate.ids[name][place] for name in door.names if place in estate.ids[name]}
    if door.names and not found:
        return None
    return {name: found.get(name) or new_id() for name in door.names}


def ask(estate: Estate, caller: Caller, method: str, path: str, thing: str) -> TestResponse:
    """One request as this caller would send it. `thing` stands wherever a form or a query names an item."""
    headers = {"Accept": "application/json"}
    more: dict[str, Any] = {}
    program = path.startswith(("/api/", "/uploads/"))
    if program:
        headers |= caller.authorization()
    if method not in READS:
        if not program:
            headers |= {"X-CSRFToken": token_of(caller), "Sec-Fetch-Site": "same-origin"}
        named = dict.fromkeys(("item", "to", "folder", "parent", "copy", "version", "person", "subject"), thing)
        words = dict.fromkeys(("name", "title", "text", "story", "note", "reason", "label", "number"), "x")
        form = named | words | {"level": "edit", "kind": "draft", "irrevocable": "y", "items": [thing], "do": "trash"}
        if path.startswith("/api/"):
            more |= body_of(estate, method, path, thing)
        elif not program:
            more["data"] = form
        if path.startswith("/uploads/"):
            headers |= {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Length": "1"}
            headers["Content-Type"] = "application/offset+octet-stream"
    elif not program:
        more["query_string"] = {"item": thing, "to": thing, "folder": thing, "q": "MARK"}
    client = estate.site.app.test_client() if program else caller.client
    return client.open(path, method=method, headers=headers, **more)


def body_of(estate: Estate, method: str, path: str, thing: str) -> dict[str, Any]:
    """What an operation of the API takes, with the thing wherever it names one; with less it would not even ask."""
    try:
        endpoint, _ = estate.site.app.url_map.bind("localhost").match(path, method=method)
    except MethodNotAllowed:
        return {"data": b"x"}
    body = BODIES.get(endpoint.removeprefix("api."))
    if body is None:
        return {"data": b"x"}

    def named(one: Any) -> Any:
        if isinstance(one, dict):
            return {key: named(value) for key, value in one.items()}
        if isinstance(one, list):
            return [named(value) for value in one]
        return thing if isinstance(one, str) and is_id(one) else one

    return {"json": named(body)}


def token_of(caller: Caller) -> str:
    if not caller.token:
        for path in ("/settings", "/sign-in"):
            found = re.search(r'name="csrf_token" value="([^"]+)"', caller.client.get(path).get_data(as_text=True))
            if found:
                caller.token = found[1]
                break
    return caller.token


def leaks(caller: Caller, answer: TestResponse) -> list[bytes]:
    """Marks in this answer that are not for this caller."""
    told = answer.get_data() + repr(list(answer.headers)).encode()
    return [mark for mark in caller.forbidden if mark in told]


def unguarded(caller: Caller, answer: TestResponse, endpoint: str = "") -> str:
    """What an answer lacks that each has to carry; "" for a good one."""
    lacking = [name for name in GUARDS if name not in answer.headers]
    rules = {one.strip() for one in answer.headers.get("Cache-Control", "").split(",")}
    # how the instance is doing is the same for everybody, and so are the files that pages are made of
    wanted = {"private", "no-store"} if caller.known and not endpoint.startswith("health.") else {"private"}
    if endpoint not in ASSETS and not wanted <= rules:
        lacking.append(f"Cache-Control is {sorted(rules)}")
    return ", ".join(lacking)


def shape(answer: TestResponse, path: str, ids: dict[str, str]) -> tuple[int, str]:
    """An answer without the ids that were asked for: what one may compare with another."""
    text = answer.get_data(as_text=True) if answer.status_code >= 400 else ""
    for value in sorted({path, *ids.values()}, key=len, reverse=True):
        text = text.replace(value, "ID")
    return answer.status_code, re.sub(r'"request_id":\s*"[^"]*"', "", text)


class Sheet:
    """What was found, and how much was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.found: list[str] = []

    def note(self, what: object, why: str) -> None:
        self.found.append(f"{what}: {why}")


def sweep(estate: Estate, caller: Caller, sheet: Sheet) -> None:
    """All doors, for one caller."""
    before = estate.state()
    for door in doors(estate):
        if door.method == "HEAD" and caller.name not in ("stranger", "nobody"):
            continue  # the answer of GET without its body, made by the server itself
        if door.method not in READS and (caller.name == "owner" or OWN_ACCOUNT.match(str(door.rule.endpoint))):
            continue
        if door.rule.endpoint == "security.logout":
            continue
        slugs = [estate.housing.slug, estate.transport.slug] if "slug" in door.rule.arguments else [""]
        for slug in slugs:
            _try_door(estate, caller, door, slug, sheet)
        if door.method not in READS:
            after = estate.state()
            if after != before:
                sheet.note(f"{caller.name} {door}", f"changed {sorted(set(after) ^ set(before))[:2]}")
                before = after


def _try_door(estate: Estate, caller: Caller, door: Door, slug: str, sheet: Sheet) -> None:
    never = {name: new_id() for name in door.names}
    path = address(door, estate, never, slug)
    unknown = shape(_asked(estate, caller, door, path, new_id(), sheet), path, never)
    for place, mark in PLACES.items():
        ids = known(estate, door, place)
        if ids is None:
            continue
        sees = mark in caller.sees
        if sees and door.method not in READS and not (place == "shared" and caller.name in LOOKERS):
            continue  # what they may do with it, other tests say
        path = address(door, estate, ids, slug)
        thing = estate.ids["item_id"].get(place) or new_id()
        answer = _asked(estate, caller, door, path, thing, sheet)
        ended = place == "shared" and caller.name in ("expired", "revoked") and answer.status_code == 410
        administers = caller.name == "administrator" and ADMINISTRATION.search(str(door.rule.endpoint))
        if not (sees or ended or administers) and door.names and shape(answer, path, ids | {"thing": thing}) != unknown:
            sheet.note(f"{caller.name} {door} ({place})", f"{answer.status_code}, for what never was {unknown[0]}")


def _asked(estate: Estate, caller: Caller, door: Door, path: str, thing: str, sheet: Sheet) -> TestResponse:
    answer = ask(estate, caller, door.method, path, thing)
    sheet.asked += 1
    if leaked := leaks(caller, answer):
        sheet.note(f"{caller.name} {door}", f"{answer.status_code} tells {leaked}")
    if answer.status_code >= 500:
        sheet.note(f"{caller.name} {door}", f"answered {answer.status_code}")
    if lacking := unguarded(caller, answer, str(door.rule.endpoint)):
        sheet.note(f"{caller.name} {door}", f"{answer.status_code} lacks: {lacking}")
    return answer


_asked_in_all: dict[str, int] = {}


@pytest.mark.parametrize("name", CALLERS)
def test_class_1_nobody_gets_or_learns_of_what_is_not_theirs(estate: Estate, name: str) -> None:
    sheet = Sheet()
    sweep(estate, estate.callers[name], sheet)
    _asked_in_all[name] = sheet.asked
    assert sheet.found == [], "\n".join(sheet.found[:40])


def test_a_method_that_a_door_does_not_know_is_refused(estate: Estate) -> None:
    sheet = Sheet()
    for caller in (estate.callers["stranger"], estate.callers["nobody"]):
        for rule in estate.site.app.url_map.iter_rules():
            for method in set(ANY_METHOD) - (rule.methods or set()):
                door = Door(rule, method)
                ids = known(estate, door, "alone") or {one: new_id() for one in door.names}
                path = address(door, estate, ids, estate.housing.slug)
                _asked(estate, caller, door, path, new_id(), sheet)
    _asked_in_all["methods"] = sheet.asked
    assert sheet.found == [], "\n".join(sheet.found[:40])


INSIDE = "{0} top/{0} inner/{0} deep/{0}.txt"
DAV_PLACES = (
    f"/dav/shared/{SHARED} top", "/dav/shared/" + INSIDE.format(SHARED), f"/dav/shared/{ALONE} top",
    "/dav/shared/" + INSIDE.format(ALONE), f"/dav/personal/{ALONE} top", "/dav/bodies/SLUG/cases/NUMBER",
    f"/remote.php/webdav/Shared with me/{ALONE} top", f"/remote.php/dav/files/OLENA/{ALONE} top",
    "/remote.php/dav/files/OLENA", "/remote.php/dav/uploads/OLENA/1",
)  # fmt: skip
DAV_METHODS = sorted({*METHODS, *CHUNK_METHODS})


@pytest.mark.parametrize("name", [one for one in CALLERS if one not in ("owner", "link", "link_with_password")])
def test_no_path_of_webdav_leads_to_what_is_not_theirs(estate: Estate, name: str) -> None:
    caller, sheet, before = estate.callers[name], Sheet(), estate.state()
    for method in DAV_METHODS:
        for place in DAV_PLACES:
            _try_path(estate, caller, method, place, sheet)
        if method not in READS and estate.state() != before:
            sheet.note(f"{name} {method}", "changed what is Olena's")
    _asked_in_all[f"dav {name}"] = sheet.asked
    assert sheet.found == [], "\n".join(sheet.found[:40])


def _try_path(estate: Estate, caller: Caller, method: str, place: str, sheet: Sheet) -> None:
    mark = SHARED if SHARED in place else CASE if "SLUG" in place else ALONE
    if mark in caller.sees or ("/personal/" in place and method not in ("GET", "HEAD", "PROPFIND")):
        return  # their own right, and what they put into a cloud of their own
    place = place.replace("SLUG", estate.housing.slug)
    real = place.replace("NUMBER", estate.ids["case_id"]["delivered"]).replace("OLENA", estate.olena.id)
    never = re.sub(r"MARK-[A-Z]+-....", "nothing", place).replace("NUMBER", new_id()).replace("OLENA", new_id())
    answers = []
    for path in (real, never):
        headers = caller.authorization() | {"Depth": "0", "Destination": f"/dav/personal/{new_id()}"}
        answer = estate.site.app.test_client().open(path, method=method, headers=headers)
        sheet.asked += 1
        answers.append(answer.status_code)
        if answer.status_code >= 500 and answer.status_code not in (502, 507):  # another mount; no room (RFC 4918)
            sheet.note(f"{caller.name} {method} {path}", f"answered {answer.status_code}")
        if lacking := unguarded(caller, answer):
            sheet.note(f"{caller.name} {method} {path}", f"{answer.status_code} lacks: {lacking}")
        # what was asked for may be said again; nothing else
        told = answer.get_data().replace(path.encode(), b"").replace(quote(path).encode(), b"")
        if any(one in told for one in caller.forbidden):
            sheet.note(f"{caller.name} {method} {path}", "tells of it")
    ended = caller.name in ("expired", "revoked") and answers[0] == 410
    if answers[0] != answers[1] and not ended:
        sheet.note(f"{caller.name} {method} {real}", f"{answers[0]}, for what never was {answers[1]}")


def test_no_sealed_word_lies_in_the_clear_whoever_asked_for_it(estate: Estate) -> None:
    """After all that was asked: in no table, object, journal, letter or temporary file."""
    word, folder = SEALED.encode(), estate.world.instance
    traces = [path for path in sorted(folder.rglob("*")) if path.is_file() and word in path.read_bytes()]
    assert traces == []
    assert [recipient for _, recipient, letter in estate.world.letters.sent if word in letter] == []


def test_every_address_names_things_of_known_kinds(estate: Estate) -> None:
    """A new kind of id has to be made in `estate.py`, so that its doors are tried with a real one."""
    without = {"invitation_id", "job_id", "letter_id", "office_id", "official_id", "person_id", "session_id"}
    named = {name for door in doors(estate) for name in door.names}
    assert named - set(estate.ids) == set(), "make one in tests/sharing/estate.py"
    assert not without - named


def test_twenty_thousand_answers_were_looked_at(estate: Estate) -> None:
    if set(_asked_in_all) >= set(CALLERS):
        assert sum(_asked_in_all.values()) >= LEAST, _asked_in_all
