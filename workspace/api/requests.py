"""Requests for files: ask for named documents, send them, accept or refuse."""

from flask import request

from workspace.api.operations import Answer, Operations
from workspace.api.received import media_type, received
from workspace.api.shapes import requests as shapes
from workspace.bodies.queries import body as body_entry
from workspace.exchange import asked
from workspace.exchange import requests as verbs
from workspace.exchange.asked import RequestLine, RequestView
from workspace.http.request import carries_bytes, current_actor, current_work, runtime
from workspace.kernel.errors import AccessEnded, Forbidden, NotAcceptable, NotFound, WrongState

operations = Operations("requests")


@operations("GET", "/requests", "What the person asks for, and what is asked of them", response=shapes.Requests)
def list_requests() -> shapes.Requests:
    work = current_work()
    return shapes.Requests(
        by_me=[_line(one) for one in asked.asked_by_me(work)], of_me=[_line(one) for one in asked.asked_of_me(work)]
    )


@operations("POST", "/requests", "Ask for files", request=shapes.RequestNew, response=shapes.RequestMade, status=201)
def ask_for_files(body: shapes.RequestNew) -> shapes.RequestMade:
    """Of whoever has an address, or of whoever has a secret link, whose address is shown this once. Whether the
    address has an account is not told."""
    work = current_work()
    try:
        body_id = body_entry(work, body.body).id if body.body else None
    except NotFound:
        raise NotAcceptable("There is no such government body.", field="body") from None
    made = verbs.ask_for_files(
        work,
        body.title,
        body.documents,
        text=body.text,
        address=body.email.strip() if body.email else None,
        body_id=body_id,
        ends_at=body.ends_at,
        password=body.password,
    )
    work.session.flush()
    address = f"{runtime().settings.base_url.rstrip('/')}/l/{made.token}" if made.token else None
    return shapes.RequestMade(request=_view(asked.request(work, made.request.id)), url=address)


@operations("GET", "/requests/{request_id}", "One request", response=shapes.Request, errors=(AccessEnded,))
def open_request(request_id: str) -> shapes.Request:
    """As much as the person may see: who is asked sees the list and what they sent, nothing else."""
    return _view(asked.request(current_work(), request_id))


@operations(
    "PUT",
    "/requests/{request_id}/documents/{document_id}/files/{name}",
    "Send a document",
    response=shapes.Sent,
    status=201,
    takes_bytes=True,
    errors=(AccessEnded, Forbidden, WrongState),
)
@carries_bytes
def send_document(request_id: str, document_id: str, name: str) -> Answer:
    """It never replaces anything, whatever it is called, and nothing tells which names were taken."""
    instance, actor = runtime(), current_actor()
    with instance.reading(actor) as work:
        verbs.expect_document(work, request_id, document_id, name, request.content_length)
    with received() as sealed, instance.writing(actor) as work:
        sent = verbs.send_document(work, request_id, document_id, name, sealed, media_type())
        work.commit()
    shape = shapes.Sent(id=sent.id, name=sent.name, size=sent.size, sent_at=sent.sent_at, state=sent.state, reason="")
    return Answer(shape, 201)


@operations(
    "POST",
    "/requests/{request_id}/sent/{sent_id}/judgement",
    "Accept a document, or refuse it with a reason",
    request=shapes.Judgement,
    response=shapes.Request,
    errors=(Forbidden,),
)
def judge_document(request_id: str, sent_id: str, body: shapes.Judgement) -> shapes.Request:
    work = current_work()
    verbs.judge_document(work, request_id, sent_id, accept=body.accept, reason=body.reason)
    work.session.flush()
    return _view(asked.request(work, request_id))


@operations("POST", "/requests/{request_id}/close", "Take nothing more", response=shapes.Request, errors=(Forbidden,))
def close_request(request_id: str) -> shapes.Request:
    """What has come stays."""
    work = current_work()
    verbs.close_request(work, request_id)
    work.session.flush()
    return _view(asked.request(work, request_id))


def _line(one: RequestLine) -> shapes.RequestLine:
    return shapes.RequestLine(
        id=one.id,
        title=one.title,
        asker=one.asker,
        addressed_to=one.addressed_to,
        ends_at=one.ends_at,
        closed=one.closed,
        states=one.states,
    )


def _view(one: RequestView) -> shapes.Request:
    return shapes.Request(
        id=one.id,
        title=one.title,
        text=one.text,
        asker=one.body or one.asker,
        addressed_to=one.addressed_to,
        ends_at=one.ends_at,
        closed=one.closed,
        folder=one.folder_id,
        documents=[
            shapes.Document(
                id=line.id,
                title=line.title,
                state=line.state,
                sent=[
                    shapes.Sent(
                        id=sent.id,
                        name=sent.name,
                        size=sent.size,
                        sent_at=sent.sent_at,
                        state=sent.state,
                        reason=sent.reason,
                        item=sent.item_id,
                        sender=sent.sender,
                    )
                    for sent in line.sent
                ],
            )
            for line in one.documents
        ],
    )
