"""`workspace check --repair` mends what costs nobody anything, and says of the rest what a person has to decide."""

import json
import os
from datetime import timedelta

import pytest

from tests.cases.conftest import Town, _town
from tests.cli.damages import BIG, DAMAGES, put, small_item
from tests.jobs.keeping import do_all, keep_log
from tests.world import World
from workspace.cli import check_store
from workspace.cli.checking import CHECKS, answer, lines, mended
from workspace.cli.findings import Course, Finding
from workspace.cloud.trash import delete_for_good, trash
from workspace.jobs.recovery import outstanding, recover
from workspace.kernel.ids import new_id


@pytest.fixture
def town(world: World) -> Town:
    """A town with a whole story, a large file, and a log."""
    town = _town(world)
    town.answered()
    world.upload(town.olena.actor, town.olena.root_id, "large.bin", BIG)
    world.upload(town.petro.actor, town.petro.root_id, "small.txt", b"of Petro")
    keep_log(world)
    return town


def looked_at(world: World, deep: bool = False) -> list[Finding]:
    course = Course(world.runtime, deep, recover=recover, outstanding=outstanding)
    return [finding for check in CHECKS for finding in check(course)]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_kind_of_damage_is_found_told_and_mended_or_left_to_a_person(town: Town) -> None:
    world = town.world
    assert looked_at(world, deep=True) == []
    petros = small_item(town)
    for name, damage in DAMAGES.items():
        undo = damage.make(town)
        found = [one for one in looked_at(world, damage.deep) if one.kind == damage.kind]
        assert found, name
        assert any(damage.words in one.text for one in found), (name, found)
        assert all((one.mend is not None) == damage.mended for one in found), name
        if damage.mended:
            assert all(mended(one) for one in found), name
            assert not [one for one in looked_at(world, damage.deep) if one.kind == damage.kind], name
            undo()
        else:
            assert all(one.advice for one in found), name
            assert [one for one in found if mended(one)] == [], name
            undo()
        assert looked_at(world, damage.deep) == [], name
    keep_log(world)
    assert looked_at(world, deep=True) == []
    assert world.content(town.petro.actor, petros) == b"of Petro"


def test_old_orphans_and_what_dead_writers_left_are_removed(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    kept = world.upload(olena.actor, olena.root_id, "kept.bin", BIG).item.id
    put(world, new_id(), b"left behind")
    draft = next((world.instance / "objects").glob("tmp"), world.instance / "objects" / "tmp") / "draft"
    draft.write_bytes(b"half")
    os.utime(draft, (1, 1))
    # the store stamps objects with the true time, our clock stands in another year
    world.clock.move(timedelta(days=36500))
    found = [one for one in looked_at(world) if one.kind in ("orphan", "leftover")]
    assert {one.kind for one in found} == {"orphan", "leftover"}
    assert [mended(one) for one in found] == ["It is removed."] * 2
    assert not [one for one in looked_at(world) if one.kind in ("orphan", "leftover")]
    assert world.content(olena.actor, kept) == BIG


def test_what_nothing_names_any_more_is_swept(embedded_world: World) -> None:
    world = embedded_world
    olena = world.make_person()
    item = world.upload(olena.actor, olena.root_id, "gone.bin", BIG).item.id
    with world.writing(olena.actor) as work:
        trash(work, item)
        delete_for_good(work, item)
    world.clock.move(check_store.UNSWEPT + timedelta(days=1, hours=1))
    (found,) = [one for one in looked_at(world) if one.kind == "unswept"]
    assert mended(found) == "Its rows and objects are removed."
    assert list(world.runtime.ports.objects.walk()) == []


def test_a_spoilt_preview_is_made_anew_by_the_worker(embedded_world: World) -> None:
    town = _town(embedded_world)
    embedded_world.upload(town.olena.actor, town.olena.root_id, "large.bin", BIG)
    undo = DAMAGES["a turned bit in a preview"].make(town)
    (found,) = [one for one in looked_at(embedded_world, deep=True) if one.kind == "damaged"]
    assert mended(found) == "The worker makes the preview anew."
    do_all(keep_log(embedded_world))
    undo()
    assert looked_at(embedded_world, deep=True) == []


def test_words_for_people_and_values_for_programs_say_the_same() -> None:
    left = Finding("missing", "01k", "The object is not in the store.", "Bring it back.")
    able = Finding("room", "01s", "It does not add up.", mend=lambda: "It is counted anew.")
    assert lines(left, "", True) == "missing 01k: The object is not in the store.\n  to decide: Bring it back."
    assert lines(able, "", False).endswith("--repair mends this")
    assert lines(able, mended(able), True).endswith("mended: It is counted anew.")
    course = Course(None, False)  # type: ignore[arg-type]
    told = json.loads(json.dumps(answer(course, [(left, ""), (able, "It is counted anew.")])))
    assert [(one["kind"], one["mendable"], one["mended"]) for one in told["findings"]] == [
        ("missing", False, ""),
        ("room", True, "It is counted anew."),
    ]
