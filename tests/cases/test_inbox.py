"""The body's letters by what they need, in a steady number of statements, and deliveries that do not cost by size."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.cases.conftest import Town
from workspace.cases import inbox, office, queries, service
from workspace.cases.inbox import Filter, Tab
from workspace.kernel.actors import Role
from workspace.kernel.errors import NameTaken, NotAcceptable, NotFound


def titles(town: Town, actor: object, **wanted: object) -> list[str]:
    with town.world.reading(actor) as work:  # type: ignore[arg-type]
        page = inbox.inbox(work, town.housing.id, Filter(**wanted))  # type: ignore[arg-type]
    return [one.title for one in page.lines]


@contextmanager
def statements(town: Town) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = town.world.runtime.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_letters_stand_under_what_they_need(town: Town) -> None:
    for title in ("Late", "Asked", "New"):
        if title == "New":
            town.world.clock.move(timedelta(days=26))
        case = town.delivered(title)
        if title == "New":
            continue
        with town.world.writing(town.nadiia) as work:
            office.register(work, case.id)
            office.assign(work, case.id, town.andrii.person_id or "")
            if title == "Asked":
                office.ask(work, case.id, "When?")
    assert titles(town, town.andrii, tab=Tab.NEW) == ["New"]
    assert sorted(titles(town, town.andrii, tab=Tab.MINE)) == ["Asked", "Late"]
    assert sorted(titles(town, town.andrii, tab=Tab.SOON)) == ["Asked", "Late"]
    assert titles(town, town.andrii, tab=Tab.OVERDUE) == []
    assert titles(town, town.andrii, tab=Tab.WAITING) == ["Asked"]
    assert titles(town, town.iryna, tab=Tab.MINE) == []
    town.world.clock.move(timedelta(days=3))
    assert sorted(titles(town, town.andrii, tab=Tab.OVERDUE)) == ["Asked", "Late"]
    with town.world.reading(town.andrii) as work:
        counts = inbox.counts(work, town.housing.id)
    assert (counts.new, counts.mine, counts.overdue, counts.waiting, counts.open) == (1, 2, 2, 1, 3)


def test_the_list_is_narrowed_by_words_kind_and_handler(town: Town) -> None:
    roof, stairs = town.delivered("Дах протікає"), town.delivered("Stairs")
    with town.world.writing(town.nadiia) as work:
        office.assign_many(work, [stairs.id], town.andrii.person_id or "")
    assert titles(town, town.iryna, text="дах") == ["Дах протікає"]
    assert titles(town, town.iryna, text="hrytsenko", handler="nobody") == ["Дах протікає"]
    assert titles(town, town.iryna, text="01/1-26") == ["Stairs"]
    assert titles(town, town.iryna, kind="complaint") == []
    assert titles(town, town.iryna, handler=town.andrii.person_id) == ["Stairs"]
    assert roof.id != stairs.id


def test_numbers_go_up_and_a_paper_number_is_kept_as_written(town: Town) -> None:
    first, second, third, fourth = (town.delivered(f"Letter {number}") for number in range(4))
    with town.world.writing(town.iryna) as work:
        assert office.register(work, first.id) == "01/1-26"
        assert office.register(work, first.id) == "01/1-26"
        assert office.register(work, second.id, " 03-12/214 ") == "03-12/214"
        with pytest.raises(NameTaken):
            office.register(work, third.id, "03-12/214")
        assert office.register(work, third.id, "01/2-26") == "01/2-26"
        assert office.register(work, fourth.id) == "01/3-26"


def test_many_are_registered_and_assigned_at_once(town: Town) -> None:
    cases = [town.delivered(f"Letter {number}").id for number in range(3)]
    with town.world.writing(town.iryna) as work:
        assert office.register_many(work, cases[:2]) == 2
        assert office.register_many(work, cases) == 1
        assert office.assign_many(work, cases, town.andrii.person_id or "") == 3
        with pytest.raises(NotAcceptable):
            office.assign(work, cases[0], town.iryna.person_id or "")
    with town.world.reading(town.iryna) as work:
        page = inbox.inbox(work, town.housing.id)
        handlers = {one.handler for one in page.lines}
        assert [(one.name, one.role) for one in page.handlers] == [
            ("Nadiia Kravets", Role.HEAD),
            ("Andrii Shevchuk", Role.HANDLER),
        ]
    assert handlers == {"Andrii Shevchuk"}


def test_another_body_has_another_inbox(town: Town) -> None:
    town.delivered()
    with town.world.reading(town.stranger) as work:
        assert inbox.inbox(work, town.transport.id).lines == ()
        with pytest.raises(NotFound):
            inbox.inbox(work, town.housing.id)


def test_lists_cost_the_same_number_of_statements_whatever_they_hold(small_town: Town) -> None:
    counted = []
    for _ in range(2):
        small_town.delivered()
        with statements(small_town) as seen:
            titles(small_town, small_town.iryna)
            with small_town.world.reading(small_town.olena.actor) as work:
                queries.my_cases(work)
        counted.append(len(seen))
        for _ in range(3):
            small_town.delivered()
    assert counted[0] == counted[1]


def test_a_thousand_files_are_delivered_within_a_second(small_town: Town) -> None:
    town = small_town
    case = town.open()
    photo = town.add(case, "photo.jpg")
    folder = town.world.folder(town.olena.actor, town.olena.root_id, "many")
    with town.world.writing(town.olena.actor) as work:
        for _ in range(100):
            service.put_copy(work, photo, folder)
        for _ in range(10):
            service.put_copy(work, folder, case.folder_id)
    gc.collect()  # what a thousand tests before have left is not to be gone through now
    with town.world.writing(town.olena.actor) as work:
        began = time.thread_time()
        delivery = service.deliver(work, case.id)
        work.session.flush()
        took = time.thread_time() - began
    assert delivery.files == 1001
    assert took < 1
