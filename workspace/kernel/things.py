"""What is asked about: anything that `authorize` can decide on."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from workspace.kernel.actors import Principal


class ThingKind(StrEnum):
    SPACE = "space"
    ITEM = "item"
    CASE = "case"
    REQUEST = "request"
    BODY = "body"
    PERSON = "person"
    GRANT = "grant"
    INSTANCE = "instance"


class Thing(Protocol):
    """Something with an owner and a line of ancestors on which grants may lie.

    `lineage` holds the ids from the thing itself up to its root, the thing first. `owner` is None for what belongs to
    no citizen and no body (the instance itself).
    """

    @property
    def kind(self) -> ThingKind: ...
    @property
    def id(self) -> str: ...
    @property
    def owner(self) -> Principal | None: ...
    @property
    def lineage(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Located:
    """A thing as a plain value: what rows of any table turn into before they are decided on."""

    kind: ThingKind
    id: str
    owner: Principal | None
    lineage: tuple[str, ...]
    space_id: str | None = None


INSTANCE = Located(ThingKind.INSTANCE, "instance", None, ("instance",))
