"""What lies at a path, as a value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from workspace.cloud.blobs import BlobReader
from workspace.cloud.models import Item
from workspace.cloud.paths import Member
from workspace.dav.paths import Names
from workspace.db.work import Work
from workspace.http.running import Again
from workspace.kernel.errors import Forbidden, NotFound
from workspace.kernel.things import Located

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""When made-up folders were made: they never change. Not 1970: sync clients take 0 for no time, and pass them over."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A file whose opening is written down. `again` asks for the right anew while its bytes travel."""

    reader: BlobReader
    name: str
    media_type: str
    etag: str
    modified: datetime
    sha256: bytes
    again: Again


@dataclass(frozen=True, slots=True)
class Node:
    """What lies at a path. `list`: what lies in a folder; `open`: the bytes of a file. `fixed`: it is neither moved nor
    thrown away here. `spaces`: the clouds that what is told of it comes from. What is made up has no item."""

    names: Names
    member: Member
    list: Callable[[Work], Sequence[Member]]
    open: Callable[[Work], Opening] | None = None
    item: Item | None = None
    thing: Located | None = None
    fixed: bool = False
    spaces: tuple[str, ...] = ()

    @property
    def is_folder(self) -> bool:
        return self.member.is_folder

    @property
    def stored(self) -> tuple[Item, Located]:
        """The item and its thing. Raises Forbidden for what is made up: nothing is kept in it, nor changed of it."""
        if self.item is None or self.thing is None:
            raise Forbidden(action="change")
        return self.item, self.thing


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a path leads: the last there is, and the names behind it that lead on to nothing."""

    node: Node
    missing: Names

    @property
    def found(self) -> Node:
        """What lies at the very path. Raises NotFound."""
        if self.missing:
            raise NotFound()
        return self.node


def made_up(names: Names, list_: Callable[[Work], Sequence[Member]]) -> Node:
    """A folder that is no item of any cloud."""
    return Node(names, made_up_member(names[-1] if names else ""), list_, fixed=True)


def made_up_member(name: str) -> Member:
    """Its line in a listing."""
    return Member("", name, True, 0, "", None, LONG_AGO, LONG_AGO, "", LONG_AGO)
