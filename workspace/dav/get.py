"""GET and HEAD: the bytes of a file, whole or a range."""

from workspace.cloud.service import open_file, rights_to_open
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.tree import looking, reach
from workspace.db.runtime import Runtime
from workspace.http.identity import Proof
from workspace.http.running import watch
from workspace.http.streaming import outgoing
from workspace.kernel.actors import Actor
from workspace.kernel.errors import NotFound
from workspace.kernel.facts import FactKind


def get(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """Somebody else's look is durable in their ledger before the first byte leaves."""
    with looking(runtime, actor, request.names) as work:
        node = reach(work, request.names).found
        if node.is_folder:
            raise Refused(405, "This is a folder: list it with PROPFIND.", allow="OPTIONS, PROPFIND")
        if request.slash:
            raise NotFound()
        opened = open_file(work, node.stored[0].id, None, FactKind.DOWNLOADED)
        if work.writes:
            work.commit()
    proof = Proof(actor.door, app_password_id=actor.app_password_id)
    sent = outgoing(
        request.environ,
        opened.reader,
        watch=lambda pieces: watch(
            request.answers, request.environ, proof, pieces, lambda work: rights_to_open(work, opened.item.id)
        ),
        name=opened.item.name,
        media_type=opened.version.media_type,
        etag=opened.version.id,
        modified=opened.version.made_at,
    )
    return Answer(sent.status, sent.headers, sent.body)
