"""PUT: bytes under a name."""

from datetime import datetime

from workspace.cloud.blobs import BlobWriter, SealedBlob, forget
from workspace.cloud.models import Version
from workspace.cloud.replacing import add_version, expect_version
from workspace.cloud.service import add_file, expect_file
from workspace.dav import conditions
from workspace.dav.dialect import kept, modified_at
from workspace.dav.digests import Digests
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.node import Reached
from workspace.dav.tree import looking, reach
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.http.incoming import body_pieces
from workspace.kernel.actors import Actor


def put(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """Refused before bytes travel where that is known by then; what lies there is looked at anew when they are in.

    A file that is there gets a version. Raises ChecksumMismatch (RFC 9530, Content-MD5, OC-Checksum), LengthMismatch.
    """
    if request.header("Content-Range") is not None:
        raise Refused(400, "Send the whole file: PUT takes no Content-Range (RFC 9110 section 14.5).")
    if (request.header("Content-Encoding") or "identity").lower() != "identity":
        raise Refused(415, "Send the bytes as they are, without a Content-Encoding.")
    digests, modified = Digests.announced(request.header), modified_at(request)
    with looking(runtime, actor, request.names) as work:
        expect(work, request, request.length)
    sealed = _receive(runtime, request, digests)
    try:
        with runtime.writing(actor) as work:
            version, replaced = store(work, request, sealed, modified)
            work.commit()
    except BaseException:
        forget(runtime.ports, sealed)
        raise
    return Answer(204 if replaced else 201, kept(version.item_id, version.id, modified))


def _place(work: Work, request: Request) -> Reached:
    """The file, or the folder and a name in it. Raises Refused: 405 for a folder, 409 without a folder to lie in."""
    reached = reach(work, request.names)
    there = None if reached.missing else reached.node
    if request.slash or (there is not None and there.is_folder):
        raise Refused(405, "This is the address of a folder; it has no content of its own.")
    conditions.check(work, request, reached)
    conditions.require_seen(request, reached)
    if len(reached.missing) > 1 or (reached.missing and not reached.node.is_folder):
        raise Refused(409, "Make the folder first.")
    conditions.require_tokens(work, request, reached.node.stored[1])
    return reached


def expect(work: Work, request: Request, size: int | None) -> None:
    """Refuse what `store` would refuse, as far as it is known. `size` in bytes, None where it takes no more room."""
    reached = _place(work, request)
    item, _ = reached.node.stored
    if reached.missing:
        seen = conditions.seen_version(request, None)
        expect_file(work, item.id, reached.missing[0], size, if_version=seen)
    else:
        seen = conditions.seen_version(request, reached.node)
        expect_version(work, item.id, size, if_version=seen)


def _receive(runtime: Runtime, request: Request, digests: Digests) -> SealedBlob:
    with BlobWriter(runtime.ports, runtime.settings) as writer:
        for piece in body_pieces(request.source, request.length, runtime.settings.upload_limit):
            digests.update(piece)
            writer.write(piece)
        sealed = writer.finish()
    try:
        digests.require(sealed.sha256)
    except BaseException:
        forget(runtime.ports, sealed)
        raise
    return sealed


def store(
    work: Work, request: Request, sealed: SealedBlob, modified: datetime | None, charged_in: str | None = None
) -> tuple[Version, bool]:
    """The new version, and whether the name was there before. `charged_in`: see `add_file`."""
    reached = _place(work, request)
    item, _ = reached.node.stored
    seen = conditions.seen_version(request, None if reached.missing else reached.node)
    given = {"media_type": request.media_type, "if_version": seen}
    if reached.missing:
        added = add_file(
            work, item.id, reached.missing[0], sealed, modified_at=modified, charged_in=charged_in, **given
        )  # fmt: skip
        return added.version, added.replaced
    return add_version(work, item.id, sealed, modified_at=modified, charged_in=charged_in, **given), True
