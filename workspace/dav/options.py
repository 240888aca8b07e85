"""OPTIONS: what this door can do."""

from workspace.dav.messages import Answer, Request
from workspace.db.runtime import Runtime
from workspace.kernel.actors import Actor

CLASSES = "1, 2, 3"
ALLOW = "OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, UNLOCK"


def options(_runtime: Runtime, _actor: Actor, _request: Request) -> Answer:
    """The same everywhere: nothing is told of what lies there. Windows mounts what calls itself its author's."""
    return Answer(200, [("DAV", CLASSES), ("Allow", ALLOW), ("MS-Author-Via", "DAV")])
