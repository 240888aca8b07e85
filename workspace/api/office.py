"""The office's side of cases: the body's letters, register, assign, ask, answer, close, note."""

from typing import Annotated

from flask import Response
from pydantic import Field

from workspace.api.cases import case_shape, delivered, show_case
from workspace.api.operations import Answer, Operations
from workspace.api.paging import next_link
from workspace.api.received import media_type, received
from workspace.api.shapes import cases as shapes
from workspace.api.shapes import office as office_shapes
from workspace.api.values import Line, Shape
from workspace.bodies.queries import body as body_entry
from workspace.cases import inbox as letters
from workspace.cases import office
from workspace.http.request import carries_bytes, current_actor, current_work, runtime, writes
from workspace.http.streaming import send_blob
from workspace.kernel.errors import Forbidden, NameTaken, NotFound, WrongState

operations = Operations("office")


class InboxQuery(Shape):
    """What the list is narrowed to."""

    tab: letters.Tab = letters.Tab.OPEN
    q: Line = ""
    kind: Line = ""
    handler: Annotated[Line, Field(description="A person's id, or `nobody`.")] = ""
    cursor: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}$", description="Taken from `next`.")] | None = None


@operations(
    "GET",
    "/bodies/{slug}/inbox",
    "The letters of a body, soonest due first",
    query=InboxQuery,
    response=office_shapes.Inbox,
)
def list_inbox(slug: str, query: InboxQuery) -> office_shapes.Inbox:
    """For those who work there; to anybody else there is nothing here."""
    work = current_work()
    if not current_actor().appointments:
        raise NotFound()
    body_id = body_entry(work, slug).id
    wanted = letters.Filter(query.tab, query.q, query.kind, query.handler, int(query.cursor or 1))
    page = letters.inbox(work, body_id, wanted)
    return office_shapes.Inbox(
        items=[_line(one) for one in page.lines],
        total=page.total,
        counts=office_shapes.Counts(
            new=page.counts.new,
            mine=page.counts.mine,
            soon=page.counts.soon,
            today=page.counts.today,
            overdue=page.counts.overdue,
            waiting=page.counts.waiting,
            open=page.counts.open,
            closed=page.counts.closed,
        ),
        next=next_link(str(page.page + 1) if page.page < page.pages else None),
    )


@operations(
    "POST",
    "/registrations",
    "Register many letters at once",
    request=office_shapes.Letters,
    response=office_shapes.Done,
    errors=(Forbidden, NotFound, WrongState, NameTaken),
)
def register_cases(body: office_shapes.Letters) -> office_shapes.Done:
    """All of them or none; those that have a number keep it. Each gets the next free one."""
    return office_shapes.Done(done=office.register_many(current_work(), body.cases))


@operations(
    "POST",
    "/assignments",
    "Assign many letters at once",
    request=office_shapes.LettersFor,
    response=office_shapes.Done,
    errors=(Forbidden, NotFound, WrongState, NameTaken),
)
def assign_cases(body: office_shapes.LettersFor) -> office_shapes.Done:
    """All of them or none; what is new is registered first."""
    return office_shapes.Done(done=office.assign_many(current_work(), body.cases, body.person))


@operations(
    "GET", "/cases/{case_id}/desk", "A case as officials work on it", response=office_shapes.Desk, errors=(Forbidden,)
)
@writes  # the look is written down
def show_desk(case_id: str) -> office_shapes.Desk:
    """The case, and what the citizen does not see: the draft of the answer, internal notes."""
    found = letters.desk(current_work(), case_id)
    return office_shapes.Desk(
        case=case_shape(found.case),
        outcome=found.outcome,
        text=found.text,
        files=[
            office_shapes.DeskFile(id=one.id, name=one.name, size=one.size, media_type=one.media_type)
            for one in found.answer_files
        ],
        notes=[office_shapes.Note(id=one.id, author=one.author, text=one.text, at=one.at) for one in found.notes],
        closes_in=found.closes_in,
    )


@operations(
    "POST",
    "/cases/{case_id}/registration",
    "Enter it in the body's register",
    request=shapes.Registration,
    response=shapes.Registered,
    errors=(Forbidden, WrongState, NameTaken),
)
def register_case(case_id: str, body: shapes.Registration) -> shapes.Registered:
    return shapes.Registered(number=office.register(current_work(), case_id, body.number))


@operations(
    "PUT",
    "/cases/{case_id}/assignment",
    "Say who handles it",
    request=shapes.Assignment,
    response=shapes.Case,
    errors=(Forbidden, WrongState),
)
def assign_case(case_id: str, body: shapes.Assignment) -> shapes.Case:
    office.assign(current_work(), case_id, body.person)
    return show_case(case_id)


@operations(
    "POST",
    "/cases/{case_id}/questions",
    "Ask the citizen",
    request=shapes.Question,
    response=shapes.Delivered,
    status=201,
    errors=(Forbidden, WrongState),
)
def ask_in_case(case_id: str, body: shapes.Question) -> shapes.Delivered:
    return delivered(office.ask(current_work(), case_id, body.text))


@operations(
    "PUT",
    "/cases/{case_id}/answer/draft",
    "Keep what is being written",
    request=office_shapes.Draft,
    status=204,
    errors=(Forbidden, WrongState),
)
def save_answer_draft(case_id: str, body: office_shapes.Draft) -> Answer:
    office.save_answer_draft(current_work(), case_id, body.outcome, body.text)
    return Answer()


@operations(
    "PUT",
    "/cases/{case_id}/answer/files/{name}",
    "Put a document beside the draft of the answer",
    response=shapes.AnswerDocument,
    status=201,
    takes_bytes=True,
    errors=(Forbidden, WrongState),
)
@carries_bytes
def put_answer_file(case_id: str, name: str) -> shapes.AnswerDocument:
    """A name that is there already gets a number."""
    instance, actor = runtime(), current_actor()
    with instance.writing(actor) as work:
        office.answer_space(work, case_id)
    with received() as sealed, instance.writing(actor) as work:
        row = office.attach_answer_file(work, case_id, name, sealed, media_type() or "")
        work.commit()
        return shapes.AnswerDocument(
            id=row.id, name=row.name, size=row.size, sha256=row.sha256.hex(), media_type=row.media_type
        )


@operations(
    "GET",
    "/cases/{case_id}/answer/files/{file_id}",
    "The bytes of a document beside the draft",
    gives_bytes="*/*",
    ranged=True,
    errors=(Forbidden,),
)
@carries_bytes
def open_answer_file(case_id: str, file_id: str) -> Response:
    """For officials of the body."""
    with runtime().reading(current_actor()) as work:
        opened = letters.open_answer_file(work, case_id, file_id)
    return send_blob(
        opened.reader,
        again=lambda work: letters.rights_to_note(work, case_id),
        name=opened.name,
        media_type=opened.media_type,
        etag=opened.sha256[:32],
        modified=opened.at,
    )


@operations(
    "DELETE",
    "/cases/{case_id}/answer/files/{file_id}",
    "Take a document away from the draft",
    status=204,
    errors=(Forbidden,),
)
def remove_answer_file(case_id: str, file_id: str) -> Answer:
    office.remove_answer_file(current_work(), case_id, file_id)
    return Answer()


@operations(
    "POST",
    "/cases/{case_id}/answer",
    "Deliver the answer for good",
    request=shapes.AnswerNew,
    response=shapes.Delivered,
    status=201,
    errors=(Forbidden, WrongState),
)
def answer_case(case_id: str, body: shapes.AnswerNew) -> shapes.Delivered:
    """Outcome, words and the documents put beside the draft."""
    return delivered(office.answer(current_work(), case_id, body.outcome, body.text))


@operations("POST", "/cases/{case_id}/closure", "Close it", response=shapes.Case, errors=(Forbidden, WrongState))
def close_case(case_id: str) -> shapes.Case:
    """What the citizen has accepted, or has left without a word for as long as the procedure says."""
    office.close(current_work(), case_id)
    return show_case(case_id)


@operations(
    "POST",
    "/cases/{case_id}/notes",
    "Write an internal note",
    request=office_shapes.NoteNew,
    response=office_shapes.NoteMade,
    status=201,
    errors=(Forbidden, WrongState),
)
def note_in_case(case_id: str, body: office_shapes.NoteNew) -> office_shapes.NoteMade:
    """The citizen never sees it."""
    return office_shapes.NoteMade(id=office.note(current_work(), case_id, body.text).id)


def _line(one: letters.InboxLine) -> office_shapes.InboxLine:
    return office_shapes.InboxLine(
        id=one.id,
        title=one.title,
        kind=one.kind,
        applicant=one.applicant,
        status=one.state.status,
        number=one.state.number,
        handler=one.handler,
        files=one.files,
        delivered_at=one.delivered_at,
        due_on=one.timing.due_on,
        left=one.timing.left,
        overdue=one.timing.overdue,
    )
