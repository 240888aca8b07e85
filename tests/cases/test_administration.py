"""Cases as administrators see them: numbers, and bodies where they wait for nobody."""

from __future__ import annotations

import pytest

from tests.world import SomeBody, Someone, World
from workspace.cases import office, service
from workspace.cases.administration import case_numbers, unattended_bodies
from workspace.kernel.actors import COMMAND, Role
from workspace.kernel.errors import Forbidden


def delivered(world: World, olena: Someone, body: SomeBody) -> str:
    with world.writing(olena.actor) as work:
        case_id = service.open_case(work, title="Roof", story="It leaks.", body_id=body.id).id
    with world.writing(olena.actor) as work:
        service.deliver(work, case_id)
    return case_id


def test_a_body_without_officials_is_named_while_cases_wait_there(world: World) -> None:
    olena, housing, parks = world.make_person("Olena"), world.make_body("Housing"), world.make_body("Parks")
    staffed = world.make_body("Transport")
    world.appoint(world.make_person("Iryna"), staffed, Role.REGISTRAR)
    first = delivered(world, olena, housing)
    delivered(world, olena, housing)
    delivered(world, olena, parks)
    delivered(world, olena, staffed)
    with world.writing(olena.actor) as work:
        service.open_case(work, title="Still a draft", body_id=parks.id)
    with world.reading(COMMAND) as work:
        assert [(one.name, one.cases) for one in unattended_bodies(work)] == [("Housing", 2), ("Parks", 1)]
        numbers = case_numbers(work)
        assert (numbers.drafts, numbers.delivered, numbers.answered) == (1, 4, 0)
    with world.writing(olena.actor) as work:
        service.withdraw(work, first)
    with world.reading(COMMAND) as work:
        assert unattended_bodies(work)[0].cases == 1
    head = world.appoint(world.make_person("Nadiia"), housing, Role.HEAD)
    with world.reading(head) as work, pytest.raises(Forbidden):
        unattended_bodies(work)
    with world.reading(COMMAND) as work:
        assert [one.name for one in unattended_bodies(work)] == ["Parks"]


def test_answers_are_counted_once_a_case(embedded_world: World) -> None:
    world = embedded_world
    olena, housing = world.make_person("Olena"), world.make_body("Housing")
    head = world.appoint(world.make_person("Iryna"), housing, Role.HEAD)
    case_id = delivered(world, olena, housing)
    for act in (
        lambda work: office.register(work, case_id),
        lambda work: office.answer(work, case_id, "granted", "Yes."),
    ):
        with world.writing(head) as work:
            act(work)
    with world.writing(olena.actor) as work:
        service.contest(work, case_id, "Only half of it.")
    with world.writing(head) as work:
        office.answer(work, case_id, "granted", "All of it.")
    with world.reading(COMMAND) as work:
        assert case_numbers(work).answered == 1


def test_a_citizen_counts_nobodys_cases(embedded_world: World) -> None:
    olena = embedded_world.make_person()
    with embedded_world.reading(olena.actor) as work, pytest.raises(Forbidden):
        case_numbers(work)
