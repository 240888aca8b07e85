"""Shapes of the office's side: the letters of a body, the desk of a case."""

from datetime import date
from typing import Annotated

from pydantic import Field

from workspace.api.shapes.cases import Case
from workspace.api.values import Id, Line, Moment, Shape, Words


class InboxLine(Shape):
    """A letter in the list. `left`: working days until the answer is due."""

    id: Id
    title: str
    kind: str
    applicant: str
    status: str
    number: str
    handler: str
    files: int
    delivered_at: Moment
    due_on: date
    left: int
    overdue: bool


class Counts(Shape):
    """How many letters stand under each tab."""

    new: int
    mine: int
    soon: int
    today: int
    overdue: int
    waiting: int
    open: int
    closed: int


class Inbox(Shape):
    """A page of the letters of a body."""

    items: list[InboxLine]
    total: int
    counts: Counts
    next: str | None


class Letters(Shape):
    """Cases of a body."""

    cases: Annotated[list[Id], Field(min_length=1, max_length=200)]


class LettersFor(Letters):
    """Cases of a body and who shall handle them: an official's person id."""

    person: Id


class Done(Shape):
    """With how many it was done."""

    done: int


class DeskFile(Shape):
    """A document beside the draft of an answer."""

    id: Id
    name: str
    size: int
    media_type: str


class Note(Shape):
    """An internal note of the body."""

    id: Id
    author: str
    text: str
    at: Moment


class Desk(Shape):
    """What officials see. `closes_in`: after how many more days it may be closed."""

    case: Case
    outcome: str
    text: str
    files: list[DeskFile]
    notes: list[Note]
    closes_in: int


class Draft(Shape):
    """An answer that is being written; nobody outside the body sees it."""

    outcome: Line = ""
    text: Words = ""


class NoteNew(Shape):
    """Words for the body alone."""

    text: Words


class NoteMade(Shape):
    """The new note."""

    id: Id
