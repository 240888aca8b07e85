"""Who asks: an actor with the principals that grants may name."""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class SubjectKind(StrEnum):
    """What a grant may be given to."""

    PERSON = "person"
    BODY = "body"
    OFFICE = "office"
    LINK = "link"


class Role(StrEnum):
    """What an official does in a government body."""

    REGISTRAR = "registrar"
    HANDLER = "handler"
    HEAD = "head"


class Door(StrEnum):
    """Through which way in a request came; the ledger shows it."""

    WEB = "web"
    PREVIEW = "preview"
    API = "api"
    DAV = "dav"
    COMMAND = "command"
    WORKER = "worker"


@dataclass(frozen=True, slots=True, order=True)
class Principal:
    """A subject of grants and an owner of spaces: `person:…`, `body:…`, `office:…` or `link:…`."""

    kind: SubjectKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Appointment:
    """An official's post: which body and office, in which role."""

    body_id: str
    role: Role
    office_id: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody (or nobody) at a door.

    `person_id` is None for the anonymous and for holders of a link only. `host` marks the programs of the host itself
    (the worker, the `workspace` command); it opens maintenance, never content.
    """

    person_id: str | None = None
    name: str = ""
    appointments: frozenset[Appointment] = frozenset()
    links: frozenset[str] = frozenset()
    administrator: bool = False
    host: bool = False
    door: Door = Door.WEB
    app_password_id: str | None = None
    # the browser of somebody who holds links and is not signed in: what they bring is shown there alone
    visitor: str | None = None
    principals: frozenset[Principal] = field(init=False)

    def __post_init__(self) -> None:
        held = {Principal(SubjectKind.LINK, link) for link in self.links}
        if self.person_id:
            held.add(Principal(SubjectKind.PERSON, self.person_id))
        for post in self.appointments:
            held.add(Principal(SubjectKind.BODY, post.body_id))
            if post.office_id:
                held.add(Principal(SubjectKind.OFFICE, post.office_id))
        object.__setattr__(self, "principals", frozenset(held))

    @property
    def anonymous(self) -> bool:
        """Nobody known: neither signed in, nor holding a link, nor the host."""
        return not self.person_id and not self.links and not self.host

    def roles_in(self, body_id: str) -> frozenset[Role]:
        """The roles this actor has in a body."""
        return frozenset(post.role for post in self.appointments if post.body_id == body_id)

    def through(self, door: Door) -> "Actor":
        """The same actor at another door (a preview opened from a page, say)."""
        return replace(self, door=door)


ANONYMOUS = Actor()
WORKER = Actor(name="worker", host=True, door=Door.WORKER)
COMMAND = Actor(name="command", host=True, door=Door.COMMAND)
