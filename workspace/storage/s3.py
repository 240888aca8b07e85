"""Objects in a bucket of any S3, through the `minio` SDK. One object is one PUT of 8 MiB at most, so none is ever half.

Never trusts the store: a put counts only when the object is there again with the right size and hash. Nothing is tried
again in hiding: whoever calls knows best whether to take a new key, another time or give up.
"""

import hashlib
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from io import BytesIO, RawIOBase
from typing import BinaryIO, cast
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error, ServerError

from workspace.kernel.errors import Damaged, DomainError, NotFound, StorageFull, StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.kernel.ports import StoredObject

MIB = 1 << 20
CONNECT_SECONDS = 3.0
READ_SECONDS = 20.0
WHOLE_READ_SECONDS = 60.0
"""READ_SECONDS bounds each silence; this bounds the sum of them, where a store sends a byte now and then."""
CONNECTIONS = 32
_TEMPORARY = "tmp/"
_EXAMPLE = "s3://ACCESS:SECRET@HOST:PORT/BUCKET?tls=0"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FULL = ("QuotaExceeded", "XMinioStorageFull", "StorageFull", "EntityTooLarge")


@dataclass(frozen=True, slots=True)
class S3Address:
    """Where a bucket is and who asks for it."""

    host: str
    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    tls: bool = True
    region: str = "us-east-1"


def parse_s3_url(url: str) -> S3Address:
    """Read `s3://ACCESS:SECRET@HOST:PORT/BUCKET?tls=0&region=…`, each piece percent-encoded where it needs to be.

    TLS is on unless `tls=0`. Raises ValueError: one sentence naming WORKSPACE_OBJECTS_URL, without the secret.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise _malformed("its port or its options cannot be read") from None
    if parts.scheme != "s3":
        raise _malformed("it does not begin with s3://")
    if not parts.hostname:
        raise _malformed("it names no host")
    if not parts.username or not parts.password:
        raise _malformed("it lacks the access key or the secret key")
    bucket = unquote(parts.path.strip("/"))
    if not _BUCKET.fullmatch(bucket):
        raise _malformed("the bucket after the host must be 3 to 63 of a-z, 0-9, dot and hyphen")
    if not options.keys() <= {"tls", "region"} or options.get("tls", "1") not in ("0", "1"):
        raise _malformed("its options are tls=0 or tls=1, and region=NAME")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return S3Address(
        host=f"{host}:{port}" if port else host,
        bucket=bucket,
        access_key=unquote(parts.username),
        secret_key=unquote(parts.password),
        tls=options.get("tls", "1") == "1",
        region=options.get("region") or "us-east-1",
    )


def _malformed(why: str) -> ValueError:
    return ValueError(f"WORKSPACE_OBJECTS_URL cannot be used: {why}; it looks like {_EXAMPLE}.")


class S3Store:
    """An ObjectStore in one bucket, which is made where it is missing. Safe for many threads; after a fork each process
    opens connections of its own. The bucket must not keep versions: what is deleted has to be gone."""

    part_limit = 8 * MIB

    def __init__(self, address: S3Address) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._client: tuple[int, Minio] | None = None

    def create(self, key: str) -> "S3Writer":
        return S3Writer(self, key)

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`. Raises NotFound, Damaged, StorageUnavailable."""
        if length == 0:  # to S3 a length of zero means: up to the end
            if self.size(key) is None:
                raise NotFound
            return b""
        with _refusals():
            response = self.client().get_object(self.address.bucket, key, offset=offset, length=length)
            try:
                data = _read_in_time(response, length + 1)
            finally:
                response.close()
                response.release_conn()
        if len(data) != length:
            raise Damaged
        return data

    def size(self, key: str) -> int | None:
        try:
            with _refusals():
                return self.client().stat_object(self.address.bucket, key).size
        except NotFound:
            return None

    def delete(self, key: str) -> None:
        try:
            with _refusals():
                self.client().remove_object(self.address.bucket, key)
        except NotFound:
            return

    def walk(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key begins with `prefix`. A listing may lag behind: what it lacks may still be there."""
        for one in self._list(prefix):
            if not one.key.startswith(_TEMPORARY):
                yield one

    def ready(self) -> None:
        """Make the bucket where it is missing; write and remove a probe. Raises StorageFull or StorageUnavailable."""
        with _refusals():
            if not self.client().bucket_exists(self.address.bucket):
                self.make_bucket()
        key = _TEMPORARY + new_id()
        self.put(key, b"ready")
        self.delete(key)

    def stale(self, older_than: float = 3600.0) -> Iterator[StoredObject]:
        """Probes left behind for `older_than` seconds. A put is whole or not at all, so there is nothing else."""
        horizon = datetime.now(UTC) - timedelta(seconds=older_than)
        yield from (one for one in self._list(_TEMPORARY) if one.modified < horizon)

    def discard(self, leftover: StoredObject) -> None:
        """Remove something that `stale` has listed."""
        self.delete(leftover.key)

    def put(self, key: str, data: bytes) -> None:
        """One object, verified to be there with its size and hash. Raises StorageFull, StorageUnavailable."""
        try:
            self._put(key, data)
        except NotFound:  # of a put, this says that the bucket is missing
            with _refusals():
                self.make_bucket()
            self._put(key, data)

    def make_bucket(self) -> None:
        try:
            self.client().make_bucket(self.address.bucket)
        except S3Error as error:
            if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise

    def client(self) -> Minio:
        """This process's client, over one pool of connections."""
        held = self._client
        if held is None or held[0] != os.getpid():
            with self._lock:
                held = self._client
                if held is None or held[0] != os.getpid():
                    held = self._client = (os.getpid(), _connect(self.address))
        return held[1]

    def take(self, key: str, size: int, pieces: Iterator[bytes]) -> None:
        """An object that another store has made, of any size: in parts of `part_limit`, so that memory stays flat.

        Whole or not there at all, but not read back: whoever copies compares. Raises what `put` raises.
        """
        with _refusals():
            self.client().put_object(
                self.address.bucket,
                key,
                cast(BinaryIO, _Stream(pieces)),
                size,
                part_size=self.part_limit,
                num_parallel_uploads=1,
            )

    def _put(self, key: str, data: bytes) -> None:
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        bucket = self.address.bucket
        with _refusals():
            self.client().put_object(bucket, key, BytesIO(data), len(data), part_size=self.part_limit)
        try:
            with _refusals():
                there = self.client().stat_object(bucket, key)
            whole = there.size == len(data) and (there.etag == md5 or self.read(key, 0, len(data)) == data)
        except (NotFound, Damaged):
            whole = False
        if not whole:  # the ETag is the MD5 unless the store encrypts by itself: then the bytes were compared
            raise StorageUnavailable("The object store said it had taken an object, and does not have it.")

    def _list(self, prefix: str) -> Iterator[StoredObject]:
        try:
            with _refusals():
                for one in self.client().list_objects(self.address.bucket, prefix=prefix, recursive=True):
                    if one.object_name and not one.is_dir:
                        modified = one.last_modified or datetime.fromtimestamp(0, UTC)
                        yield StoredObject(one.object_name, one.size or 0, modified)
        except NotFound:
            return  # no bucket yet


class S3Writer:
    """One object on its way in: kept in memory, sealed as it is, until `commit` puts it."""

    def __init__(self, store: S3Store, key: str) -> None:
        self._store = store
        self._key = key
        self._buffer: bytearray | None = bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Raises ValueError beyond the store's `part_limit`: memory is bounded, and the caller was to roll over."""
        buffer = self._open_buffer()
        if len(buffer) + memoryview(data).nbytes > self._store.part_limit:
            self.abort()
            raise ValueError(f"an object in S3 holds {self._store.part_limit} bytes at most")
        buffer += data

    def commit(self) -> None:
        data = bytes(self._open_buffer())
        self.abort()  # frees the buffer; whatever happens now, there is no second try under this key
        self._store.put(self._key, data)

    def abort(self) -> None:
        self._buffer = None

    def _open_buffer(self) -> bytearray:
        if self._buffer is None:
            raise StorageUnavailable("This write has ended; begin a new object under a new key.")
        return self._buffer


class _Stream(RawIOBase):
    """Pieces as the SDK reads them."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._held += piece
        size = len(self._held) if size < 0 else size
        found, self._held = self._held[:size], self._held[size:]
        return found


def _connect(address: S3Address) -> Minio:
    pool = urllib3.PoolManager(
        maxsize=CONNECTIONS,
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        retries=urllib3.Retry(total=0),
    )
    return Minio(
        address.host,
        access_key=address.access_key,
        secret_key=address.secret_key,
        secure=address.tls,
        region=address.region,  # known, so that no request is spent on asking for it
        http_client=pool,
    )


def _read_in_time(response: urllib3.BaseHTTPResponse, most: int) -> bytes:
    """At most so many bytes. Raises StorageUnavailable where they take too long, and what urllib3 raises where they
    end early."""
    until = time.monotonic() + WHOLE_READ_SECONDS
    data = bytearray()
    while len(data) < most and (piece := response.read1(most - len(data))):
        data += piece
        if time.monotonic() > until:
            raise StorageUnavailable(reason="slow")
    return bytes(data)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns whatever the SDK, the network or a garbled answer raises into a domain error."""
    try:
        yield
    except DomainError:
        raise
    except S3Error as error:
        if error.code in ("NoSuchKey", "NoSuchBucket", "NoSuchObject"):
            raise NotFound from None
        if error.code == "InvalidRange":
            raise Damaged from None
        if error.code in _FULL:
            raise StorageFull from error
        raise StorageUnavailable(reason=error.code) from error
    except ServerError as error:
        if error.status_code == HTTPStatus.INSUFFICIENT_STORAGE:
            raise StorageFull from error
        raise StorageUnavailable(reason=str(error.status_code)) from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError, ParseError, ValueError) as error:
        raise StorageUnavailable(reason=type(error).__name__) from error
