"""Verbs of officials, on cases that were delivered to their body: register, assign, ask, answer, close, note."""

from collections.abc import Iterable

from sqlalchemy import delete, func, select

from workspace.accounts.models import Person
from workspace.bodies.models import Body, Official
from workspace.cases.deadlines import local_day
from workspace.cases.handover import TEXT_LIMIT, Direction, Handed, HandedOver, Parties, Party, hand_over
from workspace.cases.history import require_move, state_of, tell
from workspace.cases.models import AnswerDraft, AnswerFile, Case, CaseNote, RegisterEntry
from workspace.cases.procedure import Phase, procedure
from workspace.cases.states import CaseState, phase
from workspace.cases.steps import closes_in
from workspace.cases.things import locate_case
from workspace.cloud import blobs, spaces, texts
from workspace.cloud.blobs import SealedBlob
from workspace.cloud.names import check_name, free_name
from workspace.db.work import Work
from workspace.kernel.actors import Role
from workspace.kernel.errors import NameTaken, NotAcceptable, NotFound, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import Located
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action

NUMBER_LIMIT = 40
NOTE_LIMIT = 20_000


def register(work: Work, case_id: str, number: str = "") -> str:
    """Enter the case in the body's register; returns its number.

    Idempotent. Without a number it gets the next free one, `NN/serial-YY`; one from a paper register is kept as
    written.
    Raises NameTaken (`field`: number) for one that the body has used this year.
    """
    case, thing, state, body_id = _open(work, case_id, Action.REGISTER)
    number, serial = " ".join(number.split()), None
    if state.registered_at is not None and number in ("", state.number):
        return state.number
    rules = require_move(case, state, FactKind.REGISTERED)
    # one at a time for a body, so that no two cases get the same serial number
    work.session.scalar(select(Body.id).where(Body.id == body_id).with_for_update())
    year = local_day(work.now, work.settings.timezone).year
    if len(number) > NUMBER_LIMIT:
        raise NotAcceptable(field="number", reason="too_long", limit=NUMBER_LIMIT)
    mine = select(RegisterEntry).where(RegisterEntry.body_id == body_id, RegisterEntry.year == year)
    if number:
        if work.session.scalar(mine.where(RegisterEntry.number == number)):
            raise NameTaken(field="number", name=number)
    else:
        entries = mine.subquery()
        serial = work.session.scalar(select(func.coalesce(func.max(entries.c.serial), 0))) or 0
        taken = set(work.session.scalars(select(entries.c.number)))
        while not number or number in taken:
            serial += 1
            number = f"{rules.kinds[case.kind].index}/{serial}-{year % 100:02d}"
    work.session.add(RegisterEntry(case_id=case.id, body_id=body_id, year=year, serial=serial, number=number))
    tell(work, case, thing, FactKind.REGISTERED, body_id=body_id, number=number)
    return number


def register_many(work: Work, case_ids: Iterable[str]) -> int:
    """Register all of these that are new; returns how many were."""
    done = 0
    for case_id in dict.fromkeys(case_ids):
        case, thing = locate_case(work, case_id)
        authorize(work, Action.REGISTER, thing)
        if state_of(work, case).registered_at is None:
            register(work, case_id)
            done += 1
    return done


def assign(work: Work, case_id: str, person_id: str) -> None:
    """Give the case to a handler or the head of the body. The same one again changes nothing."""
    case, thing, state, body_id = _open(work, case_id, Action.ASSIGN, FactKind.ASSIGNED)
    if person_id == case.applicant_id:
        raise NotAcceptable(field="handler", reason="applicant")
    posts = select(Official.id).where(
        Official.person_id == person_id,
        Official.body_id == body_id,
        Official.role.in_([Role.HANDLER.value, Role.HEAD.value]),
        Official.dismissed_at.is_(None),
    )
    if work.session.scalar(posts) is None:
        raise NotAcceptable(field="handler", reason="not_handler")
    if state.handler_id != person_id:
        tell(work, case, thing, FactKind.ASSIGNED, body_id=body_id, handler=person_id)


def assign_many(work: Work, case_ids: Iterable[str], person_id: str) -> int:
    """Assign all of these; those that are new are registered first, where the actor may. Returns how many."""
    wanted = list(dict.fromkeys(case_ids))
    for case_id in wanted:
        case, thing = locate_case(work, case_id)
        authorize(work, Action.ASSIGN, thing)
        if state_of(work, case).registered_at is None:
            register(work, case_id)
        assign(work, case_id, person_id)
    return len(wanted)


def ask(work: Work, case_id: str, text: str) -> HandedOver:
    """Ask the citizen something. In the general procedure the clock runs on."""
    case, thing, _, body_id = _open(work, case_id, Action.ASK, FactKind.QUESTION_ASKED)
    text = _text(text, "text", required=True)
    return hand_over(work, case, thing, Direction.QUESTION, _parties(work, case, body_id), (), text)


def save_answer_draft(work: Work, case_id: str, outcome: str, text: str) -> AnswerDraft:
    """Keep what is being written. Nobody outside the body sees it."""
    case, _, state, body_id = _open(work, case_id, Action.ANSWER)
    _still_open(case, state)
    outcome = _outcome(case, outcome) if outcome else ""
    text = _text(text, "text", required=False)
    text_id = texts.seal_text(work, text, spaces.open_body_space(work, body_id).id) if text else None
    draft = work.session.get(AnswerDraft, case.id) or AnswerDraft(case_id=case.id)
    draft.outcome, draft.text_id = outcome, text_id
    draft.changed_by, draft.changed_at = work.actor.person_id or "", work.now
    work.session.add(draft)
    work.session.flush()
    return draft


def answer_space(work: Work, case_id: str) -> str:
    """The id of the space that a document of the answer has to be sealed for."""
    case, _, state, body_id = _open(work, case_id, Action.ANSWER)
    _still_open(case, state)
    return spaces.open_body_space(work, body_id).id


def attach_answer_file(work: Work, case_id: str, name: str, sealed: SealedBlob, media_type: str = "") -> AnswerFile:
    """Put a document beside the draft of the answer; a name that is there already gets a number."""
    case, _, state, body_id = _open(work, case_id, Action.ANSWER)
    _still_open(case, state)
    taken = set(work.session.scalars(select(AnswerFile.name).where(AnswerFile.case_id == case.id)))
    blobs.keep(work, sealed, spaces.open_body_space(work, body_id).id)
    row = AnswerFile(
        id=new_id(),
        case_id=case.id,
        name=free_name(check_name(name), taken),
        blob_id=sealed.blob_id,
        size=sealed.size,
        sha256=sealed.sha256,
        media_type=media_type[:120] or "application/octet-stream",
        made_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def remove_answer_file(work: Work, case_id: str, file_id: str) -> None:
    """Take a document away from the draft."""
    case, _, _, _ = _open(work, case_id, Action.ANSWER)
    row = work.session.get(AnswerFile, file_id)
    if row is None or row.case_id != case.id:
        raise NotFound()
    work.session.delete(row)


def answer(work: Work, case_id: str, outcome: str = "", text: str = "") -> HandedOver:
    """Deliver the answer to the citizen: outcome, words and the documents put beside the draft. It cannot be undone.

    What is left empty is taken from the draft. Raises NotAcceptable (`field`) where it is missing there, too.
    """
    case, thing, _, body_id = _open(work, case_id, Action.ANSWER, FactKind.ANSWERED)
    draft = work.session.get(AnswerDraft, case.id)
    outcome = _outcome(case, outcome or (draft.outcome if draft else ""))
    if not text.strip() and draft is not None and draft.text_id is not None:
        text = texts.open_text(work, draft.text_id, spaces.open_body_space(work, body_id).id)
    text = _text(text, "text", required=True)
    rows = work.session.scalars(select(AnswerFile).where(AnswerFile.case_id == case.id).order_by(AnswerFile.id))
    files = [Handed(row.name, row.blob_id, row.size, row.sha256, row.media_type) for row in rows]
    parties = _parties(work, case, body_id)
    delivery = hand_over(work, case, thing, Direction.ANSWER, parties, files, text, outcome=outcome)
    work.session.execute(delete(AnswerFile).where(AnswerFile.case_id == case.id))
    if draft is not None:
        work.session.delete(draft)
    return delivery


def close(work: Work, case_id: str) -> None:
    """Close what the citizen has accepted, or left without a word for as long as the procedure says. Idempotent."""
    case, thing, state, body_id = _open(work, case_id, Action.CLOSE)
    if state.closed_at is not None:
        return
    rules = require_move(case, state, FactKind.CLOSED)
    if waits := closes_in(rules, state, work.now, work.settings.timezone):
        raise WrongState(reason="citizen_may_still_contest", days=waits)
    tell(work, case, thing, FactKind.CLOSED, body_id=body_id)


def note(work: Work, case_id: str, text: str) -> CaseNote:
    """Write an internal note, sealed under the body's key; the citizen never sees it."""
    case, thing, _, body_id = _open(work, case_id, Action.NOTE, FactKind.NOTED)
    text = text.strip()
    if not text or len(text) > NOTE_LIMIT:
        raise NotAcceptable(field="note", reason="too_long" if text else "missing", limit=NOTE_LIMIT)
    row = CaseNote(
        id=new_id(),
        case_id=case.id,
        body_id=body_id,
        author_id=work.actor.person_id or "",
        text_id=texts.seal_text(work, text, spaces.open_body_space(work, body_id).id),
        made_at=work.now,
    )
    work.session.add(row)
    tell(work, case, thing, FactKind.NOTED, body_id=body_id, note=row.id)
    return row


def _open(
    work: Work, case_id: str, action: Action, kind: FactKind | None = None
) -> tuple[Case, Located, CaseState, str]:
    """The case, its thing, its state and the body on whose behalf the actor acts, once asked and possible."""
    case, thing = locate_case(work, case_id)
    verdict = authorize(work, action, thing)
    assert verdict.grant is not None
    state = state_of(work, case)
    if kind is not None:
        require_move(case, state, kind)
    return case, thing, state, verdict.grant.subject.id


def _still_open(case: Case, state: CaseState) -> None:
    if phase(procedure(case.procedure), state) is Phase.OVER or state.answered_at is not None:
        raise WrongState(status=state.status, fact=FactKind.ANSWERED.value)


def _parties(work: Work, case: Case, body_id: str) -> Parties:
    names = dict(
        work.session.execute(
            select(Person.id, Person.name).where(Person.id.in_([case.applicant_id, work.actor.person_id]))
        ).all()
    )
    body = work.session.get_one(Body, body_id)
    return Parties(Party(names.get(work.actor.person_id or "", ""), body.name), Party(names[case.applicant_id]))


def _outcome(case: Case, outcome: str) -> str:
    if outcome not in procedure(case.procedure).outcomes:
        raise NotAcceptable(field="outcome", reason="unknown" if outcome else "missing")
    return outcome


def _text(text: str, field: str, *, required: bool) -> str:
    text = text.replace("\r\n", "\n").strip()
    if required and not text:
        raise NotAcceptable(field=field, reason="missing")
    if len(text) > TEXT_LIMIT:
        raise NotAcceptable(field=field, reason="too_long", limit=TEXT_LIMIT)
    return text
