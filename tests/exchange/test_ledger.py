"""The access ledger: what a line says, and that it stays as it was said."""

from __future__ import annotations

from tests.world import World
from workspace.exchange.queries import LedgerFilter, ledger
from workspace.kernel.actors import Principal, SubjectKind
from workspace.sharing.rule import Level
from workspace.sharing.service import change_grant, grant


def test_a_line_keeps_the_purpose_under_which_somebody_looked(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    file = world.upload(olena.actor, olena.root_id, "act.pdf", b"act").item.id
    with world.writing(olena.actor) as work:
        subject = Principal(SubjectKind.PERSON, petro.id)
        given = grant(work, world.thing(file), subject, Level.VIEW, purpose="To plan the repair").id
    world.content(petro.actor, file)
    with world.writing(olena.actor) as work:
        terms = {"level": Level.VIEW, "valid_from": None, "valid_until": None}
        change_grant(work, world.thing(file), given, **terms, purpose="Something else")  # type: ignore[arg-type]
    for _ in range(2):
        world.content(petro.actor, file)
    with world.reading(olena.actor) as work:
        lines = ledger(work, LedgerFilter()).lines
    assert [(one.purpose, one.times) for one in lines] == [("Something else", 2), ("To plan the repair", 1)]
