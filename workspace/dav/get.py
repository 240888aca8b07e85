"""GET and HEAD: the bytes of a file, whole or a range."""

from workspace.dav.dialect import checksum
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.tree import looking, reach
from workspace.db.runtime import Runtime
from workspace.http.identity import Proof
from workspace.http.running import watch
from workspace.http.streaming import outgoing
from workspace.kernel.actors import Actor
from workspace.kernel.errors import NotFound


def get(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """Somebody else's look is durable in their ledger before the first byte leaves; what leaves is cut as soon as the
    right to it ends."""
    with looking(runtime, actor, request.names) as work:
        node = reach(work, request.names).found
        if node.open is None:
            raise Refused(405, "This is a folder: list it with PROPFIND.", allow="OPTIONS, PROPFIND")
        if request.slash:
            raise NotFound()
        opened = node.open(work)
        if work.writes:
            work.commit()
    proof = Proof(actor.door, app_password_id=actor.app_password_id)
    sent = outgoing(
        request.environ,
        opened.reader,
        watch=lambda pieces: watch(request.answers, request.environ, proof, pieces, opened.again),
        name=opened.name,
        media_type=opened.media_type,
        etag=opened.etag,
        modified=opened.modified,
    )
    return Answer(sent.status, [*sent.headers, ("OC-Checksum", checksum(opened.sha256))], sent.body)
