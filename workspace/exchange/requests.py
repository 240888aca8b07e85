"""Verbs of requests for files: ask for named documents, send one, accept or refuse it, close.

Who is asked may only add to the request: their grant lies on the request's own id, never on the folder into which the
files go. So no door of the cloud shows them that folder, and what they are shown here is what they sent themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workspace.accounts.awaited import addressee
from workspace.cloud import spaces
from workspace.cloud.blobs import SealedBlob
from workspace.cloud.models import Item
from workspace.cloud.names import LONGEST, check_name, shorten
from workspace.cloud.receiving import new_folder, receive_file
from workspace.cloud.texts import seal_text
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.exchange.models import FileRequest, RequestedDocument, SentDocument
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import AccessEnded, NotAcceptable, NotFound, OverQuota, TooLarge, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import is_id, new_id
from workspace.kernel.things import Located, ThingKind
from workspace.sharing.authorize import authorize, require_signed_in
from workspace.sharing.links import make_link
from workspace.sharing.rule import Action, Level, Reason, Verdict
from workspace.sharing.service import collect, grant

TITLE_LIMIT = 200
TEXT_LIMIT = 5_000
REASON_LIMIT = 1_000
MOST_DOCUMENTS = 30
MOST_SENT = 50
"""So many files may come for one line of a checklist."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was just made; `token` of its secret link is shown this once, None where an address was asked."""

    request: FileRequest
    token: str | None


def ask_for_files(
    work: Work,
    title: str,
    documents: Sequence[str],
    *,
    text: str = "",
    address: str | None = None,
    body_id: str | None = None,
    ends_at: datetime | None = None,
    password: str | None = None,
) -> Asked:
    """Ask whoever has an address, or else a secret link, for named documents; for oneself or for a body one works for.

    Raises NotAcceptable (fields `title`, `documents`, `text`, `until`, `email`, `password`), NotFound for a body of
    others, StorageUnavailable.
    """
    me = require_signed_in(work.actor)
    title, named = _title(title), _named(documents)
    if len(text) > TEXT_LIMIT:
        raise NotAcceptable(field="text", limit=TEXT_LIMIT)
    if ends_at is not None and ends_at <= work.now:
        raise NotAcceptable(field="until")
    folder = _folder(work, title, body_id)
    row = FileRequest(
        id=new_id(),
        space_id=folder.space_id,
        folder_id=folder.id,
        made_by=me,
        body_id=body_id,
        title=title,
        text_id=seal_text(work, text, folder.space_id) if text.strip() else None,
        addressed_to=address,
        ends_at=ends_at,
        made_at=work.now,
        closed_at=None,
    )
    work.session.add(row)
    work.session.flush()
    work.session.add_all(
        RequestedDocument(id=new_id(), request_id=row.id, ordinal=number, title=one) for number, one in enumerate(named)
    )
    # whoever makes it gives the rights that it comes with; for a body nobody alone owns it afterwards
    mine = Located(ThingKind.REQUEST, row.id, Principal(SubjectKind.PERSON, me), (row.id,), row.space_id)
    work.record(FactKind.REQUEST_MADE, mine, space_id=row.space_id, body_id=body_id)
    if body_id is not None:
        collect(work, mine, body_id, Level.EDIT)
        collect(work, locate_item(work, folder.id)[1], body_id, Level.VIEW)
    return Asked(row, _invite(work, mine, address, ends_at, password, title))


def expect_document(work: Work, request_id: str, document_id: str, name: str, size: int | None = None) -> None:
    """Refuse early what `send_document` would refuse, before bytes travel. Raises as it does, and TooLarge."""
    row, thing = locate_request(work, request_id)
    authorize(work, Action.ADD, thing)
    document_of(work, row, document_id)
    _require_open(work, row, thing)
    check_name(name)
    if size is not None and size > work.settings.upload_limit:
        raise TooLarge(limit=work.settings.upload_limit)


def send_document(
    work: Work, request_id: str, document_id: str, name: str, sealed: SealedBlob, media_type: str | None = None
) -> SentDocument:
    """Send a file for a line of the checklist. It never replaces anything, whatever it is called.

    Raises NotFound, AccessEnded (closed, or its last day has passed), NameNotAllowed, NotAcceptable (field `room`: the
    receiver has none left; how much there is, is not told), WrongState at fifty files of a line.
    """
    row, thing = locate_request(work, request_id)
    verdict = authorize(work, Action.ADD, thing)
    document = document_of(work, row, document_id)
    _require_open(work, row, thing)
    if len(sent_for(work, [document.id], mine=True)) >= MOST_SENT:
        raise WrongState()
    try:
        place = locate_item(work, row.folder_id)[1]
        item = receive_file(work, place, name, sealed, verdict, media_type)
    except NotFound:
        raise AccessEnded(thing=thing) from None  # its folder was thrown away
    except OverQuota:
        raise NotAcceptable(field="room") from None
    sent = SentDocument(
        id=new_id(),
        document_id=document.id,
        item_id=item.id,
        name=name,
        size=sealed.size,
        person_id=work.actor.person_id,
        visitor=work.actor.visitor,
        sent_at=work.now,
        state="received",
        reason="",
        judged_at=None,
        judged_by=None,
    )
    work.session.add(sent)
    _tell(work, FactKind.DOCUMENT_SENT, row, thing, sent)
    return sent


def judge_document(work: Work, request_id: str, sent_id: str, *, accept: bool, reason: str = "") -> SentDocument:
    """Accept a document, or refuse it with a reason that its sender reads. May be judged anew.

    Raises NotFound, Forbidden, NotAcceptable (field `reason`) for a refusal without one.
    """
    row, thing = locate_request(work, request_id)
    authorize(work, Action.CHANGE, thing)
    sent = work.session.get(SentDocument, sent_id) if is_id(sent_id) else None
    if sent is None or document_of(work, row, sent.document_id).request_id != row.id:
        raise NotFound()
    reason = reason.strip()
    if (not accept and not reason) or len(reason) > REASON_LIMIT:
        raise NotAcceptable(field="reason", limit=REASON_LIMIT)
    sent.state, sent.reason = ("accepted", "") if accept else ("refused", reason)
    sent.judged_at, sent.judged_by = work.now, work.actor.person_id
    _tell(work, FactKind.DOCUMENT_ACCEPTED if accept else FactKind.DOCUMENT_REFUSED, row, thing, sent)
    return sent


def close_request(work: Work, request_id: str) -> FileRequest:
    """Take nothing more. What has come stays. Idempotent."""
    row, thing = locate_request(work, request_id)
    authorize(work, Action.CHANGE, thing)
    if row.closed_at is None:
        row.closed_at = work.now
        work.record(FactKind.REQUEST_CLOSED, thing, space_id=row.space_id, body_id=row.body_id)
    return row


def locate_request(work: Work, request_id: str) -> tuple[FileRequest, Located]:
    """The request and its thing. Raises NotFound; whoever calls asks."""
    row = work.session.get(FileRequest, request_id) if is_id(request_id) else None
    if row is None:
        raise NotFound()
    kind, owner = (SubjectKind.BODY, row.body_id) if row.body_id else (SubjectKind.PERSON, row.made_by)
    return row, Located(ThingKind.REQUEST, row.id, Principal(kind, owner), (row.id,), row.space_id)


def document_of(work: Work, row: FileRequest, document_id: str) -> RequestedDocument:
    """A line of this very request. Raises NotFound."""
    document = work.session.get(RequestedDocument, document_id) if is_id(document_id) else None
    if document is None or document.request_id != row.id:
        raise NotFound()
    return document


def sent_for(work: Work, document_ids: Sequence[str], *, mine: bool) -> list[SentDocument]:
    """What came for these lines, oldest first; with `mine` only what the actor sent, in this browser where they are not
    signed in."""
    query = work.session.query(SentDocument).filter(SentDocument.document_id.in_(document_ids))
    if mine and work.actor.person_id is not None:
        query = query.filter(SentDocument.person_id == work.actor.person_id)
    elif mine:
        query = query.filter(SentDocument.person_id.is_(None), SentDocument.visitor == (work.actor.visitor or ""))
    return query.order_by(SentDocument.id).all()


def _require_open(work: Work, row: FileRequest, thing: Located) -> None:
    if row.closed_at is not None or (row.ends_at is not None and row.ends_at <= work.now):
        raise AccessEnded(thing=thing)


def _invite(
    work: Work, mine: Located, address: str | None, ends_at: datetime | None, password: str | None, title: str
) -> str | None:
    if address is None:
        return make_link(work, mine, Level.CONTRIBUTE, valid_until=ends_at, password=password, label=title, purpose="")[
            1
        ]
    subject = Principal(SubjectKind.PERSON, addressee(work, address))
    grant(work, mine, subject, Level.CONTRIBUTE, valid_until=ends_at, addressed_to=address)
    return None


def _folder(work: Work, title: str, body_id: str | None) -> Item:
    """Where what comes is put: a new folder at the top of one's own cloud, or of the body's."""
    if body_id is None:
        space = spaces.open_personal_space(work, require_signed_in(work.actor))
    elif work.actor.roles_in(body_id):
        space = spaces.open_body_space(work, body_id)
    else:
        raise NotFound()
    place = locate_item(work, spaces.root_of(work, space.id).id)[1]
    if body_id is None:
        verdict = authorize(work, Action.ADD, place)
    else:
        verdict = Verdict(None, Reason.NOTHING)  # by the post, not by a grant: asked above
    plain = "".join(one for one in title if one.isprintable()).replace("/", "\u2215").strip(" .")
    return new_folder(work, place, shorten(plain or "-", LONGEST - 16), verdict)


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title or len(title) > TITLE_LIMIT:
        raise NotAcceptable(field="title", limit=TITLE_LIMIT)
    return title


def _named(documents: Sequence[str]) -> list[str]:
    named = [one for one in (" ".join(text.split()) for text in documents) if one]
    if not 0 < len(named) <= MOST_DOCUMENTS or any(len(one) > TITLE_LIMIT for one in named):
        raise NotAcceptable(field="documents", limit=MOST_DOCUMENTS)
    return named


def _tell(work: Work, kind: FactKind, row: FileRequest, thing: Located, sent: SentDocument) -> None:
    work.record(kind, thing, space_id=row.space_id, body_id=row.body_id, document=sent.document_id, sent=sent.id)
