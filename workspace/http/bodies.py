"""Bytes on their way in. Files in a form are sealed while it is parsed: nothing ever lies in the clear on disk."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import IO, Any, TypeVar, cast

from flask import Flask, Request, current_app, g
from flask import request as current_request

from workspace.cloud.blobs import BlobWriter, SealedBlob
from workspace.http.incoming import PIECE
from workspace.http.request import current_actor, runtime
from workspace.kernel.errors import SignInRequired, TooLarge

View = TypeVar("View", bound=Callable[..., Any])
_SMALL = "workspace_small_files"
_HASHES = "workspace_only_hashes"


class SealedField:
    """The file-like that the form parser writes a file field into; it can be written, never read back."""

    def __init__(self, writer: BlobWriter, limit: int) -> None:
        self._writer = writer
        self._limit = limit
        self._size = 0
        self._pending = bytearray()

    def write(self, data: bytes) -> int:
        self._size += len(data)
        if self._size > self._limit:
            raise TooLarge(limit=self._limit)
        self._pending += data
        if len(self._pending) >= PIECE:
            self._flush()
        return len(data)

    def seek(self, _offset: int, _whence: int = 0) -> int:
        """The parser rewinds when a field ends; there is nothing to rewind."""
        return 0

    def finish(self) -> SealedBlob:
        self._flush()
        return self._writer.finish()

    def abort(self) -> None:
        self._writer.abort()

    def close(self) -> None:
        """Files are closed with the request; what no view claimed is aborted by `forget_unclaimed`."""

    def _flush(self) -> None:
        if self._pending:
            self._writer.write(memoryview(bytes(self._pending)))
            self._pending.clear()


class SmallField(BytesIO):
    """A file field kept in memory: what an administrator gives the instance itself (a table, a logo)."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._limit:
            raise TooLarge(limit=self._limit)
        return super().write(data)


class HashedField:
    """A file field of which only the size and the SHA-256 are kept; its bytes are forgotten as they come."""

    def __init__(self) -> None:
        self.size = 0
        self.hash = sha256()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.hash.update(data)
        return len(data)

    def seek(self, _offset: int, _whence: int = 0) -> int:
        return 0

    def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, slots=True)
class UploadedDigest:
    """What is known of a file that was sent only to be compared."""

    filename: str
    size: int
    sha256: bytes


def only_hashes(view: View) -> View:
    """Mark a view that wants to know the SHA-256 of its file fields and nothing else of them."""
    setattr(view, _HASHES, True)
    return view


def uploaded_digest(name: str) -> UploadedDigest | None:
    """Size and SHA-256 of a file field; None where nothing was chosen."""
    field = current_request.files.get(name)
    if field is None or not field.filename:
        return None
    hashed = cast(HashedField, cast(Any, field).stream)
    return UploadedDigest(field.filename, hashed.size, hashed.hash.digest())


def takes_small_files(limit: int) -> Callable[[View], View]:
    """Mark a view that reads its file fields itself, each at most `limit` bytes: they are not for anybody's cloud."""

    def mark(view: View) -> View:
        setattr(view, _SMALL, limit)
        return view

    return mark


def small_file(name: str) -> bytes:
    """The bytes of a file field; empty where nothing was chosen."""
    field = current_request.files.get(name)
    return field.stream.read() if field is not None and field.filename else b""


class SealingRequest(Request):
    """A request whose file fields go sealed into the object store as they arrive."""

    max_form_memory_size = 4 << 20
    max_form_parts = 5000

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        view = current_app.view_functions.get(self.endpoint or "")
        if current_actor().anonymous:
            raise SignInRequired()
        if getattr(view, _HASHES, False):
            return cast(IO[bytes], HashedField())
        small = getattr(view, _SMALL, None)
        if small is not None:
            return SmallField(small)
        instance = runtime()
        field = SealedField(BlobWriter(instance.ports, instance.settings), instance.settings.upload_limit)
        g.setdefault("sealed_fields", []).append(field)
        return cast(IO[bytes], field)


def sealed_files(name: str) -> list[tuple[str, SealedBlob]]:
    """The files of a form field, in order: the name each came with and its sealed blob, ready for `cloud.blobs.keep`.

    Fields left empty by the person are passed over.
    """
    found = []
    for storage in current_request.files.getlist(name):
        field = cast(SealedField, cast(Any, storage).stream)
        if storage.filename:
            g.sealed_fields.remove(field)
            found.append((storage.filename, field.finish()))
    return found


def forget_unclaimed(_error: BaseException | None = None) -> None:
    """Abort every sealed field that no view took."""
    for field in g.pop("sealed_fields", []):
        field.abort()


def install(app: Flask) -> None:
    """Let the app parse its forms into sealed blobs, and leave nothing behind that no view took."""
    app.request_class = SealingRequest
    app.teardown_request(forget_unclaimed)
