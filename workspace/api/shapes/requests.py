"""Shapes of requests for files."""

from typing import Annotated

from pydantic import Field

from workspace.api.values import Id, Line, Moment, Shape, Words


class RequestNew(Shape):
    """What to ask for. Without `email` a secret link is made. `body`: the slug of the body it is asked for."""

    title: Annotated[Line, Field(min_length=1, max_length=200)]
    documents: Annotated[list[Annotated[Line, Field(min_length=1, max_length=200)]], Field(min_length=1, max_length=30)]
    text: Annotated[Words, Field(max_length=5000)] = ""
    email: Line | None = None
    body: Line | None = None
    ends_at: Moment | None = None
    password: Annotated[str, Field(min_length=8, max_length=200)] | None = None


class Sent(Shape):
    """A file that came. `item` and `sender` stand only in what the asking side sees."""

    id: Id
    name: str
    size: int
    sent_at: Moment
    state: str
    reason: str
    item: Id | None = None
    sender: str = ""


class Document(Shape):
    """A line of the checklist."""

    id: Id
    title: str
    state: str = Field(description="missing, received, accepted or refused")
    sent: list[Sent]


class Request(Shape):
    """A request, as much of it as the person may see. `folder`: where the asking side finds what came."""

    id: Id
    title: str
    text: str
    asker: str
    addressed_to: str | None
    ends_at: Moment | None
    closed: bool
    folder: Id | None
    documents: list[Document]


class RequestLine(Shape):
    """A request in a list; `states`: how many lines of its checklist are in which state."""

    id: Id
    title: str
    asker: str
    addressed_to: str | None
    ends_at: Moment | None
    closed: bool
    states: dict[str, int]


class Requests(Shape):
    """Requests in both directions, newest first."""

    by_me: list[RequestLine]
    of_me: list[RequestLine]


class RequestMade(Shape):
    """A request just made. `url`: its secret link, shown this once."""

    request: Request
    url: str | None


class Judgement(Shape):
    """Accept it, or refuse it with a reason that its sender reads."""

    accept: bool
    reason: Annotated[Words, Field(max_length=1000)] = ""
