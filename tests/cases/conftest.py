"""A small town: Olena who writes, a department with three officials, and everybody who must see nothing of it."""

from dataclasses import dataclass

import pytest

from tests.world import SomeBody, Someone, World
from workspace.bodies.models import Body
from workspace.cases import office, service
from workspace.cases.delivering import deliver_with_letter
from workspace.cases.handover import HandedOver
from workspace.cases.models import Case
from workspace.kernel.actors import Actor, Role

STORY = "The riser burst on 18 February.\n\nPlease replace it, and dry the basement."
MARKER = b"marker-7f3a riser photo"


@dataclass(frozen=True)
class Town:
    """The people of a story, and the short ways through it."""

    world: World
    olena: Someone
    petro: Someone
    housing: SomeBody
    transport: SomeBody
    iryna: Actor
    andrii: Actor
    nadiia: Actor
    stranger: Actor
    administrator: Actor

    def open(self, title: str = "Burst riser, Lypova 14", story: str = STORY) -> Case:
        with self.world.writing(self.olena.actor) as work:
            return service.open_case(work, title=title, story=story, body_id=self.housing.id)

    def add(self, case: Case, name: str = "riser.jpg", data: bytes = MARKER) -> str:
        return self.world.upload(self.olena.actor, case.folder_id, name, data).item.id

    def deliver(self, case: Case) -> HandedOver:
        return deliver_with_letter(self.world.runtime, self.olena.actor, case.id, "en")

    def delivered(self, title: str = "Burst riser, Lypova 14") -> Case:
        case = self.open(title)
        self.add(case)
        self.deliver(case)
        return case

    def in_work(self) -> Case:
        case = self.delivered()
        with self.world.writing(self.iryna) as work:
            office.register(work, case.id)
            office.assign(work, case.id, self.andrii.person_id or "")
        return case

    def answered(self, outcome: str = "partly") -> Case:
        case = self.in_work()
        with self.world.writing(self.andrii) as work:
            office.answer(work, case.id, outcome, "The riser will be replaced on 22 April.")
        return case


@pytest.fixture
def town(world: World) -> Town:
    return _town(world)


@pytest.fixture
def small_town(embedded_world: World) -> Town:
    """The same, on SQLite and the filesystem alone."""
    return _town(embedded_world)


def _town(world: World) -> Town:
    housing, transport = world.make_body("Department of Housing"), world.make_body("Department of Transport")
    return Town(
        world=world,
        olena=world.make_person("Olena Hrytsenko"),
        petro=world.make_person("Petro Lysenko"),
        housing=housing,
        transport=transport,
        iryna=world.appoint(world.make_person("Iryna Bondar"), housing, Role.REGISTRAR),
        andrii=world.appoint(world.make_person("Andrii Shevchuk"), housing, Role.HANDLER),
        nadiia=world.appoint(world.make_person("Nadiia Kravets"), housing, Role.HEAD),
        stranger=world.appoint(world.make_person("Taras Koval"), transport, Role.HEAD),
        administrator=world.make_person("Admin", administrator=True).actor,
    )


def close_body(world: World, body_id: str) -> None:
    with world.writing(Actor(host=True)) as work:
        work.session.get_one(Body, body_id).closed_at = work.now
