"""COPY and MOVE: each is one transaction; no byte is moved or copied."""

from workspace.cloud.models import Item
from workspace.cloud.service import make_folder
from workspace.cloud.things import above
from workspace.cloud.transfer import copy, move
from workspace.cloud.trash import trash
from workspace.dav import conditions
from workspace.dav.dialect import kept
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.node import Node, Reached
from workspace.dav.tree import reach
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import Forbidden, PreconditionFailed


def move_to(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """MOVE (RFC 4918 section 9.9). Onto a file, a file becomes its next version: id, grants and history stay, which is
    how programs save safely. Anything else that is overwritten goes to the trash."""
    if request.depth() != "infinity":
        raise Refused(400, "What is moved takes along all that lies in it: Depth is infinity.")
    with runtime.writing(actor) as work:
        source, target = _ends(work, request)
        if source.fixed:
            raise Forbidden(action="change")
        item, thing = source.stored
        conditions.require_tokens(work, request, above(thing))
        conditions.require_tokens(work, request, thing, tree=True)
        folder_id = _make_way(work, request, source, target)
        moved = move(work, item.id, folder_id, target_name(target))
        work.commit()
    return _answer(target, moved)


def copy_to(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """COPY (section 9.8). With Depth 0 a folder is copied without what lies in it."""
    depth = request.depth()
    if depth == "1":
        raise Refused(400, "COPY takes Depth 0 or infinity.")
    with runtime.writing(actor) as work:
        source, target = _ends(work, request)
        folder_id = _make_way(work, request, source, target)
        if source.is_folder and depth == "0":
            copied = make_folder(work, folder_id, target_name(target))
        else:
            copied = copy(work, source.stored[0].id, folder_id, target_name(target))
        work.commit()
    return _answer(target, copied)


def target_name(target: Reached) -> str:
    """The last name of the destination."""
    return target.missing[0] if target.missing else target.node.names[-1]


def _ends(work: Work, request: Request) -> tuple[Node, Reached]:
    """What is to be carried, and where to: an item, or a name in a folder that is there."""
    destination = request.destination()
    overwrite = (request.header("Overwrite") or "T").upper()
    if overwrite not in ("T", "F"):
        raise Refused(400, "Overwrite takes T or F.")
    reached = reach(work, request.names)
    source = reached.found
    conditions.check(work, request, reached)
    if destination == request.names:
        raise Forbidden(reason="same")
    target = reach(work, destination)
    if len(target.missing) > 1 or (target.missing and not target.node.is_folder):
        raise Refused(409, "Make the folder above the destination first.")
    if not target.missing and overwrite == "F":
        raise PreconditionFailed("There is something at the destination.")
    if target.node.fixed and not target.missing:
        raise Forbidden(action="change")
    return source, target


def _make_way(work: Work, request: Request, source: Node, target: Reached) -> str:
    """Throw away what is overwritten, except a file by a file; returns the id of the folder at the destination."""
    _, thing = source.stored
    there, place = target.node.stored
    conditions.require_tokens(work, request, place, tree=not target.missing)
    if target.missing:
        return there.id
    if there.id in thing.lineage or thing.id in place.lineage:
        raise Forbidden(reason="into_itself")
    if there.is_folder or source.is_folder:
        trash(work, there.id)
    return place.lineage[1]


def _answer(target: Reached, item: Item) -> Answer:
    told = [("OC-FileId", item.id)] if item.is_folder else kept(item.id, item.etag)
    return Answer(201 if target.missing else 204, told)
