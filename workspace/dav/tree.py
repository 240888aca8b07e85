"""Where a path leads: `/personal` is the actor's own cloud. The folders above the clouds are made up here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from workspace.cloud.models import Item
from workspace.cloud.own import own_root
from workspace.cloud.paths import Member, member_of, members, walk
from workspace.dav.paths import Names
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import Forbidden, NotFound
from workspace.kernel.things import Located

PERSONAL = "personal"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When made-up folders were made: they never change."""


class NoCloudYet(NotFound):
    """An account that only programs have used so far has no cloud; `door.py` opens it and asks again."""


@dataclass(frozen=True, slots=True)
class Node:
    """What lies at a path. `fixed`: it is neither moved nor thrown away here. Made-up folders have no item."""

    names: Names
    member: Member
    list: Callable[[Work], Sequence[Member]]
    item: Item | None = None
    thing: Located | None = None
    fixed: bool = False

    @property
    def is_folder(self) -> bool:
        return self.member.is_folder

    @property
    def stored(self) -> tuple[Item, Located]:
        """The item and its thing. Raises Forbidden for a made-up folder: nothing is kept in it, nor changed of it."""
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


def looking(runtime: Runtime, actor: Actor, names: Names) -> Work:
    """A Work for reading there: somebody else's things are looked at in one that writes, for the ledger's sake."""
    return runtime.reading(actor) if names[:1] in ((), (PERSONAL,)) else runtime.writing(actor)


def reach(work: Work, names: Names) -> Reached:
    """Follow a path. Raises NotFound, AccessEnded."""
    if not names:
        return Reached(_beginning(), ())
    if names[0] == PERSONAL:
        top_id = own_root(work)
        if top_id is None:
            raise NoCloudYet()
        return descend(work, top_id, names, 1)
    return Reached(_beginning(), names)


def descend(work: Work, top_id: str, names: Names, above: int) -> Reached:
    """Follow the names behind the first `above` ones down from an item."""
    walked = walk(work, top_id, names[above:])
    count = len(names) - len(walked.missing)
    item_id = walked.item.id
    node = Node(
        names=names[:count],
        member=member_of(walked.item),
        list=(lambda work: members(work, item_id)) if walked.item.is_folder else _nothing,
        item=walked.item,
        thing=walked.thing,
        fixed=count == above,
    )
    return Reached(node, walked.missing)


def made_up(names: Names, list_: Callable[[Work], Sequence[Member]]) -> Node:
    """A folder that is no item of any cloud."""
    return Node(names, made_up_member(names[-1] if names else ""), list_, fixed=True)


def made_up_member(name: str) -> Member:
    """Its line in a listing."""
    return Member("", name, True, 0, "", None, LONG_AGO, LONG_AGO)


def _beginning() -> Node:
    return made_up((), lambda _work: [made_up_member(PERSONAL)])


def _nothing(_work: Work) -> Sequence[Member]:
    return ()
