"""Where a path leads: `/personal` is the actor's own cloud, `/shared` what others share with them, `/bodies` what they
may see as an official. The folders above those are made up here."""

from dataclasses import replace
from hashlib import sha256

from workspace.cloud.entries import Siblings
from workspace.cloud.names import free_name
from workspace.cloud.own import own_root
from workspace.cloud.paths import levels, member_of, members, walk
from workspace.cloud.service import open_file, rights_to_open
from workspace.cloud.shares import share_named, shared_spaces, shares
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
SYNCED = ("/synced",)
"""Where the tree hangs that sync clients see: the actor's own cloud, with `SHARED_WITH_ME` in it. No name has a slash,
so no path of another mount leads there."""
FOLDER_ID = "shared-with-me"
SHARED_WITH_ME = "Shared with me"
"""The same in every language: a program would take another name for another folder."""


class NoCloudYet(NotFound):
    """An account that only programs have used so far has no cloud; `door.py` opens it and asks again."""


def looking(runtime: Runtime, actor: Actor, names: Names) -> Work:
    """A Work for reading there: somebody else's things are looked at in one that writes, for the ledger's sake."""
    own = names[:1] in ((), (PERSONAL,)) or (names[:1] == SYNCED and not _maybe_shared(names))
    return runtime.reading(actor) if own else runtime.writing(actor)


def reach(work: Work, names: Names) -> Reached:
    """Follow a path. Raises NotFound, AccessEnded."""
    first = names[0] if names else ""
    if first == PERSONAL:
        return _down(work, _own(work), names, 1)
    if first == SHARED:
        return _shared(work, names, 1)
    if names[:1] == SYNCED:
        return _synced(work, names)
    if first == BODIES and work.actor.appointments:
        return reach_office(work, names)
    return Reached(_beginning(work.actor), names)


def _own(work: Work) -> str:
    top_id = own_root(work)
    if top_id is None:
        raise NoCloudYet()
    return top_id


def _shared(work: Work, names: Names, above: int) -> Reached:
    """Below the folder of shares, which the first `above` names lead to."""
    node = replace(made_up(names[:above], shares), spaces=tuple(shared_spaces(work)))
    if len(names) == above:
        return Reached(node, ())
    try:
        top_id = share_named(work, names[above])
    except NotFound:
        return Reached(node, names[above:])
    return _down(work, top_id, names, above + 1)


def _maybe_shared(names: Names) -> bool:
    return len(names) > 1 and names[1].startswith(SHARED_WITH_ME)


def _synced(work: Work, names: Names) -> Reached:
    """One's own cloud, with what others share in a folder of it; the folder is there while somebody shares something,
    and gives way where one's own has that name."""
    top_id = _own(work)
    if len(names) > 1 and not _maybe_shared(names):
        return _down(work, top_id, names, 1)
    told = [f"{one.id}/{one.name}/{one.etag}/{levels(work, one.id, ())[0].word}" for one in shares(work)]
    own = _down(work, top_id, names, 1)
    if not told:
        return own
    folder = made_up_member(free_name(SHARED_WITH_ME, Siblings(work, top_id)))
    folder = folder._replace(id=FOLDER_ID, etag=sha256("\n".join(told).encode()).hexdigest()[:26])
    if names[1:2] == (folder.name,):
        reached = _shared(work, names, 2)
        return Reached(replace(reached.node, member=folder), ()) if len(names) == 2 else reached
    if len(names) > 1:
        return own
    member = own.node.member._replace(etag=sha256(f"{own.node.member.etag}/{folder.etag}".encode()).hexdigest()[:26])
    node = replace(
        own.node,
        member=member,
        list=lambda work: [folder, *members(work, top_id)],
        spaces=(*own.node.spaces, *shared_spaces(work)),
    )
    return Reached(node, ())


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
        spaces=(item.space_id,),
    )
    return Reached(node, walked.missing)


def _open(work: Work, item_id: str) -> Opening:
    opened = open_file(work, item_id, None, FactKind.DOWNLOADED)
    return Opening(
        reader=opened.reader,
        name=opened.item.name,
        media_type=opened.version.media_type,
        etag=opened.version.id,
        modified=opened.version.modified_at or opened.version.made_at,
        sha256=opened.version.sha256,
        again=lambda work: rights_to_open(work, item_id),
    )


def _beginning(actor: Actor) -> Node:
    names = (PERSONAL, SHARED, BODIES) if actor.appointments else (PERSONAL, SHARED)
    return made_up((), lambda _work: [made_up_member(name) for name in names])
