"""Shapes of cases, deliveries and the office's side of them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from workspace.api.values import Id, Line, Moment, Shape, Words
from workspace.kernel.actors import Role

Items = Annotated[list[Id], Field(max_length=1000)]


class CaseNew(Shape):
    """A case to begin. `body`: the slug of the government body that it is for."""

    title: Line
    story: Words = ""
    body: Line | None = None
    kind: Line = "appeal"


class CaseChange(Shape):
    """What shall be different in a draft; what is left out stays."""

    title: Line | None = None
    story: Words | None = None
    body: Line | None = None
    kind: Line | None = None


class Clock(Shape):
    """The clock of the answer, in working days; `left` is negative once it is over."""

    began_on: date
    due_on: date
    total: int
    used: int
    left: int
    overdue: bool
    acknowledge_by: date
    acknowledge_overdue: bool


class CaseLine(Shape):
    """A case in a list. `next`: the one next step, or that there is none."""

    id: Id
    title: str
    kind: str
    body: str
    status: str
    number: str
    next_step: str
    due_on: date | None
    overdue: bool
    changed_at: Moment


class Cases(Shape):
    """The person's cases, the last moved first."""

    items: list[CaseLine]
    next: str | None


class Human(Shape):
    """Somebody in a case."""

    id: str
    name: str
    role: Role | None
    office: str
    phone: str


class Paper(Shape):
    """One delivery: from whom, when, its words, and the fingerprint of its set of files."""

    id: Id
    number: str
    direction: str
    at: Moment
    sender: Human
    text: str
    files: int
    size: int
    manifest_sha256: str


class Document(Shape):
    """One delivered file; its bytes are under `/documents/{id}/content`."""

    id: Id
    delivery: Id
    direction: str
    name: str
    size: int
    sha256: str
    media_type: str
    at: Moment
    letter: bool
    item: Id | None


class CaseFile(Shape):
    """A file that lies in the case's folder. `delivered`: this very version was handed over."""

    item: str
    version: str
    name: str
    size: int
    sha256: str
    media_type: str
    delivered: bool


class Entry(Shape):
    """One line of the timeline."""

    id: Id
    kind: str
    at: Moment
    who: Human
    delivery: Id | None
    text: str
    number: str
    outcome: str


class Case(Shape):
    """A case as its reader may see it: `applicant`, `office` or `guest`."""

    id: Id
    title: str
    kind: str
    story: str
    folder: Id | None
    body: str | None = Field(description="The body's slug.")
    body_name: str
    reader: str
    status: str
    number: str
    outcome: str
    next_step: str
    applicant: Human
    handler: Human | None
    clock: Clock | None
    timeline: list[Entry]
    papers: list[Paper]
    documents: list[Document]
    files: list[CaseFile]
    made_at: Moment


class DocumentsNew(Shape):
    """Files or folders of the person's cloud that shall lie in the case; no byte is copied."""

    items: Annotated[Items, Field(min_length=1)]


class Added(Shape):
    """The new items."""

    items: list[Id]


class Deliver(Shape):
    """`irrevocable` has to be true: what is delivered stays delivered. `language`: that of the letter."""

    irrevocable: Literal[True]
    language: Literal["en", "uk"] = "uk"


class More(Shape):
    """Words and files of the person's cloud to hand over. Without `items`: what came into the folder since."""

    irrevocable: Literal[True]
    text: Words = ""
    items: Items | None = None


class Reply(Shape):
    """Words and files that answer the body's question."""

    text: Words = ""
    items: Items = Field(default_factory=list)


class Judgement(Shape):
    """What the applicant makes of the answer, or that the case is taken back."""

    judgement: Literal["accept", "contest", "withdraw"]
    reason: Words = ""


class Delivered(Shape):
    """A delivery that was made. Its receipt is under `/deliveries/{id}/receipt`."""

    id: Id
    number: str
    direction: str
    at: Moment
    files: int


class Registration(Shape):
    """A number from the body's paper register; empty: the next free one."""

    number: Line = ""


class Registered(Shape):
    """The number in the body's register."""

    number: str


class Assignment(Shape):
    """Who handles the case: an official's person id."""

    person: Id


class Question(Shape):
    """A question to the citizen."""

    text: Words


class AnswerNew(Shape):
    """An answer. It is delivered, with the documents put beside its draft, and cannot be undone."""

    irrevocable: Literal[True]
    outcome: Line
    text: Words


class AnswerDocument(Shape):
    """A document beside the draft of an answer."""

    id: Id
    name: str
    size: int
    sha256: str
    media_type: str
