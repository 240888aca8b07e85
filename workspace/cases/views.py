"""What the pages show of a case: plain frozen values, no rows, no words of a language."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from workspace.cases.handover import Direction
from workspace.cases.procedure import Procedure
from workspace.cases.states import CaseState, Outlook, Timing
from workspace.kernel.actors import Role
from workspace.kernel.facts import FactKind


class Reader(StrEnum):
    """Who looks: the applicant, an official of the body, or somebody with whom the folder is shared."""

    APPLICANT = "applicant"
    OFFICE = "office"
    GUEST = "guest"


class Next(StrEnum):
    """The one next step of the reader; `NOTHING`: it is the other side's turn."""

    WRITE = "write"
    CHOOSE_BODY = "choose_body"
    DELIVER = "deliver"
    REPLY = "reply"
    JUDGE = "judge"
    COMPLAIN = "complain"
    REGISTER = "register"
    ASSIGN = "assign"
    ANSWER = "answer"
    CLOSE = "close"
    NOTHING = "nothing"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Human:
    """Somebody in a case: the name, and for an official role, office and telephone."""

    id: str
    name: str
    role: Role | None = None
    office: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One delivered file. `letter`: it is the letter itself, composed by the workspace."""

    id: str
    delivery_id: str
    direction: Direction
    name: str
    size: int
    sha256: str
    media_type: str
    at: datetime
    letter: bool
    item_id: str | None


@dataclass(frozen=True, slots=True)
class Paper:
    """One delivery: its receipt and, for those who may read it, its words. `attachments`: its files but the letter."""

    id: str
    number: str
    direction: Direction
    at: datetime
    sender: Human
    text: str
    files: int
    attachments: int
    size: int
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `day`: the working day of the answer's clock, None before the delivery."""

    id: str
    kind: FactKind
    at: datetime
    day: int | None
    who: Human
    mine: bool
    paper: Paper | None = None
    text: str = ""
    number: str = ""
    outcome: str = ""
    handler: Human | None = None


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file that lies in the case's folder now. `delivered`: this very version was handed over."""

    item_id: str
    version_id: str
    name: str
    size: int
    sha256: str
    media_type: str
    delivered: bool


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list of the citizen's."""

    id: str
    title: str
    kind: str
    body: str
    body_id: str | None
    state: CaseState
    timing: Timing | None
    rules: Procedure
    changed_at: datetime
    step: Next
    ready: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case, whole, as its reader may see it."""

    id: str
    title: str
    kind: str
    story: str
    folder_id: str | None
    body_id: str | None
    body: str
    body_slug: str
    body_officials: int
    body_closed: bool
    reader: Reader
    state: CaseState
    timing: Timing | None
    outlook: Outlook
    rules: Procedure
    step: Next
    timeline: tuple[Entry, ...]
    documents: tuple[Document, ...]
    papers: tuple[Paper, ...]
    files: tuple[FolderFile, ...]
    applicant: Human
    handler: Human | None
    people: tuple[Human, ...]
    shared_with: tuple[str, ...]
    made_at: datetime

    @property
    def question(self) -> Paper | None:
        """The question that waits for the citizen."""
        event = self.state.question
        return self._paper(event.delivery_id) if event else None

    @property
    def answer(self) -> Paper | None:
        """The last answer, even if it was contested since."""
        return next((one for one in reversed(self.papers) if one.direction is Direction.ANSWER), None)

    @property
    def appeal(self) -> Paper | None:
        """The first delivery."""
        return self._paper(self.state.delivery_id)

    def _paper(self, delivery_id: str | None) -> Paper | None:
        return next((one for one in self.papers if one.id == delivery_id), None)


@dataclass(frozen=True, slots=True)
class AnswerFileView:
    """A document beside the draft of an answer."""

    id: str
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Note:
    """An internal note of the body."""

    id: str
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What officials see beside the case: the draft of the answer, internal notes, who can take it over."""

    case: CaseView
    outcome: str
    text: str
    drafted_by: str
    drafted_at: datetime | None
    answer_files: tuple[AnswerFileView, ...]
    notes: tuple[Note, ...]
    handlers: tuple[Human, ...]
    may_register: bool
    may_assign: bool
    may_ask: bool
    may_answer: bool
    may_close: bool
    closes_in: int


class NeedKind(StrEnum):
    """What may wait for somebody on their first page."""

    QUESTION = "question"
    ANSWER = "answer"
    SILENCE = "silence"
    DRAFT = "draft"
    OFFICE_OVERDUE = "office_overdue"
    OFFICE_TODAY = "office_today"
    OFFICE_NEW = "office_new"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits. For officials `count` cases of the body `body_slug`; for a citizen one case."""

    kind: NeedKind
    body: str
    at: datetime
    case_id: str = ""
    title: str = ""
    number: str = ""
    text: str = ""
    outcome: str = ""
    due_on: date | None = None
    body_slug: str = ""
    count: int = 0
