"""Shapes of what waits, of deadlines, of what may be chosen."""

from datetime import date

from pydantic import Field

from workspace.api.values import Id, Moment, Shape


class Need(Shape):
    """One thing that waits: for a citizen a case, for officials `count` letters of the body (its slug)."""

    kind: str
    at: Moment
    case: Id | None
    title: str
    number: str
    text: str
    outcome: str
    due_on: date | None
    body: str | None
    body_name: str
    count: int


class Needs(Shape):
    """What waits, the most urgent first."""

    items: list[Need]


class Day(Shape):
    """A local day of a deadline: `counted`, or skipped as the day of the event, a weekend or a holiday."""

    date: date
    counted: bool
    number: int
    why: str


class Days(Shape):
    """Every day from that of the event to the last one."""

    zone: str = Field(description="The time zone in which days are counted.")
    items: list[Day]


class Choice(Shape):
    """Something that may be chosen, and what it is called in each language."""

    id: str
    name: dict[str, str]


class ProcedureWords(Shape):
    """Kinds of case and outcomes of an answer."""

    kinds: list[Choice]
    outcomes: list[Choice]
