"""Shapes of people, posts and bodies."""

from typing import Literal

from pydantic import Field

from workspace.api.values import Id, Line, Moment, PageQuery, Shape
from workspace.kernel.actors import Role


class Post(Shape):
    """A post in a government body."""

    body: str = Field(description="The body's slug.")
    name: str
    roles: list[Role]


class Me(Shape):
    """Whose app password this is."""

    id: Id
    name: str
    email: str
    language: str | None
    weekly_letter: bool
    app_password: Id | None
    posts: list[Post]


class MeChange(Shape):
    """What shall be different; what is left out stays."""

    name: Line | None = None
    language: Literal["en", "uk"] | None = None
    weekly_letter: bool | None = Field(None, description="Whether a letter tells each week who opened one's files.")


class AppPassword(Shape):
    """A program's password without its secret. `present`: the one that asks."""

    id: Id
    label: str
    made_at: Moment
    last_used_at: Moment | None
    present: bool


class AppPasswords(Shape):
    """The app passwords of a person."""

    items: list[AppPassword]


class Session(Shape):
    """A browser in which the person is signed in."""

    id: Id
    agent: str
    address: str
    made_at: Moment
    last_seen_at: Moment


class Sessions(Shape):
    """The sessions of a person."""

    items: list[Session]


class EndedSessions(Shape):
    """How many sessions were ended."""

    ended: int


class Space(Shape):
    """A cloud: its top folder and how much room is used, in bytes."""

    id: Id
    kind: str
    root: Id
    used: int
    quota: int
    files: int


class Spaces(Shape):
    """The clouds of a person."""

    items: list[Space]


class BodyLine(Shape):
    """A government body, short."""

    id: Id
    slug: str
    name: str
    kind: str
    territory: str
    superior: str = Field(description="Name of the body above it, or empty.")
    officials: int
    closed: bool


class Bodies(Shape):
    """The directory, or what was looked for in it."""

    items: list[BodyLine]
    next: str | None


class BodiesQuery(PageQuery):
    """What to look for, and where to go on."""

    q: Line = ""
    kind: Line = ""


class Office(Shape):
    """A part of a body."""

    id: Id
    name: str


class Official(Shape):
    """Who works in a body, and as what."""

    person: Id
    name: str
    role: Role
    office: str
    phone: str
    since: Moment


class Body(Shape):
    """A government body's entry in the directory."""

    id: Id
    slug: str
    name: str
    kind: str
    email: str
    phone: str
    address: str
    territory: str
    competence: str
    superior: BodyLine | None
    inferior: list[BodyLine]
    offices: list[Office]
    officials: list[Official]
    receives: bool = Field(description="Whether a case can be delivered to it.")
