"""The raw body of a request: hashed and sealed while it comes, taken back where the request comes to nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from workspace.cloud.blobs import BlobWriter, SealedBlob, forget
from workspace.http.digests import announced_sha256, require_same
from workspace.http.incoming import body_pieces
from workspace.http.request import runtime


@contextmanager
def received() -> Iterator[SealedBlob]:
    """The body as a durable blob, to be kept in a Work within the block. An error in the block deletes its bytes.

    No Work may be open before. Raises TooLarge, LengthMismatch, ChecksumMismatch, StorageFull, StorageUnavailable.
    """
    instance = runtime()
    announced = announced_sha256(request.headers.get)
    with BlobWriter(instance.ports, instance.settings) as writer:
        for piece in body_pieces(request.environ["wsgi.input"], request.content_length, instance.settings.upload_limit):
            writer.write(piece)
        sealed = writer.finish()
    try:
        require_same(announced, sealed.sha256)
        yield sealed
    except BaseException:
        forget(instance.ports, sealed)
        raise


def media_type() -> str | None:
    """What the sender says the bytes are, None where it says nothing of use."""
    given = request.mimetype
    return given if given and given != "application/octet-stream" else None
