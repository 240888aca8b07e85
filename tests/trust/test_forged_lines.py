"""Class 20 of what breaks clouds: whatever people write into names, notes and purposes, one thing that happened is one
entry of the log, and no entry tells what they wrote."""

from __future__ import annotations

import pytest

from tests.jobs.keeping import keep_log
from tests.world import World
from workspace.cloud import service
from workspace.cloud.things import locate_item
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.kernel.errors import DomainError
from workspace.sharing.rule import Level
from workspace.sharing.service import grant
from workspace.trust.verify import verify_log

FORGED = {
    "a line break": "a\r\n2026-03-02 INFO everything is fine",
    "an escape of terminals": "a\x1b[2K\x1b[1Adeleted",
    "a line separator": "a\u2028b\u2029c",
    "quotes and braces": '","person_id":"nobody"},{"kind":"grant.given',
    "a turn of direction": "exe.\u202efdp",
    "half a character": "a\ud800",
    "a million letters": "x" * 1_000_000,
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED)
def test_class_20_nothing_that_people_write_forges_an_entry(embedded_world: World, text: str) -> None:
    world = embedded_world
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    item = world.upload(olena.actor, olena.root_id, "letter.txt", b"a letter").item.id
    before = len(world.facts())
    done = 0
    for act in ("name", "note", "purpose"):
        try:
            with world.writing(olena.actor) as work:
                if act == "name":
                    service.rename(work, item, text)
                elif act == "note":
                    service.describe(work, item, note=text)
                else:
                    thing = locate_item(work, item)[1]
                    grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.VIEW, purpose=text)
            done += 1
        except DomainError:
            continue  # refused by name: nothing was written
    assert len(world.facts()) == before + done
    assert [fact for fact in world.facts() if text[:40] in str(fact.details)] == []
    keep_log(world)
    with world.reading(WORKER) as work:
        assert verify_log(work, world.runtime.ports.journal) == []
