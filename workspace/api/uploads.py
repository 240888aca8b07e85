"""The resumable door: tus 1.0.0 under `/uploads/`, for programs (app password) and for our own page (session, token).

A finished upload answers with what came of it: `X-Workspace-Item`, `X-Workspace-Sha256` (hex), and
`X-Workspace-Replaced: 1` where the name was there and got a new version. Metadata: `filename` and `parent` (the id of a
folder) are needed; `relativePath` (`folder/sub/name`) makes the folders on the way; `filetype`, `kind` and `sha256`
(hex, of the whole file) may be given.

Pieces that are sent side by side (Upload-Concat) need no metadata; the final upload does. It is put together by the
worker: until then it has no offset, and if that fails it is gone and its job says why.
"""

import json
from collections.abc import Iterable

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed, UnsupportedMediaType
from werkzeug.http import http_date

from workspace.api import tus
from workspace.api.jobs import address
from workspace.cloud import queries
from workspace.cloud.concatenation import create_final, create_partial
from workspace.cloud.service import make_folders
from workspace.cloud.upload_rows import FINAL, UploadView
from workspace.cloud.uploads import cancel_upload, create_upload, receive, upload_state
from workspace.db.work import Work
from workspace.http.errors import problem
from workspace.http.incoming import body_pieces
from workspace.http.request import carries_bytes, current_actor, current_work, runtime
from workspace.kernel.errors import ChecksumMismatch, NotAcceptable, SignInRequired, TooLarge, WrongState

uploads = Blueprint("uploads", __name__, url_prefix="/uploads")
BYTES = "application/offset+octet-stream"
METADATA = {"filetype": "media_type", "kind": "kind", "sha256": "sha256"}


@uploads.before_request
def speak_one_version() -> Response | None:
    """Everything but OPTIONS names the version it speaks (section "Tus-Resumable") and says who asks."""
    if request.method == "OPTIONS":
        return None
    if current_actor().anonymous:
        raise SignInRequired()
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        return problem(412, "tus_version", f"This door speaks tus {tus.VERSION}: send Tus-Resumable: {tus.VERSION}.")
    return None


@uploads.after_request
def say_version(answer: Response) -> Response:
    """On refusals, too."""
    answer.headers["Tus-Resumable"] = tus.VERSION
    if answer.status_code == 412:
        answer.headers["Tus-Version"] = tus.VERSION
    return answer


@uploads.errorhandler(WrongState)
def stands_elsewhere(error: WrongState) -> Response:
    """409, with the place where the upload stands."""
    answer = problem(409, error.code, str(error))
    if "offset" in error.details:
        answer.headers["Upload-Offset"] = str(error.details["offset"])
    return answer


@uploads.errorhandler(ChecksumMismatch)
def other_bytes(error: ChecksumMismatch) -> Response:
    """460, a status of tus alone: nothing of this piece was kept."""
    answer = problem(400, error.code, str(error))
    told = json.loads(answer.get_data()) | {"title": "Checksum Mismatch", "status": 460}
    answer.set_data(json.dumps(told))
    answer.status = "460 Checksum Mismatch"
    return answer


@uploads.route("/", methods=["OPTIONS"], provide_automatic_options=False)
@uploads.route("/<upload_id>", methods=["OPTIONS"], provide_automatic_options=False)
def options(upload_id: str = "") -> Response:
    """What this door can do."""
    answer = Response(status=204)
    answer.headers["Tus-Version"] = tus.VERSION
    answer.headers["Tus-Extension"] = tus.EXTENSIONS
    answer.headers["Tus-Checksum-Algorithm"] = tus.ALGORITHMS
    answer.headers["Tus-Max-Size"] = str(runtime().settings.upload_limit)
    return answer


@uploads.post("/")
@carries_bytes
def create() -> Response:
    """Open an upload, with its first bytes if they are sent along. Its room is reserved: 507 where there is none."""
    concat = tus.read_concat(request.headers.get("Upload-Concat"))
    if concat is not None and concat.pieces:
        return _join(concat.pieces)
    length = tus.read_number("Upload-Length", request.headers.get("Upload-Length"))
    if length > runtime().settings.upload_limit:
        raise TooLarge(limit=runtime().settings.upload_limit)
    with runtime().writing(current_actor()) as work:
        if concat is not None:
            state = create_partial(work, length)
        else:
            folder_id, name, known = _place(work)
            state = create_upload(work, folder_id, name, length, **known)
        work.commit()
    if request.mimetype == BYTES or not (length or concat):
        state = _take(state.id, 0)
    answer = _told(state, 201)
    answer.headers["Location"] = f"/uploads/{state.id}"
    return answer


def _join(piece_ids: tuple[str, ...]) -> Response:
    """A file of pieces that are all there. It has no offset before the worker has put it together; `Link` leads to the
    job (RFC 8288, relation `monitor`)."""
    if "Upload-Length" in request.headers:
        raise NotAcceptable("The length of a final upload is that of its pieces.", field="Upload-Length")
    with runtime().writing(current_actor()) as work:
        folder_id, name, known = _place(work)
        state, job_id = create_final(work, folder_id, name, piece_ids, **known)
        work.commit()
    answer = _told(state, 201)
    answer.headers["Location"] = f"/uploads/{state.id}"
    answer.headers["Link"] = f'<{address(job_id)}>; rel="monitor"'
    return answer


def _place(work: Work) -> tuple[str, str, dict[str, str]]:
    """Folder, name and what else is known of the file, as the metadata say; folders on the way are made."""
    metadata = tus.read_metadata(request.headers.get("Upload-Metadata"))
    folder_id, name = metadata.get("parent", ""), metadata.get("filename", "")
    above, _, last = metadata.get("relativePath", "").rpartition("/")
    if above:
        folder_id, name = make_folders(work, folder_id, above).id, last
    return folder_id, name, {ours: metadata[theirs] for theirs, ours in METADATA.items() if metadata.get(theirs)}


@uploads.route("/<upload_id>", methods=["HEAD"], provide_automatic_options=False)
def stands(upload_id: str) -> Response:
    """Where an upload stands."""
    state = upload_state(current_work(), upload_id)
    answer = _told(state, 200)
    answer.headers["Upload-Length"] = str(state.length)
    if state.name:
        answer.headers["Upload-Metadata"] = tus.write_metadata({"filename": state.name, "parent": state.folder_id})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@uploads.patch("/<upload_id>")
@carries_bytes
def append(upload_id: str) -> Response:
    """The next bytes. What came before a connection was cut is kept, unless a checksum was announced for the piece."""
    if request.mimetype != BYTES:
        raise UnsupportedMediaType(f"The bytes of an upload come as {BYTES}.")
    offset = tus.read_number("Upload-Offset", request.headers.get("Upload-Offset"))
    return _told(_take(upload_id, offset), 204)


@uploads.delete("/<upload_id>")
def end(upload_id: str) -> Response:
    """End an upload; its bytes go and its room is free. The file of a finished one stays."""
    cancel_upload(current_work(), upload_id)
    return Response(status=204)


@uploads.post("/<upload_id>")
@carries_bytes
def overridden(upload_id: str) -> Response:
    """For programs that know no PATCH: a POST that names the method it stands for (X-HTTP-Method-Override)."""
    method = request.headers.get("X-HTTP-Method-Override", "").upper()
    if method == "PATCH":
        return append(upload_id)
    if method == "DELETE":
        with runtime().writing(current_actor()) as work:
            cancel_upload(work, upload_id)
            work.commit()
        return Response(status=204)
    raise MethodNotAllowed(["HEAD", "PATCH", "DELETE", "OPTIONS"])


def _take(upload_id: str, offset: int) -> UploadView:
    """The bytes of this request, put behind those that are there."""
    instance, actor = runtime(), current_actor()
    checksum = tus.read_checksum(request.headers.get("Upload-Checksum"))
    with instance.reading(actor) as work:
        state = upload_state(work, upload_id)
    if offset != state.offset:
        raise WrongState("The upload stands elsewhere; ask where, and go on from there.", offset=state.offset)
    if (request.content_length or 0) > state.length - offset:
        raise TooLarge("More bytes came than were announced.", limit=state.length - offset)
    pieces: Iterable[memoryview] = body_pieces(
        request.environ["wsgi.input"], request.content_length, state.length - offset
    )
    if checksum.sha1 is not None:
        pieces = tus.checked_sha1(pieces, checksum.sha1)
    return receive(instance, actor, upload_id, offset, pieces, checksum.sha256)


def _told(state: UploadView, status: int) -> Response:
    """Where the upload stands and, once it is finished, what came of it."""
    answer = Response(status=status)
    if state.concat != FINAL or state.item_id is not None:
        answer.headers["Upload-Offset"] = str(state.offset)
    if state.concat:
        answer.headers["Upload-Concat"] = tus.write_concat(state.concat, state.partials)
    answer.headers["Upload-Expires"] = http_date(state.expires_at)
    if state.item_id is not None:
        with runtime().reading(current_actor()) as work:
            made = queries.item(work, state.item_id)
        answer.headers["X-Workspace-Item"] = state.item_id
        answer.headers["X-Workspace-Sha256"] = made.sha256.hex() if made.sha256 else ""
        answer.headers["X-Workspace-Replaced"] = "1" if made.entry.version > 1 else "0"
    return answer
