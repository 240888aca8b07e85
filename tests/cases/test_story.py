"""The whole story by verbs, on both stacks: from the first word to the accepted answer."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases.conftest import MARKER, STORY, Town, close_body
from workspace.cases import inbox, office, queries, receipts, service
from workspace.cases.handover import Direction
from workspace.cases.inbox import Filter, Tab
from workspace.cases.letters import draft_letter, seal_letter
from workspace.cases.views import Next, Reader
from workspace.cloud.models import Item
from workspace.cloud.things import locate_line
from workspace.cloud.trash import delete_for_good, trash
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.actors import Role
from workspace.kernel.errors import NotAcceptable, PreconditionFailed, WrongState
from workspace.kernel.facts import FactKind

WHOLE = [
    FactKind.CLOSED,
    FactKind.ACCEPTED,
    FactKind.ANSWERED,
    FactKind.REPLIED,
    FactKind.QUESTION_ASKED,
    FactKind.ASSIGNED,
    FactKind.REGISTERED,
    FactKind.DELIVERED,
    FactKind.CASE_OPENED,
]


def test_a_letter_is_written_delivered_handled_answered_and_accepted(town: Town) -> None:
    case = town.open()
    town.add(case)
    with town.world.reading(town.olena.actor) as work:
        draft = queries.case(work, case.id)
    assert (draft.step, draft.story, [one.name for one in draft.files]) == (Next.DELIVER, STORY, ["riser.jpg"])
    assert (draft.outlook.acknowledge_by, draft.outlook.answer_by) == (date(2026, 3, 5), date(2026, 3, 30))

    delivery = town.deliver(case)
    assert delivery.number.startswith("CW-2026-03-02-")
    with town.world.writing(town.iryna) as work:
        number = office.register(work, case.id)
        office.assign(work, case.id, town.andrii.person_id or "")
    assert number == "01/1-26"

    town.world.clock.move(timedelta(days=3))
    with town.world.writing(town.andrii) as work:
        office.ask(work, case.id, "Where is the valve?")
    with town.world.reading(town.olena.actor) as work:
        asked = queries.case(work, case.id)
    assert asked.question is not None
    assert (asked.step, asked.question.text, asked.question.sender.name) == (
        Next.REPLY,
        "Where is the valve?",
        "Andrii Shevchuk",
    )
    photo = town.add(case, "valve.jpg", b"the valve")
    with town.world.writing(town.olena.actor) as work:
        service.reply(work, case.id, "Left of the meters.", [photo])

    plan = town.world.seal(b"%PDF plan of works")
    with town.world.writing(town.andrii) as work:
        office.save_answer_draft(work, case.id, "partly", "The riser will be replaced.")
        office.attach_answer_file(work, case.id, "plan.pdf", plan, "application/pdf")
    with town.world.writing(town.andrii) as work:
        office.answer(work, case.id)
    with town.world.reading(town.olena.actor) as work:
        answered = queries.case(work, case.id)
        assert answered.answer is not None
        assert (answered.step, answered.state.outcome, answered.answer.text) == (
            Next.JUDGE,
            "partly",
            "The riser will be replaced.",
        )
        document = next(one for one in answered.documents if one.direction is Direction.ANSWER)
        assert queries.open_delivered(work, document.id).reader.read_all(100) == b"%PDF plan of works"
    with town.world.writing(town.olena.actor) as work:
        service.accept(work, case.id)
        service.accept(work, case.id)
    with town.world.writing(town.andrii) as work:
        office.close(work, case.id)
    with town.world.reading(town.olena.actor) as work:
        done = queries.case(work, case.id)
    assert (done.step, done.state.status) == (Next.OVER, "closed")
    assert [entry.kind for entry in done.timeline] == WHOLE
    assert [entry.day for entry in done.timeline] == [3, 3, 3, 3, 3, 0, 0, 0, None]


def test_an_official_reads_the_letter_and_the_files_and_the_citizen_sees_that(town: Town) -> None:
    case = town.delivered()
    with town.world.writing(town.andrii) as work:
        seen = inbox.desk(work, case.id).case
        photo = next(one for one in seen.documents if one.name == "riser.jpg")
        opened = queries.open_delivered(work, photo.id)
    assert (seen.reader, seen.story, seen.files) == (Reader.OFFICE, STORY, ())
    assert opened.reader.read_all(100) == MARKER
    letter = seen.documents[0]
    assert (letter.letter, letter.name) == (True, "Burst riser, Lypova 14.pdf")
    with town.world.reading(town.olena.actor) as work:
        facts = _looks(work, case.space_id)
    he = (town.andrii.person_id, town.housing.id)
    assert sorted(facts) == [(FactKind.DOWNLOADED, *he), (FactKind.OPENED, *he)]


def test_what_was_delivered_stays_whatever_the_citizen_does_afterwards(town: Town) -> None:
    case = town.open()
    changed, trashed = town.add(case, "changed.txt", b"as delivered"), town.add(case, "trashed.txt", b"also")
    town.deliver(case)
    town.world.upload(town.olena.actor, case.folder_id, "changed.txt", b"afterwards")
    town.add(case, "late.txt", b"too late")
    with town.world.writing(town.olena.actor) as work:
        service.take_out(work, case.id, trashed)
    _delete_for_good(town, trashed)
    _delete_for_good(town, changed)
    _delete_for_good(town, case.folder_id)
    with town.world.writing(town.andrii) as work:
        seen = inbox.desk(work, case.id).case
        delivered = [one for one in seen.documents if not one.letter]
        content = {one.name: queries.open_delivered(work, one.id).reader.read_all(100) for one in delivered}
    assert content == {"changed.txt": b"as delivered", "trashed.txt": b"also"}
    with town.world.reading(town.olena.actor) as work:
        mine = queries.case(work, case.id)
        assert mine.folder_id is None
        assert len(mine.documents) == 3
        assert receipts.verify_receipt(work, *_receipt(work, mine.papers[0].id), deep=True).holds


def test_pressing_deliver_twice_gives_the_same_receipt(town: Town) -> None:
    case = town.open()
    town.add(case)
    first, again = town.deliver(case), town.deliver(case)
    with town.world.writing(town.olena.actor) as work:
        third = service.deliver(work, case.id)
    assert first.number == again.number == third.number
    with town.world.reading(town.olena.actor) as work:
        assert len(queries.case(work, case.id).papers) == 1


def test_an_addition_takes_only_what_is_new_and_has_a_receipt_of_its_own(town: Town) -> None:
    case = town.delivered()
    with town.world.writing(town.olena.actor) as work, pytest.raises(NotAcceptable):
        service.add_to_delivered(work, case.id)
    town.add(case, "second.jpg", b"more")
    with town.world.writing(town.olena.actor) as work:
        addition = service.add_to_delivered(work, case.id, text="One more photo.")
    assert (addition.files, addition.direction) == (1, "addition")
    with town.world.writing(town.andrii) as work:
        seen = inbox.desk(work, case.id).case
    assert [one.name for one in seen.documents if one.direction is Direction.ADDITION] == ["second.jpg"]
    assert seen.papers[1].text == "One more photo."
    assert len({paper.number for paper in seen.papers}) == 2


def test_a_case_to_a_body_without_officials_waits_and_the_citizen_is_told(town: Town) -> None:
    empty = town.world.make_body("Archive")
    with town.world.writing(town.olena.actor) as work:
        case = service.open_case(
            work, title="A copy of the plan", story="Please.", body_id=empty.id, kind="information"
        )
    with town.world.reading(town.olena.actor) as work:
        assert queries.case(work, case.id).body_officials == 0
    town.deliver(case)
    late = town.world.appoint(town.world.make_person("Late"), empty, *Role)
    with town.world.reading(late) as work:
        page = inbox.inbox(work, empty.id)
    assert [one.id for one in page.lines] == [case.id]
    assert page.counts.new == 1


def test_a_contested_answer_goes_back_and_can_be_answered_again(town: Town) -> None:
    case = town.answered("refused")
    with town.world.writing(town.olena.actor) as work, pytest.raises(NotAcceptable):
        service.contest(work, case.id, "  ")
    with town.world.writing(town.olena.actor) as work:
        service.contest(work, case.id, "The report was of another house.")
    with town.world.writing(town.andrii) as work:
        seen = inbox.desk(work, case.id)
        assert seen.case.timeline[0].text == "The report was of another house."
        assert seen.case.step is Next.ANSWER
        office.answer(work, case.id, "granted", "You are right.")
    with town.world.reading(town.olena.actor) as work:
        mine = queries.case(work, case.id)
    assert mine.answer is not None
    assert (mine.answer.text, mine.state.outcome, mine.step) == ("You are right.", "granted", Next.JUDGE)


def test_a_silent_citizen_keeps_the_right_to_contest_for_thirty_days(town: Town) -> None:
    case = town.answered()
    with town.world.writing(town.andrii) as work, pytest.raises(WrongState):
        office.close(work, case.id)
    town.world.clock.move(timedelta(days=30))
    with town.world.writing(town.andrii) as work:
        office.close(work, case.id)
        office.close(work, case.id)


def test_a_withdrawn_draft_is_gone_and_a_withdrawn_letter_stays_with_the_body(town: Town) -> None:
    draft, sent = town.open("Only a draft"), town.delivered("Sent")
    with town.world.writing(town.olena.actor) as work:
        service.withdraw(work, draft.id)
        service.withdraw(work, sent.id, "It has been mended.")
        assert [one.title for one in queries.my_cases(work)] == ["Sent"]
    with town.world.writing(town.andrii) as work:
        seen = inbox.desk(work, sent.id).case
        assert (seen.state.status, seen.timeline[0].text) == ("withdrawn", "It has been mended.")
        assert [one.id for one in inbox.inbox(work, town.housing.id, Filter(Tab.CLOSED)).lines] == [sent.id]


def test_nothing_is_delivered_without_words_or_a_body_or_to_a_closed_one(town: Town) -> None:
    with town.world.writing(town.olena.actor) as work:
        bare = service.open_case(work, title="Bare")
    for field, change in (("story", {"story": "Some words"}), ("body", {"body_id": town.transport.id})):
        with pytest.raises(NotAcceptable) as caught:
            town.deliver(bare)
        assert caught.value.details["field"] == field
        with town.world.writing(town.olena.actor) as work:
            service.change_case(work, bare.id, **change)
    close_body(town.world, town.transport.id)
    with pytest.raises(WrongState):
        town.deliver(bare)
    with town.world.reading(town.olena.actor) as work:
        assert queries.case(work, bare.id).papers == ()


def test_a_letter_composed_before_a_change_is_not_delivered_with_it(town: Town) -> None:
    case = town.open()
    with town.world.reading(town.olena.actor) as work:
        draft = draft_letter(work, case.id, "en")
    letter = seal_letter(town.world.runtime.ports, town.world.settings, draft)
    town.add(case, "afterthought.txt", b"one more")
    with town.world.writing(town.olena.actor) as work, pytest.raises(PreconditionFailed):
        service.deliver(work, case.id, letter)


def test_files_are_put_in_by_reference_and_a_name_that_is_there_gets_a_number(town: Town) -> None:
    case = town.open()
    town.add(case, "act.pdf", b"one")
    other = town.world.upload(town.olena.actor, town.olena.root_id, "act.pdf", b"two").item.id
    with town.world.writing(town.olena.actor) as work:
        added = service.put_in(work, case.id, [other])
    with town.world.reading(town.olena.actor) as work:
        names = [one.name for one in queries.case(work, case.id).files]
        assert work.session.get_one(Item, added[0]).name == "act (2).pdf"
    assert names == ["act (2).pdf", "act.pdf"]


def test_cases_lie_together_in_a_folder_named_in_the_persons_language(small_town: Town) -> None:
    first, second = small_town.open("Roof/leak"), small_town.open("Roof/leak")
    with small_town.world.reading(small_town.olena.actor) as work:
        paths = [[one.name for one in locate_line(work, case.folder_id)[0]] for case in (first, second)]
    assert paths == [["Roof∕leak", "Cases", ""], ["Roof∕leak (2)", "Cases", ""]]


def test_the_letter_is_a_pdf_and_the_receipt_too(small_town: Town) -> None:
    case = small_town.delivered()
    with small_town.world.reading(small_town.olena.actor) as work:
        seen = queries.case(work, case.id)
        letter = queries.open_delivered(work, seen.documents[0].id).reader.read_all(1 << 20)
        paper = receipts.receipt_pdf(work, seen.papers[0].id, "uk")
    assert letter.startswith(b"%PDF-")
    assert paper.startswith(b"%PDF-")
    assert b"receipt.json" in paper


def _looks(work: Work, space_id: str) -> list[tuple[str, str | None, str | None]]:
    wanted = select(FactRow.kind, FactRow.person_id, FactRow.body_id)
    rows = work.session.execute(wanted.where(FactRow.space_id == space_id, FactRow.kind.startswith("access.")))
    return [tuple(row) for row in rows]


def _receipt(work: Work, delivery_id: str) -> tuple[dict[str, Any], bytes]:
    found = receipts.receipt_json(work, delivery_id)
    return found["receipt"], bytes.fromhex(found["signature"])


def _delete_for_good(town: Town, item_id: str) -> None:
    with town.world.writing(town.olena.actor) as work:
        if work.session.get_one(Item, item_id).trashed_at is None:
            trash(work, item_id)
        delete_for_good(work, item_id)
