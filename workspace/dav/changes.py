"""MKCOL and DELETE: each is one transaction, whatever lies in the folder."""

from workspace.cloud.service import make_folder
from workspace.cloud.things import above
from workspace.cloud.trash import trash
from workspace.dav import conditions
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.tree import reach
from workspace.db.runtime import Runtime
from workspace.kernel.actors import Actor
from workspace.kernel.errors import Forbidden


def mkcol(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """A new folder (RFC 4918 section 9.3): 405 where something is, 409 where it would lie in nothing."""
    if request.length != 0:
        raise Refused(415, "MKCOL takes no body.")
    with runtime.writing(actor) as work:
        reached = reach(work, request.names)
        conditions.check(work, request, reached)
        if not reached.missing:
            raise Refused(405, "There is something here already.")
        if len(reached.missing) > 1 or not reached.node.is_folder:
            raise Refused(409, "Make the folder above first.")
        folder, place = reached.node.stored
        conditions.require_tokens(work, request, place)
        made = make_folder(work, folder.id, reached.missing[0])
        work.commit()
    return Answer(201, [("OC-FileId", made.id)])


def delete(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """Into the trash (section 9.6), from where its owner can take it back."""
    if request.depth() != "infinity":
        raise Refused(400, "A folder is deleted with all that lies in it: Depth is infinity.")
    with runtime.writing(actor) as work:
        reached = reach(work, request.names)
        node = reached.found
        conditions.check(work, request, reached)
        if node.fixed:
            raise Forbidden(action="change")
        item, thing = node.stored
        conditions.require_tokens(work, request, above(thing))
        conditions.require_tokens(work, request, thing, tree=True)
        trash(work, item.id)
        work.commit()
    return Answer(204)
