"""Uploads that are sent side by side and put together at the end (tus 1.0.0, extension "concatenation").

The pieces are sealed anew. The seal of every segment binds it to its blob and to the place of its part, which is what
keeps whoever can write to the store from putting parts into another order or another file; a part that could become
part of something else would give that up, or would have to carry the key and the name of its first blob through every
COPY and every delivery. And it saves little: a file is acknowledged with its SHA-256, whose state no library hands from
one process to the next, so all bytes have to be read once more in any case. What sealing anew costs is one more
writing of them. So the worker does it, in one pass, with progress; until then the final upload has no offset, as the
standard provides.

A piece is sent before it is known what it belongs to. It lies in the sender's own cloud and takes its room there. A
file in the same cloud takes that room over; in another one its room is charged when it is asked for.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import select, update

from workspace.cloud.blobs import BlobReader, BlobWriter, SealedBlob, forget, parts_of
from workspace.cloud.models import Upload
from workspace.cloud.own import own_spaces
from workspace.cloud.quota import charge
from workspace.cloud.service import add_file, expect_file
from workspace.cloud.things import locate_folder
from workspace.cloud.upload_rows import FINAL, LIFE, PARTIAL, UploadView, data_key, end, open_row, own_upload, view
from workspace.cloud.uploads import check_metadata, upload_state
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import ChecksumMismatch, DomainError, NotAcceptable, TooLarge, WrongState
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action

MOST_PIECES = 500
JOB = "upload.join"

Told = Callable[[int, int], None]
"""Hears how many bytes of how many are put together."""


def create_partial(work: Work, length: int) -> UploadView:
    """Open an upload of a piece, into the sender's own cloud; its room is reserved. Raises OverQuota, TooLarge."""
    if length < 0:
        raise NotAcceptable(field="length")
    if length > work.settings.upload_limit:
        raise TooLarge(limit=work.settings.upload_limit)
    own = next(one for one in own_spaces(work) if one.kind == "personal")
    _, place = locate_folder(work, own.root_id)
    authorize(work, Action.ADD, place)
    charge(work, own.id, length)
    return view(open_row(work, place, length, {"name": ""}, PARTIAL))


def create_final(
    work: Work, folder_id: str, name: str, piece_ids: Sequence[str], **metadata: str
) -> tuple[UploadView, str]:
    """Ask the worker for a file put together from these pieces, in this order.

    Returns the upload and the id of the job. Raises NotFound, WrongState for a piece that is not whole yet or belongs
    to another file, NotAcceptable for a list that is empty, too long or names one twice, and what `expect_file` raises.
    """
    check_metadata(metadata)
    if not 0 < len(piece_ids) <= MOST_PIECES or len(set(piece_ids)) != len(piece_ids):
        raise NotAcceptable(field="Upload-Concat", limit=MOST_PIECES)
    length, space_id = _sum_of(work, piece_ids)
    _, place = locate_folder(work, folder_id)
    elsewhere = place.space_id != space_id
    if length > work.settings.upload_limit:
        raise TooLarge(limit=work.settings.upload_limit)
    place = expect_file(work, folder_id, name, length if elsewhere else None)
    if elsewhere:
        charge(work, str(place.space_id), length)
    final = open_row(work, place, length, {"name": name, **metadata, "partials": list(piece_ids)}, FINAL)
    final.reserved = length if elsewhere else 0
    taken = work.session.execute(
        update(Upload)
        .where(Upload.id.in_(piece_ids), Upload.final_id.is_(None), Upload.offset == Upload.length)
        .values(final_id=final.id, expires_at=work.now + LIFE)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != len(piece_ids):  # type: ignore[attr-defined]
        raise WrongState("A piece is not whole yet, or belongs to another file.")
    work.session.flush()
    job_id = work.later(JOB, {"upload": final.id}, person_id=work.actor.person_id)
    return view(final), job_id


def concatenate(runtime: Runtime, actor: Actor, upload_id: str, told: Told) -> UploadView:
    """Put a final upload together: read, verify, hash and seal every piece in turn, then make the file of them.

    The right is asked for anew. What was done before is not done again. Raises NotFound, ChecksumMismatch, and what
    `add_file` raises; after a refusal the caller ends the upload (`cancel_upload`).
    """
    with runtime.reading(actor) as work:
        state = upload_state(work, upload_id)
        if state.item_id is not None:
            return state
        readers = [_reader(work, one) for one in state.partials]
    sealed = _sealed(runtime, readers, state.length, told)
    try:
        with runtime.writing(actor) as work:
            made = _finish(work, upload_id, sealed)
            work.commit()
    except DomainError:
        forget(runtime.ports, sealed)
        raise
    if not made:
        forget(runtime.ports, sealed)
    with runtime.reading(actor) as work:
        return upload_state(work, upload_id)


def _sum_of(work: Work, piece_ids: Sequence[str]) -> tuple[int, str]:
    """The length of the pieces together and the space they lie in."""
    pieces = [own_upload(work, one) for one in piece_ids]
    if any(one.concat != PARTIAL for one in pieces):
        raise NotAcceptable("Only partial uploads can be put together.", field="Upload-Concat")
    return sum(one.length for one in pieces), pieces[0].space_id


def _reader(work: Work, piece_id: str) -> BlobReader:
    piece = own_upload(work, piece_id)
    key, parts = data_key(work, piece), parts_of(work, piece.blob_id)
    return BlobReader(work.ports.objects, piece.blob_id, piece.length, b"", key, parts, None)


def _sealed(runtime: Runtime, readers: Sequence[BlobReader], length: int, told: Told) -> SealedBlob:
    with BlobWriter(runtime.ports, runtime.settings) as writer:
        for reader in readers:
            for piece in reader.stream():
                writer.write(piece)
                told(writer.size, length)
        return writer.finish()


def _finish(work: Work, upload_id: str, sealed: SealedBlob) -> bool:
    """Make the file; False where another worker has made it meanwhile."""
    final = own_upload(work, upload_id, lock=True)
    if final.item_id is not None:
        return False
    metadata = final.metadata_
    if metadata.get("sha256", sealed.sha256.hex()).lower() != sealed.sha256.hex():
        raise ChecksumMismatch()
    pieces = list(work.session.scalars(select(Upload).where(Upload.final_id == final.id)))
    if sum(one.length for one in pieces) != sealed.size:
        raise WrongState("A piece has gone meanwhile.")
    added = add_file(
        work, final.parent_id, metadata["name"], sealed, media_type=metadata.get("media_type"),
        kind=metadata.get("kind"), charged_in=final.space_id,
    )  # fmt: skip
    for piece in pieces:
        end(work, piece, give_back=piece.space_id != final.space_id)
    final.item_id, final.offset, final.reserved = added.item.id, final.length, 0
    work.session.flush()
    return True
