"""The citizen's side of cases: write, put files in, deliver, reply, judge. Officials read at the same address."""

from workspace.api.conditions import require_match
from workspace.api.operations import Answer, Operations
from workspace.api.paging import paged
from workspace.api.shapes import cases as shapes
from workspace.api.values import PageQuery
from workspace.bodies.queries import body as body_entry
from workspace.cases import queries, service
from workspace.cases.delivering import deliver_with_letter
from workspace.cases.handover import HandedOver
from workspace.cases.views import CaseLine, CaseView, Document, Entry, Human, Paper
from workspace.db.work import Work
from workspace.http.request import carries_bytes, current_actor, current_work, runtime, writes
from workspace.kernel.errors import Forbidden, Locked, NotAcceptable, NotFound, PreconditionFailed, WrongState

operations = Operations("cases")


@operations(
    "GET",
    "/cases",
    "The person's cases, the last moved first",
    query=PageQuery,
    response=shapes.Cases,
    conditional=True,
)
def list_cases(query: PageQuery) -> shapes.Cases:
    found, following = paged(queries.my_cases(current_work()), query, lambda one: one.id)
    return shapes.Cases(items=[case_line(one) for one in found], next=following)


@operations("POST", "/cases", "Begin a case", request=shapes.CaseNew, response=shapes.Case, status=201)
def open_case(body: shapes.CaseNew) -> Answer:
    """A folder in the person's cloud and the words beside it; nobody else sees either before it is delivered."""
    work = current_work()
    body_id = body_id_of(work, body.body)
    case = service.open_case(work, title=body.title, story=body.story, body_id=body_id, kind=body.kind)
    return Answer(show_case(case.id), headers={"Location": f"/api/v1/cases/{case.id}"})


@operations("GET", "/cases/{case_id}", "One case", response=shapes.Case, conditional=True)
@writes  # a look by anybody but the applicant is written down first
def show_case(case_id: str) -> shapes.Case:
    """All of it for the applicant, what was delivered for officials of the body, whose look is written down."""
    return case_shape(queries.case(current_work(), case_id))


@operations(
    "PATCH",
    "/cases/{case_id}",
    "Change a draft",
    request=shapes.CaseChange,
    response=shapes.Case,
    conditional=True,
    errors=(Forbidden, WrongState),
)
def change_case(case_id: str, body: shapes.CaseChange) -> shapes.Case:
    work = current_work()
    require_match(show_case(case_id))
    service.change_case(
        work,
        case_id,
        title=body.title,
        story=body.story,
        body_id=body_id_of(work, body.body),
        kind=body.kind,
    )
    return show_case(case_id)


@operations(
    "POST",
    "/cases/{case_id}/documents",
    "Put files in",
    request=shapes.DocumentsNew,
    response=shapes.Added,
    status=201,
    errors=(Forbidden, Locked, WrongState),
)
def put_documents(case_id: str, body: shapes.DocumentsNew) -> shapes.Added:
    """Copies by reference, in the case's folder. Files can also be put into that folder directly."""
    return shapes.Added(items=service.put_in(current_work(), case_id, body.items))


@operations(
    "DELETE",
    "/cases/{case_id}/documents/{item_id}",
    "Take a file out",
    status=204,
    errors=(Forbidden, WrongState),
)
def take_document_out(case_id: str, item_id: str) -> Answer:
    """Into the trash. What was delivered stays delivered."""
    service.take_out(current_work(), case_id, item_id)
    return Answer()


@operations(
    "POST",
    "/cases/{case_id}/deliver",
    "Deliver: hand the case over for good",
    request=shapes.Deliver,
    response=shapes.Delivered,
    status=201,
    errors=(Forbidden, WrongState, PreconditionFailed),
)
@carries_bytes
def deliver_case(case_id: str, body: shapes.Deliver) -> shapes.Delivered:
    """The words, a letter composed from them, and exactly the files that lie in the folder now. Sent twice, it gives
    the first delivery again."""
    return delivered(deliver_with_letter(runtime(), current_actor(), case_id, body.language))


@operations(
    "POST",
    "/cases/{case_id}/additions",
    "Hand over more",
    request=shapes.More,
    response=shapes.Delivered,
    status=201,
    errors=(Forbidden, WrongState),
)
def add_to_case(case_id: str, body: shapes.More) -> shapes.Delivered:
    return delivered(service.add_to_delivered(current_work(), case_id, item_ids=body.items, text=body.text))


@operations(
    "POST",
    "/cases/{case_id}/replies",
    "Answer the body's question",
    request=shapes.Reply,
    response=shapes.Delivered,
    status=201,
    errors=(Forbidden, WrongState),
)
def reply_in_case(case_id: str, body: shapes.Reply) -> shapes.Delivered:
    return delivered(service.reply(current_work(), case_id, body.text, body.items))


@operations(
    "POST",
    "/cases/{case_id}/judgements",
    "Accept or contest the answer, or take the case back",
    request=shapes.Judgement,
    response=shapes.Case,
    errors=(Forbidden, WrongState),
)
def judge_case(case_id: str, body: shapes.Judgement) -> shapes.Case:
    work = current_work()
    if body.judgement == "accept":
        service.accept(work, case_id)
    elif body.judgement == "contest":
        service.contest(work, case_id, body.reason)
    else:
        service.withdraw(work, case_id, body.reason)
    return show_case(case_id)


def body_id_of(work: Work, slug: str | None) -> str | None:
    """The id of the body with this slug. Raises NotAcceptable where there is none."""
    if slug is None:
        return None
    try:
        return body_entry(work, slug).id
    except NotFound:
        raise NotAcceptable(field="body", reason="unknown") from None


def delivered(made: HandedOver) -> shapes.Delivered:
    """A delivery as the API writes it."""
    return shapes.Delivered(
        id=made.id,
        number=made.number,
        direction=made.direction.value,
        at=made.at,
        files=made.files,
    )


def case_line(one: CaseLine) -> shapes.CaseLine:
    """A line of the citizen's list."""
    return shapes.CaseLine(
        id=one.id,
        title=one.title,
        kind=one.kind,
        body=one.body,
        status=one.state.status,
        number=one.state.number,
        next_step=one.step.value,
        due_on=one.timing.due_on if one.timing else None,
        overdue=one.timing is not None and one.timing.overdue,
        changed_at=one.changed_at,
    )


def case_shape(one: CaseView) -> shapes.Case:
    """A whole case."""
    clock = one.timing
    return shapes.Case(
        id=one.id,
        title=one.title,
        kind=one.kind,
        story=one.story,
        folder=one.folder_id,
        body=one.body_slug or None,
        body_name=one.body,
        reader=one.reader.value,
        status=one.state.status,
        number=one.state.number,
        outcome=one.state.outcome,
        next_step=one.step.value,
        applicant=_human(one.applicant),
        handler=_human(one.handler) if one.handler else None,
        clock=shapes.Clock(
            began_on=clock.began_on,
            due_on=clock.due_on,
            total=clock.total,
            used=clock.used,
            left=clock.left,
            overdue=clock.overdue,
            acknowledge_by=clock.acknowledge_by,
            acknowledge_overdue=clock.acknowledge_overdue,
        )
        if clock
        else None,
        timeline=[_entry(line) for line in one.timeline],
        papers=[_paper(paper) for paper in one.papers],
        documents=[_document(file) for file in one.documents],
        files=[
            shapes.CaseFile(
                item=file.item_id,
                version=file.version_id,
                name=file.name,
                size=file.size,
                sha256=file.sha256,
                media_type=file.media_type,
                delivered=file.delivered,
            )
            for file in one.files
        ],
        made_at=one.made_at,
    )


def _human(one: Human) -> shapes.Human:
    return shapes.Human(id=one.id, name=one.name, role=one.role, office=one.office, phone=one.phone)


def _entry(one: Entry) -> shapes.Entry:
    return shapes.Entry(
        id=one.id,
        kind=one.kind.value,
        at=one.at,
        who=_human(one.who),
        delivery=one.paper.id if one.paper else None,
        text=one.text,
        number=one.number,
        outcome=one.outcome,
    )


def _paper(one: Paper) -> shapes.Paper:
    return shapes.Paper(
        id=one.id,
        number=one.number,
        direction=one.direction.value,
        at=one.at,
        sender=_human(one.sender),
        text=one.text,
        files=one.files,
        size=one.size,
        manifest_sha256=one.manifest_sha256,
    )


def _document(one: Document) -> shapes.Document:
    return shapes.Document(
        id=one.id,
        delivery=one.delivery_id,
        direction=one.direction.value,
        name=one.name,
        size=one.size,
        sha256=one.sha256,
        media_type=one.media_type,
        at=one.at,
        letter=one.letter,
        item=one.item_id,
    )
