"""Folders of chunks, as Nextcloud's and ownCloud's clients send large files (chunking version 1).

MKCOL …/uploads/WHO/ID, PUT …/ID/NUMBER for each chunk, MOVE …/ID/.file to where the file will lie. After a cut a client
lists the folder and goes on behind what has come.
"""

from collections.abc import Iterator

from workspace.cloud.blobs import forget
from workspace.cloud.chunks import (
    ChunkFolder,
    chunk_folder,
    drop_chunk_folder,
    gather,
    join,
    open_chunk_folder,
    receive_chunk,
    release,
)
from workspace.cloud.own import own_root
from workspace.dav.dialect import kept, modified_at
from workspace.dav.digests import Digests
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.mounts import mount_of
from workspace.dav.multistatus import multistatus, propstat, response
from workspace.dav.properties import http_date
from workspace.dav.put import expect, store
from workspace.dav.tree import SYNCED
from workspace.db.runtime import Runtime
from workspace.http.incoming import body_pieces
from workspace.kernel.actors import Actor
from workspace.kernel.errors import LengthMismatch, NameTaken, NotFound

WHOLE = ".file"
"""The name that stands for all chunks together."""


def open_folder(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """MKCOL: 201; 405 where it is."""
    (name,) = _names(request, 1)
    length = request.header("OC-Total-Length")
    with runtime.writing(actor) as work:
        own_root(work)
        try:
            open_chunk_folder(work, name, None if length is None else _number(length))
        except NameTaken:
            raise Refused(405, "There is such a folder already.") from None
        work.commit()
    return Answer(201)


def put_chunk(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """PUT: 201. What breaks off is not kept; the client sends that chunk again."""
    folder, name = _names(request, 2)
    pieces = body_pieces(request.source, request.length, runtime.settings.upload_limit)
    receive_chunk(runtime, actor, folder, name, request.length, pieces)
    return Answer(201)


def list_chunks(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """PROPFIND: the folder, and at Depth 1 each chunk that has come, with its size."""
    depth = request.depth("1")
    (name,) = _names(request, 1)
    with runtime.reading(actor) as work:
        there = chunk_folder(work, name)
    return multistatus(_lines(request, there, inside=depth != "0"))


def drop_folder(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """DELETE: 204."""
    (name,) = _names(request, 1)
    with runtime.writing(actor) as work:
        drop_chunk_folder(work, name)
        work.commit()
    return Answer(204)


def put_together(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """MOVE …/.file: the file at the destination, under the same conditions as a PUT there.

    Raises LengthMismatch (OC-Total-Length), ChecksumMismatch (OC-Checksum); the chunks stay, and nothing is stored.
    """
    folder, last = _names(request, 2)
    if last != WHOLE:
        raise NotFound()
    there, modified = _destination(request), modified_at(request)
    digests = Digests.announced(request.header)
    with runtime.reading(actor) as work:
        gathered = gather(work, folder)
        expect(work, there, None)
    length = request.header("OC-Total-Length")
    if length is not None and _number(length) != gathered.reader.size:
        raise LengthMismatch(announced=_number(length), came=gathered.reader.size)
    sealed = join(runtime, gathered, digests.update)
    try:
        digests.require(sealed.sha256)
        with runtime.writing(actor) as work:
            release(work, folder, gathered, sealed)
            version, replaced = store(work, there, sealed, modified, charged_in=gathered.space_id)
            work.commit()
    except BaseException:
        if sealed.blob_id != gathered.reader.blob_id:
            forget(runtime.ports, sealed)
        raise
    return Answer(204 if replaced else 201, kept(version.item_id, version.id, modified))


def _names(request: Request, count: int) -> tuple[str, ...]:
    """The names behind WHO. Raises NotFound where they are fewer or more."""
    names = request.names[len(request.mount.top) :]
    if len(names) != count:
        raise NotFound()
    return names


def _destination(request: Request) -> Request:
    """The request as if it were one at the destination, in the tree of the files of the same person."""
    address = request.header("Destination") or ""
    path = "/" + address.partition("://")[2].partition("/")[2] if "://" in address else address
    mount = mount_of(path.partition("?")[0])
    if mount is None or mount.top != SYNCED or mount.whose not in ("", request.mount.whose):
        raise Refused(502 if mount is None else 403, "Put chunks together in your own files.")
    there = request.at(mount)
    names = there.destination()
    there.names, there.slash = names, False
    return there


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Refused(400, "OC-Total-Length has to be a whole number of bytes.")
    return int(text)


def _lines(request: Request, there: ChunkFolder, *, inside: bool) -> Iterator[str]:
    own = request.mount.href(request.names, is_folder=True)
    changed = f"<d:getlastmodified>{http_date(there.made_at)}</d:getlastmodified>"
    yield response(own, propstat(200, f"<d:resourcetype><d:collection/></d:resourcetype>{changed}"))
    for one in there.chunks if inside else ():
        length = f"<d:getcontentlength>{one.size}</d:getcontentlength>"
        tag = f'<d:getetag>"{one.number}-{one.size}"</d:getetag>'
        yield response(own + one.name, propstat(200, f"<d:resourcetype/>{length}{tag}{changed}"))
