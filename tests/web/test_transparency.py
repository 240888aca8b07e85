"""The log as anybody sees it: states, proofs, the key. Hashes for everybody, a fact for its owner alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.jobs.keeping import do_all, keep_log
from tests.trust.test_verifier import verify
from tests.web.visitor import Site, Visitor
from workspace.cloud.things import locate_item
from workspace.jobs import kinds
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level


@pytest.fixture
def olena(site: Site) -> Any:
    return site.person("Olena")


def opened_by_petro(site: Site, olena: Any) -> Any:
    """Olena shares a file, Petro opens it, the log takes it."""
    world, petro = site.world, site.person("Petro")
    item_id = world.upload(olena.actor, olena.root_id, "акт.pdf", b"content").item.id
    with world.writing(olena.actor) as work:
        thing = locate_item(work, item_id)[1]
        sharing.grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.VIEW, purpose="to read")
    world.content(petro.actor, item_id)
    keep_log(world)
    return petro


def signed_in(site: Site, someone: Any) -> Visitor:
    visitor = site.visitor()
    visitor.sign_in(someone.email)
    return visitor


def opening(site: Site) -> str:
    return site.world.facts("access.opened")[-1].id


def test_whoever_keeps_a_state_can_hold_the_next_ones_against_it(site: Site, olena: Any) -> None:
    anybody = site.visitor()
    assert anybody.get("/log/head.json").status_code == 404
    keep_log(site.world)
    kept = anybody.get("/log/head.json").get_json()
    opened_by_petro(site, olena)
    later = anybody.get(f"/log/consistency.json?first={kept['size']}").get_json()
    assert later["second"]["size"] > kept["size"]
    assert verify.check(later, bytes.fromhex(kept["public_key"]), kept)
    assert anybody.get(f"/log/heads/{kept['size']}.json").get_json() == kept
    way = anybody.get(f"/log/inclusion.json?index=0&size={kept['size']}").get_json()
    assert (way["leaf"], way["head"]) == (0, kept)


def test_the_key_is_one_and_the_same_everywhere(site: Site, olena: Any) -> None:
    keep_log(site.world)
    anybody = site.visitor()
    pem = load_pem_public_key(anybody.get("/log/key.pem").data)
    said = anybody.get("/log/head.json").get_json()["public_key"]
    assert pem.public_bytes_raw().hex() == said  # type: ignore[union-attr]
    assert said[:32] in anybody.get("/log").get_data(as_text=True).replace(" ", "").replace(
        '</span><spanclass="cw-fp__half">', ""
    )


@pytest.mark.parametrize(
    "query", ["", "?first=x", "?first=-1", "?first=0", "?first=999999", "?first=1&second=1e3", "?first=٣"]
)
def test_a_size_that_is_none_gets_a_clear_answer(site: Site, olena: Any, query: str) -> None:
    keep_log(site.world)
    assert site.visitor().get(f"/log/consistency.json{query}").status_code in (404, 422)


def test_the_owner_takes_the_proof_of_a_line_home(site: Site, olena: Any) -> None:
    opened_by_petro(site, olena)
    answer = signed_in(site, olena).get(f"/opened/{opening(site)}/proof.json")
    document = answer.get_json()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert verify.check(document, site.world.runtime.ports.signer.public_key())
    assert document["fact"]["kind"] == "access.opened"


def test_the_owner_takes_the_whole_ledger_home_and_every_line_proves_itself(site: Site, olena: Any) -> None:
    petro, key = opened_by_petro(site, olena), site.world.runtime.ports.signer.public_key()
    item_id = site.world.upload(olena.actor, olena.root_id, "second.pdf", b"more").item.id
    with site.world.writing(olena.actor) as work:
        thing = locate_item(work, item_id)[1]
        sharing.grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
    site.world.content(petro.actor, item_id)
    browser = signed_in(site, olena)
    assert len(browser.get("/opened.json?t=all").get_json()["entries"]) == 1  # the second is being sealed
    keep_log(site.world)
    answer = browser.get("/opened.json?t=all")
    document = answer.get_json()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert [one["fact"]["kind"] for one in document["entries"]] == ["access.opened", "access.opened"]
    assert len({one["head"]["size"] for one in document["entries"]}) == 1
    assert verify.check(document, key).startswith("2 entries, the last one: entry")
    assert browser.get(f"/opened.json?t=all&item={item_id}").get_json()["entries"] == document["entries"][:1]
    document["entries"][1]["fact"]["person"] = olena.id
    with pytest.raises(verify.Broken):
        verify.check(document, key)


def test_nobody_else_learns_what_a_line_says(site: Site, olena: Any) -> None:
    petro = opened_by_petro(site, olena)
    path = f"/opened/{opening(site)}/proof.json"
    assert signed_in(site, petro).get(path).status_code == 404
    assert signed_in(site, site.person("Oksana")).get(path).status_code == 404
    assert site.visitor().get(path).status_code in (302, 401)
    assert signed_in(site, petro).get("/opened.json?t=all").get_json()["entries"] == []
    assert site.visitor().get("/opened.json").status_code in (302, 401)


def weekly(site: Site) -> list[tuple[str, str, str]]:
    """Let the worker write the weekly letters; those that came of it."""
    before = len(site.letters())
    with site.world.writing(WORKER) as work:
        work.later(kinds.WEEKLY, {})
    do_all(keep_log(site.world))
    return [one for one in site.letters()[before:] if "/opened" in one[2]]


def test_once_a_week_the_owner_is_told_and_given_a_state_to_keep(site: Site, olena: Any) -> None:
    petro = opened_by_petro(site, olena)
    ((recipient, _subject, text),) = weekly(site)
    assert recipient == olena.email
    assert "1 time this week" in text
    assert "акт" not in text
    assert petro.name not in text
    state = verify.json.loads(text.strip().splitlines()[-1])
    assert verify.check(state, site.world.runtime.ports.signer.public_key())
    assert weekly(site) == []  # nothing new, nobody is told twice
    site.world.clock.move(timedelta(days=7))
    assert weekly(site) == []


def test_who_does_not_want_the_letter_gets_none(site: Site, olena: Any) -> None:
    browser = signed_in(site, olena)
    browser.fill("/settings/letters", {"weekly": "no"}, action="/settings/letters")
    opened_by_petro(site, olena)
    assert weekly(site) == []
