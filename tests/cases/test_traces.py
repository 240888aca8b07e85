"""Where a file's bytes appear in somebody's cases: on the original, on the copy in the case, on what a body gave."""

from __future__ import annotations

from sqlalchemy import select

from tests.cases.conftest import Town
from workspace.cases import office, service
from workspace.cases.models import DeliveredFile
from workspace.cases.traces import traces, used_in
from workspace.cloud.things import locate_item


def test_the_original_and_its_copy_know_of_the_delivery(town: Town) -> None:
    original = town.world.upload(town.olena.actor, town.olena.root_id, "riser.jpg", b"riser").item.id
    other = town.world.upload(town.olena.actor, town.olena.root_id, "other.jpg", b"riser").item.id
    case = town.open()
    with town.world.writing(town.olena.actor) as work:
        (copy,) = service.put_in(work, case.id, [original])
    with town.world.reading(town.olena.actor) as work:
        assert traces(work, [original, copy]) == {}
    town.deliver(case)
    with town.world.reading(town.olena.actor) as work:
        found = traces(work, [original, copy, other])
        assert set(found) == {original, copy}
        (trace,) = found[original]
        assert (trace.case_id, trace.body, trace.received) == (case.id, town.housing.name, False)
        assert [one.title for one in used_in(work, locate_item(work, copy)[1].lineage)] == [case.title]
        assert used_in(work, locate_item(work, original)[1].lineage) == []


def test_what_a_body_gave_is_known_as_received(small_town: Town) -> None:
    town = small_town
    case = town.in_work()
    with town.world.writing(town.andrii) as work:
        office.attach_answer_file(work, case.id, "estimate.pdf", town.world.seal(b"estimate"), "application/pdf")
        office.answer(work, case.id, "partly", "The estimate is attached.")
    with town.world.writing(town.olena.actor) as work:
        file_id = work.session.scalars(select(DeliveredFile.id).where(DeliveredFile.name == "estimate.pdf")).one()
        item_id = service.save_document(work, file_id)
    with town.world.reading(town.olena.actor) as work:
        assert [one.received for one in traces(work, [item_id])[item_id]] == [True]


def test_others_learn_nothing_of_a_case(small_town: Town) -> None:
    town = small_town
    original = town.world.upload(town.olena.actor, town.olena.root_id, "riser.jpg", b"riser").item.id
    case = town.open()
    with town.world.writing(town.olena.actor) as work:
        service.put_in(work, case.id, [original])
    town.deliver(case)
    for actor in (town.petro.actor, town.iryna, town.stranger):
        with town.world.reading(actor) as work:
            assert traces(work, [original]) == {}
            assert used_in(work, [case.folder_id]) == []
