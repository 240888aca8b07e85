"""Shapes of the access ledger and its proofs."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from workspace.api.values import Cursor, Id, Limit, Line, Moment, Shape
from workspace.kernel.actors import Door


class LedgerSelection(Shape):
    """Since when, by which body (its id), through which door, and words in the name of file or person."""

    since: Moment | None = None
    body: Id | None = None
    door: Door | None = None
    q: Annotated[Line, Field(max_length=100)] = ""


class LedgerQuery(LedgerSelection):
    """The same, and where to go on."""

    cursor: Cursor | None = None
    limit: Limit = 50


class LedgerLine(Shape):
    """Who looked: `times` looks within ten minutes are one line. `leaf`: its number in the log, null at first."""

    id: Id
    at: Moment
    last_at: Moment
    times: int
    kind: str
    door: str
    person: str
    body: str | None
    link: str | None
    item: Id | None
    name: str | None
    purpose: str
    leaf: int | None


class Ledger(Shape):
    """A page of the ledger, newest first."""

    items: list[LedgerLine]
    next: str | None


class OwnDay(Shape):
    """How often the person opened own files on a day through a door."""

    day: date
    door: str
    times: int


class OwnReads(Shape):
    """The last days on which the person opened own files."""

    items: list[OwnDay]


class EntryProof(BaseModel):
    """A fact with its `salt` (hex), its place in the log, and the hashes that lead to the signed head."""

    model_config = ConfigDict(extra="allow")

    format: str
    fact: dict[str, Any]
    salt: str
