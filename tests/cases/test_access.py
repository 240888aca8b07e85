"""Who may not: other citizens, officials of other bodies, wrong roles, administrators, guests of the folder."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.conftest import MARKER, STORY, Town
from workspace.cases import inbox, office, queries, receipts, service
from workspace.cases.delivering import deliver_with_letter
from workspace.cases.models import AnswerFile
from workspace.cases.views import Reader
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.kernel.actors import ANONYMOUS, Actor, Principal, Role, SubjectKind
from workspace.kernel.errors import DomainError, Forbidden, NotFound, SignInRequired
from workspace.sharing.rule import Level
from workspace.sharing.service import grant

Verb = Callable[[Work, str], Any]

CITIZEN_VERBS: dict[str, Verb] = {
    "change": lambda work, case: service.change_case(work, case, title="Mine now"),
    "put in": lambda work, case: service.put_in(work, case, []),
    "take out": lambda work, case: service.take_out(work, case, case),
    "deliver": lambda work, case: service.deliver(work, case),
    "add": lambda work, case: service.add_to_delivered(work, case, text="x"),
    "reply": lambda work, case: service.reply(work, case, "x"),
    "accept": lambda work, case: service.accept(work, case),
    "contest": lambda work, case: service.contest(work, case, "x"),
    "withdraw": lambda work, case: service.withdraw(work, case),
}
OFFICE_VERBS: dict[str, Verb] = {
    "register": lambda work, case: office.register(work, case),
    "register many": lambda work, case: office.register_many(work, [case]),
    "assign": lambda work, case: office.assign(work, case, work.actor.person_id or ""),
    "assign many": lambda work, case: office.assign_many(work, [case], work.actor.person_id or ""),
    "ask": lambda work, case: office.ask(work, case, "x"),
    "save draft": lambda work, case: office.save_answer_draft(work, case, "granted", "x"),
    "remove answer file": lambda work, case: office.remove_answer_file(work, case, case),
    "answer": lambda work, case: office.answer(work, case, "granted", "x"),
    "close": lambda work, case: office.close(work, case),
    "note": lambda work, case: office.note(work, case, "x"),
    "desk": lambda work, case: inbox.desk(work, case),
}
BY_ROLE = {
    Role.REGISTRAR: {"register", "register many", "assign", "assign many", "note", "desk"},
    Role.HANDLER: {"ask", "save draft", "remove answer file", "answer", "close", "note", "desk"},
    Role.HEAD: set(OFFICE_VERBS),
}


def refusal(town: Town, actor: Actor, verb: Verb, case_id: str) -> type[BaseException] | None:
    """What the actor meets; nothing is kept."""
    with town.world.runtime.writing(actor) as work:
        try:
            verb(work, case_id)
        except DomainError as error:
            return type(error)
    return None


@pytest.mark.parametrize("delivered", [False, True], ids=["draft", "delivered"])
def test_a_case_does_not_exist_for_people_who_have_nothing_to_do_with_it(small_town: Town, delivered: bool) -> None:
    town = small_town
    case = town.delivered() if delivered else town.open()
    verbs = CITIZEN_VERBS | OFFICE_VERBS | {"read": lambda work, case: queries.case(work, case)}
    for who in (town.petro.actor, town.stranger, town.administrator):
        for name, verb in verbs.items():
            assert refusal(town, who, verb, case.id) is NotFound, name
            assert refusal(town, who, verb, "0" * 26) is NotFound, name
    for name, verb in verbs.items():
        assert refusal(town, ANONYMOUS, verb, case.id) is SignInRequired, name


def test_a_draft_addressed_to_a_body_is_unknown_there(small_town: Town) -> None:
    case = small_town.open()
    for actor in (small_town.iryna, small_town.andrii, small_town.nadiia):
        for name, verb in OFFICE_VERBS.items():
            assert refusal(small_town, actor, verb, case.id) is NotFound, name
        with small_town.world.reading(actor) as work:
            assert inbox.inbox(work, small_town.housing.id).lines == ()
            assert inbox.counts(work, small_town.housing.id).open == 0


@pytest.mark.parametrize("role", Role)
def test_officials_do_what_their_role_lets_them(town: Town, role: Role) -> None:
    case = town.in_work()
    actor = {Role.REGISTRAR: town.iryna, Role.HANDLER: town.andrii, Role.HEAD: town.nadiia}[role]
    for name, verb in OFFICE_VERBS.items():
        met = refusal(town, actor, verb, case.id)
        assert (met is Forbidden) == (name not in BY_ROLE[role]), (name, met)
    for name, verb in CITIZEN_VERBS.items():
        assert refusal(town, actor, verb, case.id) is Forbidden, name


def test_the_citizen_may_not_act_for_the_body_not_even_as_its_official(town: Town) -> None:
    olena = town.world.appoint(town.olena, town.housing, *Role)
    case = town.in_work()
    for actor in (town.olena.actor, olena):
        for name, verb in OFFICE_VERBS.items():
            assert refusal(town, actor, verb, case.id) is Forbidden, name
    with town.world.writing(town.iryna) as work, pytest.raises(DomainError):
        office.assign(work, case.id, town.olena.id)


def test_a_dismissed_official_sees_nothing_from_the_next_request_on(town: Town) -> None:
    case = town.in_work()
    gone = Actor(person_id=town.andrii.person_id, name="Andrii Shevchuk")
    for name, verb in OFFICE_VERBS.items():
        assert refusal(town, gone, verb, case.id) is NotFound, name
    with town.world.reading(gone) as work, pytest.raises(NotFound):
        inbox.inbox(work, town.housing.id)


def test_files_and_receipts_open_for_both_sides_and_nobody_else(town: Town) -> None:
    case = town.delivered()
    with town.world.reading(town.olena.actor) as work:
        view = queries.case(work, case.id)
    files, paper = [one.id for one in view.documents], view.papers[0].id
    readers: dict[str, Verb] = {
        "file": lambda work, _: [queries.open_delivered(work, one) for one in files],
        "receipt": lambda work, _: receipts.receipt_json(work, paper),
        "check": lambda work, _: receipts.verify_receipt(work, {"delivery": paper}, b""),
    }
    for name, verb in readers.items():
        for actor in (town.olena.actor, town.iryna, town.andrii, town.nadiia):
            assert refusal(town, actor, verb, case.id) is None, name
        for actor in (town.petro.actor, town.stranger, town.administrator):
            assert refusal(town, actor, verb, case.id) is NotFound, name


def test_internal_notes_and_drafts_of_answers_never_reach_the_citizen(town: Town) -> None:
    case = town.in_work()
    sealed = town.world.seal(b"a draft of the plan")
    with town.world.writing(town.andrii) as work:
        office.note(work, case.id, "Suspects nothing: secret-note")
        office.save_answer_draft(work, case.id, "refused", "secret-draft")
        file = office.attach_answer_file(work, case.id, "secret-plan.pdf", sealed)
        file_id = file.id
    with town.world.reading(town.olena.actor) as work:
        seen = repr(queries.case(work, case.id)) + repr(queries.my_cases(work))
    assert "secret" not in seen
    with town.world.writing(town.olena.actor) as work:
        for refused in (
            lambda: inbox.desk(work, case.id),
            lambda: inbox.open_answer_file(work, case.id, file_id),
            lambda: office.remove_answer_file(work, case.id, file_id),
        ):
            with pytest.raises(Forbidden):
                refused()
    with town.world.writing(town.nadiia) as work:
        assert inbox.open_answer_file(work, case.id, file_id).reader.read_all(100) == b"a draft of the plan"
        assert work.session.get(AnswerFile, file_id) is not None


def test_whom_the_folder_is_shared_with_sees_the_draft_and_how_far_it_is_but_no_letters(town: Town) -> None:
    case = town.open()
    town.add(case)
    with town.world.writing(town.olena.actor) as work:
        _, folder = locate_item(work, case.folder_id)
        grant(work, folder, Principal(SubjectKind.PERSON, town.petro.id), Level.VIEW)
    with town.world.writing(town.petro.actor) as work:
        draft = queries.case(work, case.id)
    assert (draft.reader, draft.story, len(draft.files)) == (Reader.GUEST, STORY, 1)
    town.deliver(case)
    with town.world.writing(town.iryna) as work:
        office.register(work, case.id)
    with town.world.writing(town.andrii) as work:
        office.answer(work, case.id, "refused", "private-words")
    with town.world.reading(town.olena.actor) as work:
        mine = queries.case(work, case.id)
        assert "Petro Lysenko" in mine.shared_with
    with town.world.writing(town.petro.actor) as work:
        guest = queries.case(work, case.id)
        assert "private-words" not in repr(guest)
        assert (guest.documents, guest.state.status) == ((), "answered")
        for document in mine.documents:
            with pytest.raises(NotFound):
                queries.open_delivered(work, document.id)
        with pytest.raises(NotFound):
            receipts.receipt_json(work, mine.papers[0].id)
    for name, verb in CITIZEN_VERBS.items():
        assert refusal(town, town.petro.actor, verb, case.id) is Forbidden, name


def test_a_co_author_may_write_but_not_deliver(town: Town) -> None:
    case = town.open()
    with town.world.writing(town.olena.actor) as work:
        _, folder = locate_item(work, case.folder_id)
        grant(work, folder, Principal(SubjectKind.PERSON, town.petro.id), Level.EDIT)
    with town.world.writing(town.petro.actor) as work:
        service.change_case(work, case.id, story="Written together.")
    with pytest.raises(Forbidden):
        deliver_with_letter(town.world.runtime, town.petro.actor, case.id, "en")
    with town.world.reading(town.olena.actor) as work:
        assert queries.case(work, case.id).story == "Written together."


def test_a_reply_cannot_carry_somebody_elses_file(town: Town) -> None:
    case = town.in_work()
    foreign = town.world.upload(town.petro.actor, town.petro.root_id, "private.txt", MARKER).item.id
    with town.world.writing(town.olena.actor) as work:
        _, thing = locate_item(work, case.folder_id)
        assert thing.owner is not None
    with town.world.writing(town.petro.actor) as work:
        _, place = locate_item(work, foreign)
        grant(work, place, Principal(SubjectKind.PERSON, town.olena.id), Level.VIEW)
    with town.world.writing(town.andrii) as work:
        office.ask(work, case.id, "A photo?")
    with town.world.writing(town.olena.actor) as work, pytest.raises(Forbidden):
        service.reply(work, case.id, "Here", [foreign])


def test_somebody_elses_case_is_read_in_a_work_that_can_write_it_down(small_town: Town) -> None:
    case = small_town.delivered()
    with small_town.world.reading(small_town.andrii) as work, pytest.raises(RuntimeError):
        inbox.desk(work, case.id)
