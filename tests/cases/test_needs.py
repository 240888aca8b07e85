"""The first page says what waits, the most urgent first, and never more than five things."""

from datetime import timedelta

from tests.cases.conftest import Town
from workspace.cases import office, service
from workspace.cases.needs import needs
from workspace.cases.views import NeedKind
from workspace.kernel.actors import Actor


def waiting(town: Town, actor: Actor) -> list[tuple[NeedKind, str]]:
    with town.world.reading(actor) as work:
        return [(one.kind, one.title or str(one.count)) for one in needs(work)]


def test_a_citizen_is_told_of_silence_questions_answers_and_drafts_in_this_order(town: Town) -> None:
    town.delivered("Silent")
    town.world.clock.move(timedelta(days=30))
    town.open("Draft")
    asked = town.delivered("Asked")
    with town.world.writing(town.nadiia) as work:
        office.register(work, asked.id)
        office.ask(work, asked.id, "When was that?")
    answered = town.delivered("Answered")
    with town.world.writing(town.nadiia) as work:
        office.register(work, answered.id)
        office.answer(work, answered.id, "granted", "Yes.")
    assert waiting(town, town.olena.actor) == [
        (NeedKind.SILENCE, "Silent"),
        (NeedKind.QUESTION, "Asked"),
        (NeedKind.ANSWER, "Answered"),
        (NeedKind.DRAFT, "Draft"),
    ]
    with town.world.reading(town.olena.actor) as work:
        assert needs(work)[1].text == "When was that?"
    assert waiting(town, town.petro.actor) == []
    with town.world.writing(town.olena.actor) as work:
        service.reply(work, asked.id, "In May.")
    assert (NeedKind.QUESTION, "Asked") not in waiting(town, town.olena.actor)


def test_an_official_is_told_of_numbers_and_nobody_of_more_than_five_things(town: Town) -> None:
    town.delivered("First")
    town.delivered("Second")
    assert waiting(town, town.iryna) == [(NeedKind.OFFICE_NEW, "2")]
    assert waiting(town, town.stranger) == []
    town.world.clock.move(timedelta(days=40))
    assert waiting(town, town.iryna) == [(NeedKind.OFFICE_OVERDUE, "2"), (NeedKind.OFFICE_NEW, "2")]
    for number in range(6):
        town.open(f"Draft {number}")
    assert len(waiting(town, town.olena.actor)) == 5
