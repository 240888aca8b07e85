"""Reads of requests for files: what I ask for, what is asked of me, one request as each side sees it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from workspace.accounts.queries import names_of
from workspace.bodies.queries import body_names
from workspace.cloud.queries import item_names
from workspace.cloud.texts import open_text
from workspace.db.work import Work
from workspace.exchange.models import FileRequest, RequestedDocument, SentDocument
from workspace.exchange.requests import locate_request, sent_for
from workspace.sharing.authorize import authorize, grants_held, require_signed_in
from workspace.sharing.models import Grant
from workspace.sharing.rule import Action, permits


@dataclass(frozen=True, slots=True)
class SentView:
    """A file that came. `sender` and the item stand only in what the asking side sees."""

    id: str
    name: str
    size: int
    sent_at: datetime
    state: str
    reason: str
    sender: str = ""
    item_id: str | None = None
    item_name: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A line of the checklist. `state`: missing, received, accepted or refused, by what the reader sees of it."""

    id: str
    title: str
    state: str
    sent: tuple[SentView, ...]


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request. `judges`: the reader belongs to who asks, else to who is asked."""

    id: str
    title: str
    text: str
    asker: str
    body: str
    addressed_to: str | None
    ends_at: datetime | None
    made_at: datetime
    closed: bool
    judges: bool
    folder_id: str | None
    documents: tuple[DocumentView, ...]


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request in a list; `states`: how many lines of its checklist are missing, received, accepted, refused."""

    id: str
    title: str
    asker: str
    addressed_to: str | None
    ends_at: datetime | None
    closed: bool
    states: dict[str, int]


def request(work: Work, request_id: str) -> RequestView:
    """One request, as much of it as the actor may see. Raises NotFound, AccessEnded, SignInRequired."""
    row, thing = locate_request(work, request_id)
    verdict = authorize(work, Action.SEE, thing)
    judges = permits(Action.CHANGE, verdict, work.actor)
    return RequestView(
        id=row.id,
        title=row.title,
        text=open_text(work, row.text_id, row.space_id) if row.text_id else "",
        asker=names_of(work, [row.made_by]).get(row.made_by, ""),
        body=body_names(work, [row.body_id]).get(row.body_id, "") if row.body_id else "",
        addressed_to=row.addressed_to if judges else None,
        ends_at=row.ends_at,
        made_at=row.made_at,
        closed=_closed(work, row),
        judges=judges,
        folder_id=row.folder_id if judges else None,
        documents=tuple(_documents(work, [row], judges)[row.id]),
    )


def asked_by_me(work: Work) -> list[RequestLine]:
    """What the actor asks for, by themselves or with a body they work for; newest first."""
    me = require_signed_in(work.actor)
    bodies = [post.body_id for post in work.actor.appointments]
    mine = (FileRequest.made_by == me) & FileRequest.body_id.is_(None)
    rows = work.session.scalars(
        select(FileRequest).where(mine | FileRequest.body_id.in_(bodies)).order_by(FileRequest.id.desc())
    )
    return _lines(work, list(rows), judges=True)


def asked_of_me(work: Work) -> list[RequestLine]:
    """What is asked of the actor and still open, newest first."""
    require_signed_in(work.actor)
    held = grants_held(work).where(Grant.thing_kind == "request", Grant.level == "contribute").subquery()
    rows = work.session.scalars(
        select(FileRequest).where(FileRequest.id.in_(select(held.c.thing_id))).order_by(FileRequest.id.desc())
    )
    return _lines(work, [one for one in rows if not _closed(work, one)], judges=False)


def _lines(work: Work, rows: list[FileRequest], *, judges: bool) -> list[RequestLine]:
    people = names_of(work, [one.made_by for one in rows])
    bodies = body_names(work, [one.body_id for one in rows if one.body_id])
    documents = _documents(work, rows, judges)
    return [
        RequestLine(
            id=one.id,
            title=one.title,
            asker=bodies.get(one.body_id, "") if one.body_id else people.get(one.made_by, ""),
            addressed_to=one.addressed_to if judges else None,
            ends_at=one.ends_at,
            closed=_closed(work, one),
            states=_counted([document.state for document in documents[one.id]]),
        )
        for one in rows
    ]


def _documents(work: Work, rows: list[FileRequest], judges: bool) -> dict[str, list[DocumentView]]:
    wanted = [one.id for one in rows]
    lines = work.session.scalars(
        select(RequestedDocument).where(RequestedDocument.request_id.in_(wanted)).order_by(RequestedDocument.ordinal)
    ).all()
    came: dict[str, list[SentDocument]] = {}
    for sent in sent_for(work, [one.id for one in lines], mine=not judges):
        came.setdefault(sent.document_id, []).append(sent)
    everything = [sent for some in came.values() for sent in some]
    senders = names_of(work, [one.person_id for one in everything if one.person_id]) if judges else {}
    items = item_names(work, [one.item_id for one in everything]) if judges else {}
    found: dict[str, list[DocumentView]] = {one: [] for one in wanted}
    for line in lines:
        sent_views = tuple(_sent(one, judges, senders, items) for one in came.get(line.id, ()))
        found[line.request_id].append(DocumentView(line.id, line.title, _state(sent_views), sent_views))
    return found


def _sent(one: SentDocument, judges: bool, senders: dict[str, str], items: dict[str, str]) -> SentView:
    if not judges:
        return SentView(one.id, one.name, one.size, one.sent_at, one.state, one.reason)
    sender = senders.get(one.person_id or "", "")
    return SentView(
        one.id, one.name, one.size, one.sent_at, one.state, one.reason, sender, one.item_id, items.get(one.item_id)
    )


def _state(sent: tuple[SentView, ...]) -> str:
    states = {one.state for one in sent}
    return next((state for state in ("accepted", "received", "refused") if state in states), "missing")


def _counted(states: list[str]) -> dict[str, int]:
    return {one: states.count(one) for one in ("missing", "received", "accepted", "refused") if one in states}


def _closed(work: Work, row: FileRequest) -> bool:
    return row.closed_at is not None or (row.ends_at is not None and row.ends_at <= work.now)
