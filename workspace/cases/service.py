"""Verbs of the citizen: write a case, put files in, deliver it, reply, judge the answer."""

from collections.abc import Sequence

from sqlalchemy import select

from workspace.accounts.models import Person
from workspace.bodies.models import Body
from workspace.cases.folders import files_in, items_as_files, keep_by_reference, new_case_folder, put_copy, undelivered
from workspace.cases.handover import Direction, Handed, HandedOver, Parties, Party, hand_over, handed_over
from workspace.cases.history import require_move, state_of, tell
from workspace.cases.letters import SealedLetter, letter_mark
from workspace.cases.models import Case, DeliveredFile, Delivery
from workspace.cases.procedure import GENERIC, procedure
from workspace.cases.states import CaseState, outlook
from workspace.cases.things import locate_case, story_of
from workspace.cloud import blobs, spaces, texts
from workspace.cloud.things import locate_item
from workspace.cloud.trash import trash
from workspace.db.work import Work
from workspace.kernel.errors import NotAcceptable, NotFound, PreconditionFailed, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import Located
from workspace.sharing.authorize import authorize, require_signed_in
from workspace.sharing.rule import Action
from workspace.sharing.service import deliver_grant

TITLE_LIMIT = 200
STORY_LIMIT = 50_000


def open_case(
    work: Work, *, title: str, story: str = "", body_id: str | None = None, kind: str = "appeal", language: str = ""
) -> Case:
    """Begin a case: a folder in the actor's own cloud and the words beside it. Nobody else sees either.

    `language` names the folder that holds all cases (`en`, `uk`; empty: the person's own). Raises NotAcceptable
    (`field`, `reason`).
    """
    person_id = require_signed_in(work.actor)
    space = spaces.open_personal_space(work, person_id)
    person = work.session.get_one(Person, person_id)
    title = _title(title)
    folder_id = new_case_folder(work, space.id, title, language or person.language or work.settings.language)
    case = Case(
        id=new_id(),
        applicant_id=person_id,
        space_id=space.id,
        folder_id=folder_id,
        body_id=_body(work, body_id).id if body_id else None,
        kind=_kind(kind),
        title=title,
        procedure=GENERIC,
        made_at=work.now,
        changed_at=work.now,
    )
    case.story_id = _sealed_story(work, case, story)
    work.session.add(case)
    work.session.flush()
    _, thing = locate_case(work, case.id)
    authorize(work, Action.DELIVER, thing)
    tell(work, case, thing, FactKind.CASE_OPENED)
    return case


def change_case(
    work: Work,
    case_id: str,
    *,
    title: str | None = None,
    story: str | None = None,
    body_id: str | None = None,
    kind: str | None = None,
) -> Case:
    """Change the words or the addressee while it is a draft; None leaves a value as it is. Co-authors may, too."""
    case, thing = locate_case(work, case_id)
    authorize(work, Action.CHANGE, thing)
    require_move(case, state_of(work, case), FactKind.CASE_CHANGED)
    before = (case.title, case.body_id, case.kind)
    if title is not None:
        case.title = _title(title)
    if kind is not None:
        case.kind = _kind(kind)
    if body_id is not None:
        case.body_id = _body(work, body_id).id
    changed = before != (case.title, case.body_id, case.kind)
    if story is not None and story.strip() != story_of(work, case):
        case.story_id = _sealed_story(work, case, story)
        changed = True
    if changed:
        tell(work, case, thing, FactKind.CASE_CHANGED)
    return case


def put_in(work: Work, case_id: str, item_ids: Sequence[str]) -> list[str]:
    """Put copies of files or folders into the case's folder; no byte is copied. Returns the new items' ids."""
    case, thing, _ = _mine(work, case_id, Action.ADD, FactKind.DOCUMENT_ADDED)
    locate_item(work, case.folder_id)
    added = []
    for item_id in item_ids:
        new = put_copy(work, item_id, case.folder_id)
        added.append(new)
        tell(work, case, thing, FactKind.DOCUMENT_ADDED, item=new)
    return added


def take_out(work: Work, case_id: str, item_id: str) -> None:
    """Throw a file of the case's folder into the trash. What was delivered stays delivered."""
    case, thing, _ = _mine(work, case_id, Action.CHANGE, FactKind.DOCUMENT_REMOVED)
    _, place = locate_item(work, item_id)
    if case.folder_id not in place.lineage[1:]:
        raise NotFound()
    trash(work, item_id)
    tell(work, case, thing, FactKind.DOCUMENT_REMOVED, item=item_id)


def deliver(work: Work, case_id: str, letter: SealedLetter | None = None) -> HandedOver:
    """Hand the case over for good: the letter and exactly the files that lie in its folder now.

    Pressed twice, it gives the first delivery again. Raises NotAcceptable where the words or the body are missing
    (`field`), WrongState for a closed body, PreconditionFailed where the case has changed since the letter.
    """
    case, thing = locate_case(work, case_id)
    authorize(work, Action.DELIVER, thing)
    state = state_of(work, case)
    if state.delivery_id is not None:
        return handed_over(work.session.get_one(Delivery, state.delivery_id))
    rules = require_move(case, state, FactKind.DELIVERED)
    story = story_of(work, case)
    if not story:
        raise NotAcceptable(field="story", reason="missing")
    if case.body_id is None:
        raise NotAcceptable(field="body", reason="missing")
    body = _body(work, case.body_id)
    files = files_in(work, case.folder_id)
    if letter is not None:
        if letter.mark != letter_mark(case, story, body.name, files):
            raise PreconditionFailed()
        blobs.keep(work, letter.sealed, case.space_id)
        files = [letter.as_file(files), *files]
    due = outlook(rules, work.now, work.settings.timezone).answer_by
    parties = Parties(Party(_name(work)), Party(body.name), due)
    delivery = hand_over(work, case, thing, Direction.APPEAL, parties, files, story)
    deliver_grant(work, thing, body.id)
    return delivery


def add_to_delivered(work: Work, case_id: str, *, item_ids: Sequence[str] | None = None, text: str = "") -> HandedOver:
    """Hand over more: these items of the actor's cloud or, with None, what has come into the folder since.

    An addition has a receipt of its own. Raises NotAcceptable where there is nothing to add.
    """
    case, thing, _ = _mine(work, case_id, Action.DELIVER, FactKind.DELIVERED, addition=True)
    files = undelivered(work, case) if item_ids is None else items_as_files(work, item_ids)
    return _send(work, case, thing, Direction.ADDITION, files, text)


def reply(work: Work, case_id: str, text: str, item_ids: Sequence[str] = ()) -> HandedOver:
    """Answer the body's open question, with files of the actor's cloud. Raises WrongState where none is open."""
    case, thing, _ = _mine(work, case_id, Action.REPLY, FactKind.REPLIED)
    return _send(work, case, thing, Direction.REPLY, items_as_files(work, item_ids), text)


def accept(work: Work, case_id: str) -> None:
    """The answer settles the matter. Idempotent."""
    case, thing = locate_case(work, case_id)
    authorize(work, Action.JUDGE, thing)
    state = state_of(work, case)
    if state.accepted_at is not None:
        return
    require_move(case, state, FactKind.ACCEPTED)
    tell(work, case, thing, FactKind.ACCEPTED)


def contest(work: Work, case_id: str, reason: str) -> None:
    """The answer does not settle it; the body has to look again, and the clock starts anew. `reason` is required."""
    case, thing, _ = _mine(work, case_id, Action.JUDGE, FactKind.CONTESTED)
    tell(work, case, thing, FactKind.CONTESTED, text=_for_both(work, case, reason, required=True))


def withdraw(work: Work, case_id: str, reason: str = "") -> None:
    """Take the case back. A draft simply goes; what was delivered stays with the body, which need not answer."""
    case, thing, _ = _mine(work, case_id, Action.JUDGE, FactKind.WITHDRAWN)
    if state_of(work, case).delivered_at is None:
        tell(work, case, thing, FactKind.WITHDRAWN)
    else:
        tell(work, case, thing, FactKind.WITHDRAWN, text=_for_both(work, case, reason, required=False))


def save_document(work: Work, file_id: str) -> str:
    """Put a delivered file into the applicant's own case folder, by reference; returns the new item's id.

    What was delivered does not count as room; a file of one's own does. Raises OverQuota, NotFound.
    """
    file = work.session.get(DeliveredFile, file_id)
    if file is None:
        raise NotFound()
    case, thing = locate_case(work, work.session.get_one(Delivery, file.delivery_id).case_id)
    authorize(work, Action.JUDGE, thing)
    return keep_by_reference(work, case, file)


def _mine(
    work: Work, case_id: str, action: Action, kind: FactKind, *, addition: bool = False
) -> tuple[Case, Located, CaseState]:
    case, thing = locate_case(work, case_id)
    authorize(work, action, thing)
    state = state_of(work, case)
    require_move(case, state, kind, addition=addition)
    return case, thing, state


def _send(
    work: Work, case: Case, thing: Located, direction: Direction, files: Sequence[Handed], text: str
) -> HandedOver:
    text = text.strip()
    if not text and not files:
        raise NotAcceptable(field="text", reason="missing")
    body = work.session.get_one(Body, case.body_id)
    return hand_over(work, case, thing, direction, Parties(Party(_name(work)), Party(body.name)), files, text)


def _for_both(work: Work, case: Case, text: str, *, required: bool) -> str | None:
    text = text.strip()
    if required and not text:
        raise NotAcceptable(field="reason", reason="missing")
    if len(text) > STORY_LIMIT:
        raise NotAcceptable(field="reason", reason="too_long", limit=STORY_LIMIT)
    if not text:
        return None
    assert case.body_id is not None
    return texts.seal_text(work, text, case.space_id, spaces.open_body_space(work, case.body_id).id)


def _sealed_story(work: Work, case: Case, story: str) -> str | None:
    story = story.replace("\r\n", "\n").strip()
    if len(story) > STORY_LIMIT:
        raise NotAcceptable(field="story", reason="too_long", limit=STORY_LIMIT)
    return texts.seal_text(work, story, case.space_id) if story else None


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > TITLE_LIMIT:
        raise NotAcceptable(field="title", reason="too_long" if title else "missing", limit=TITLE_LIMIT)
    return title


def _kind(kind: str) -> str:
    if kind not in procedure(GENERIC).kinds:
        raise NotAcceptable(field="kind", reason="unknown")
    return kind


def _body(work: Work, body_id: str) -> Body:
    row = work.session.get(Body, body_id)
    if row is None:
        raise NotAcceptable(field="body", reason="unknown")
    if row.closed_at is not None:
        raise WrongState(reason="body_closed")
    return row


def _name(work: Work) -> str:
    return work.session.scalar(select(Person.name).where(Person.id == work.actor.person_id)) or ""
