"""Where a path leads: `/personal` is the actor's own cloud, `/shared` what others share with them, `/bodies` what they
may see as an official. The folders above those are made up here."""

from workspace.cloud.own import own_root
from workspace.cloud.paths import member_of, members, walk
from workspace.cloud.service import open_file, rights_to_open
from workspace.cloud.shares import share_named, shares
from workspace.dav.node import Node, Opening, Reached, made_up, made_up_member
from workspace.dav.office import BODIES, reach_office
from workspace.dav.paths import Names
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import NotFound
from workspace.kernel.facts import FactKind

PERSONAL = "personal"
SHARED = "shared"


class NoCloudYet(NotFound):
    """An account that only programs have used so far has no cloud; `door.py` opens it and asks again."""


def looking(runtime: Runtime, actor: Actor, names: Names) -> Work:
    """A Work for reading there: somebody else's things are looked at in one that writes, for the ledger's sake."""
    return runtime.reading(actor) if names[:1] in ((), (PERSONAL,)) else runtime.writing(actor)


def reach(work: Work, names: Names) -> Reached:
    """Follow a path. Raises NotFound, AccessEnded."""
    first = names[0] if names else ""
    if first == PERSONAL:
        top_id = own_root(work)
        if top_id is None:
            raise NoCloudYet()
        return _down(work, top_id, names, 1)
    if first == SHARED:
        return _shared(work, names)
    if first == BODIES and work.actor.appointments:
        return reach_office(work, names)
    return Reached(_beginning(work.actor), names)


def _shared(work: Work, names: Names) -> Reached:
    node = made_up(names[:1], shares)
    if len(names) == 1:
        return Reached(node, ())
    try:
        top_id = share_named(work, names[1])
    except NotFound:
        return Reached(node, names[1:])
    return _down(work, top_id, names, 2)


def _down(work: Work, top_id: str, names: Names, above: int) -> Reached:
    """Follow the names behind the first `above` ones down from an item."""
    walked = walk(work, top_id, names[above:])
    count = len(names) - len(walked.missing)
    item = walked.item
    member = member_of(item) if count > above else member_of(item)._replace(name=names[above - 1])
    node = Node(
        names=names[:count],
        member=member,
        list=(lambda work: members(work, item.id)) if item.is_folder else lambda _work: (),
        open=None if item.is_folder else lambda work: _open(work, item.id),
        item=item,
        thing=walked.thing,
        fixed=count == above,
    )
    return Reached(node, walked.missing)


def _open(work: Work, item_id: str) -> Opening:
    opened = open_file(work, item_id, None, FactKind.DOWNLOADED)
    return Opening(
        reader=opened.reader,
        name=opened.item.name,
        media_type=opened.version.media_type,
        etag=opened.version.id,
        modified=opened.version.made_at,
        again=lambda work: rights_to_open(work, item_id),
    )


def _beginning(actor: Actor) -> Node:
    names = (PERSONAL, SHARED, BODIES) if actor.appointments else (PERSONAL, SHARED)
    return made_up((), lambda _work: [made_up_member(name) for name in names])
