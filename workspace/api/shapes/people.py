"""Shapes of people, posts and bodies."""

from pydantic import Field

from workspace.api.values import Id, Line, Moment, Shape
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
    app_password: Id | None
    posts: list[Post]


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


class BodiesQuery(Shape):
    """What to look for."""

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
