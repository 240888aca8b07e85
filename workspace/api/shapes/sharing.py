"""Shapes of sharing, comments and the ledger."""

from typing import Annotated, Literal

from pydantic import Field

from workspace.api.values import Id, Line, Moment, Shape, Words
from workspace.kernel.actors import SubjectKind

GivenLevel = Literal["look", "view", "comment", "contribute", "edit"]
Downloads = Annotated[int, Field(ge=1, le=10_000)]


class ToPerson(Shape):
    """A person, by e-mail address: whoever has an account with it, or will. Which of them is not told."""

    kind: Literal["person"]
    email: Line


class ToBody(Shape):
    """A government body, by its slug."""

    kind: Literal["body"]
    slug: Line


class ToOffice(Shape):
    """A part of a government body, by its id."""

    kind: Literal["office"]
    id: Id


class GrantNew(Shape):
    """Access to give."""

    subject: Annotated[ToPerson | ToBody | ToOffice, Field(discriminator="kind")]
    level: GivenLevel
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    purpose: Line = ""
    legal_basis: Line = ""
    downloads: Downloads | None = None


class GrantChange(Shape):
    """What shall be different; what is left out stays."""

    level: GivenLevel | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    purpose: Line | None = None
    legal_basis: Line | None = None
    downloads: Downloads | None = None
    sign_in: bool | None = None


class LinkNew(Shape):
    """A secret address to make."""

    level: GivenLevel = "view"
    valid_until: Moment | None = None
    password: Annotated[str, Field(min_length=8, max_length=200)] | None = None
    label: Annotated[Line, Field(max_length=120)] = ""
    purpose: Line = ""
    valid_from: Moment | None = None
    legal_basis: Line = ""
    downloads: Downloads | None = None
    sign_in: bool = False


class LinkPassword(Shape):
    """Another password of a link, or none. Whoever has entered the link has to enter it again."""

    password: Annotated[str, Field(min_length=8, max_length=200)] | None


class Subject(Shape):
    """Whom a grant names. A person who was named by address stays that address; `id` is then the grant's own."""

    kind: SubjectKind
    id: Id
    name: str


class Grant(Shape):
    """Access that was given. `item` is what it lies on: an item, or a folder above it."""

    id: Id
    item: Id
    subject: Subject
    level: str
    valid_from: Moment | None
    valid_until: Moment | None
    purpose: str
    legal_basis: str
    downloads: int | None = Field(description="How many are allowed; null: any number.")
    downloads_used: int
    sign_in: bool
    inherited: bool = Field(False, description="It lies on a folder above.")
    begins_later: bool = False


class Grants(Shape):
    """Everybody who can see an item now or will."""

    items: list[Grant]


class Link(Shape):
    """A secret address. `url` is shown this once; only its hash is kept."""

    grant: Grant
    url: str


class Received(Shape):
    """Something that others share with the person."""

    grant: Id
    item: Id
    name: str
    folder: bool
    level: str
    valid_until: Moment | None
    purpose: str
    given_by: str
    given_to: SubjectKind = Field(description="To the person, or to a body or an office that they work for.")
    given_to_id: Id


class SharedWithMe(Shape):
    """What others share with the person, newest first."""

    items: list[Received]
    next: str | None


class Given(Shape):
    """Access that the person gave; `revoked_at` or `valid_until` says when it ended."""

    grant: Id
    item: Id
    name: str
    subject: Subject
    level: str
    valid_from: Moment | None
    valid_until: Moment | None
    revoked_at: Moment | None
    purpose: str


class SharedByMe(Shape):
    """A page of access that was given."""

    items: list[Given]
    next: str | None


class CommentNew(Shape):
    """Words about an item."""

    text: Annotated[Words, Field(min_length=1, max_length=5000)]


class Comment(Shape):
    """A remark; `text` is null once it was taken back."""

    id: Id
    author: str
    body: str | None
    text: str | None
    made_at: Moment
    mine: bool


class Comments(Shape):
    """Remarks on an item, oldest first."""

    items: list[Comment]
    next: str | None
