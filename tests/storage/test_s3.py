"""The S3 store: its address, and what it does when the other side is away, silent, lying or cut off."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.parts.seaweed import Seaweed
from tests.storage.ways import Bare, content
from workspace.kernel.errors import DomainError, StorageFull, StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.storage import s3
from workspace.storage.s3 import S3Address, S3Store, parse_s3_url

MIB = 1 << 20


def test_an_address_is_read_with_its_percent_signs() -> None:
    assert parse_s3_url("s3://AK%2F1:se%3Acr%40t%2F@s3.example.org/city-files") == S3Address(
        "s3.example.org", "city-files", "AK/1", "se:cr@t/", tls=True
    )
    address = parse_s3_url("s3://a:b@[::1]:9000/bucket/?tls=0&region=eu-central-1")
    assert address == S3Address("[::1]:9000", "bucket", "a", "b", tls=False, region="eu-central-1")


@pytest.mark.parametrize(
    "url",
    [
        "s3://",
        "s3://host/bucket",
        "s3://a@host/bucket",
        "s3://a:geheim@/bucket",
        "s3://a:geheim@host",
        "s3://a:geheim@host/",
        "s3://a:geheim@host/two/parts",
        "s3://a:geheim@host/Bucket",
        "s3://a:geheim@host:port/bucket",
        "s3://a:geheim@host:99999/bucket",
        "s3://a:geheim@host/bucket?tls=no",
        "s3://a:geheim@host/bucket?secure=0",
        "s3://a:geheim@host/bucket?tls",
        "http://a:geheim@host/bucket",
    ],
)
def test_a_malformed_address_is_refused_in_a_sentence_without_the_secret(url: str) -> None:
    with pytest.raises(ValueError, match="WORKSPACE_OBJECTS_URL") as caught:
        parse_s3_url(url)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_secret_is_in_no_repr() -> None:
    assert "geheim" not in repr(parse_s3_url("s3://a:geheim@host/bucket"))


def test_an_object_larger_than_a_part_is_a_mistake_of_the_caller(s3_url: str) -> None:
    store = S3Store(parse_s3_url(s3_url))
    lent = Bare(store)
    lent.put(content(store.part_limit))
    assert store.size(lent.key) == store.part_limit
    writer = store.create(new_id())
    writer.write(bytes(store.part_limit))
    with pytest.raises(ValueError, match="at most"):
        writer.write(b"x")


def test_wrong_keys_are_not_taken_for_a_missing_object(seaweed: Seaweed, s3_url: str) -> None:
    lent = Bare(S3Store(parse_s3_url(s3_url)))
    lent.put(b"here")
    bucket = parse_s3_url(s3_url).bucket
    stranger = S3Store(S3Address(f"127.0.0.1:{seaweed.port}", bucket, "app", "wrong", tls=False))
    for use in (lambda: stranger.read(lent.key, 0, 4), lambda: stranger.size(lent.key), stranger.ready):
        with pytest.raises(StorageUnavailable):
            use()


# a store that misbehaves ---------------------------------------------------------------------------------------------
Answer = Callable[[str, bytes], bytes | None]


@contextmanager
def misbehaving(answer: Answer) -> Iterator[S3Store]:
    """An HTTP server that hands `answer(method, body)` back as it stands; None: it never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            head, _, body = _request(connection)
            said = answer(head.split(b" ", 1)[0].decode(), body)
            if said is not None:
                connection.sendall(said)
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield S3Store(S3Address(f"127.0.0.1:{listener.getsockname()[1]}", "bucket", "a", "b", tls=False))
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for connection in held:
            connection.close()


def _request(connection: socket.socket) -> tuple[bytes, int, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65536)
    return head, length, body


def _ok(body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


HERE = ('ETag: "00000000000000000000000000000000"', "Last-Modified: Mon, 01 Jun 2026 10:00:00 GMT")


def put(store: S3Store) -> None:
    writer = store.create(new_id())
    writer.write(b"evidence")
    writer.commit()


def test_a_put_that_was_acknowledged_and_lost_is_not_believed() -> None:
    def lying(method: str, body: bytes) -> bytes:
        return _ok() if method == "PUT" else _ok(status="404 Not Found")

    with misbehaving(lying) as store, pytest.raises(StorageUnavailable, match="does not have it"):
        put(store)


@pytest.mark.parametrize("kept", [b"evidenc", b"evidencf"])
def test_a_put_that_kept_other_bytes_is_not_believed(kept: bytes) -> None:
    def altering(method: str, body: bytes) -> bytes:
        if method == "GET":
            return _ok(kept, *HERE, status="206 Partial Content")
        return _ok(b"", *HERE, length=0 if method == "PUT" else len(kept))

    with misbehaving(altering) as store, pytest.raises(StorageUnavailable, match="does not have it"):
        put(store)


def test_a_store_whose_etag_is_no_md5_is_asked_for_the_bytes() -> None:
    def encrypting(method: str, body: bytes) -> bytes:
        if method == "GET":
            return _ok(b"evidence", *HERE, status="206 Partial Content")
        return _ok(b"", *HERE, length=0 if method == "PUT" else 8)

    with misbehaving(encrypting) as store:
        put(store)


def test_a_read_that_is_cut_off_or_too_long_is_never_served() -> None:
    for body, length in ((b"evid", 8), (b"evid", 4), (b"evidence and more", 17)):
        with misbehaving(lambda _m, _b, body=body, length=length: _ok(body, length=length)) as store:
            with pytest.raises(DomainError) as caught:
                store.read(new_id(), 0, 8)
            assert caught.value.code in ("damaged", "storage_unavailable")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x16\x03garbage\r\n\r\n",
        _ok(b"<html>Bad gateway</html>", "Content-Type: text/html", status="502 Bad Gateway"),
        _ok(b"<not xml", "Content-Type: application/xml", status="503 Service Unavailable"),
        _ok(b"\xff\xfe", "Content-Type: text/plain", status="500 Internal Server Error"),
        _ok(status="503 Slow Down"),
        _ok(status="409 Conflict"),
        _ok(status="301 Moved Permanently"),
    ],
)
def test_whatever_it_says_instead_means_that_it_is_unavailable(said: bytes) -> None:
    with misbehaving(lambda _method, _body: said) as store:
        key = new_id()
        for use in (lambda: put(store), lambda: store.size(key), lambda: list(store.walk()), store.ready):
            with pytest.raises(StorageUnavailable):
                use()
        with pytest.raises(StorageUnavailable):
            store.read(key, 0, 8)


def test_a_store_without_room_is_said_to_be_full() -> None:
    full = b"<Error><Code>QuotaExceeded</Code><Message>full</Message></Error>"
    said = _ok(full, "Content-Type: application/xml", status="507 Full")
    with misbehaving(lambda _method, _body: said) as store, pytest.raises(StorageFull):
        put(store)


def test_nobody_listening_is_felt_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    store = S3Store(S3Address(f"127.0.0.1:{port}", "bucket", "a", "b", tls=False))
    begun = time.monotonic()
    for use in (lambda: put(store), lambda: store.read("k", 0, 1), lambda: store.delete("k"), store.ready):
        with pytest.raises(StorageUnavailable):
            use()
    assert time.monotonic() - begun < 3


def test_a_store_that_says_nothing_is_given_up_after_one_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "READ_SECONDS", 0.3)
    with misbehaving(lambda _method, _body: None) as store:
        begun = time.monotonic()
        with pytest.raises(StorageUnavailable):
            store.read(new_id(), 0, 8)
        with pytest.raises(StorageUnavailable):
            put(store)
        assert time.monotonic() - begun < 3
