"""A call goes to the address that was checked, once, and ends in time. Nothing here leaves the loopback interface:
addresses that may not be reached are told by a resolver of the test's, and its dialer sees whether anybody tries.
"""

from __future__ import annotations

import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.outbound.test_addresses import INNER
from workspace.kernel.errors import NotReached
from workspace.outbound import calls
from workspace.outbound.addresses import Reach
from workspace.outbound.calls import Caller

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
NAME = "edms.example.org"
Answer = Callable[[socket.socket], None]


class Receiver:
    """A TLS server on loopback that keeps what it is sent; `answer` is what it does then."""

    def __init__(self, folder: Path) -> None:
        certificate = self._certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.trust = ssl.create_default_context(cafile=str(certificate))
        self.came: list[bytes] = []
        self.connections = 0
        self.answer: Answer = lambda line: line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=[connection], daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        try:
            with self._context.wrap_socket(connection, server_side=True) as line:
                self.came.append(self._request(line))
                self.answer(line)
        except OSError:
            return  # the caller has gone, or would not have us

    @staticmethod
    def _request(line: socket.socket) -> bytes:
        came = b""
        while b"\r\n\r\n" not in came or len(came.partition(b"\r\n\r\n")[2]) < length_of(came):
            piece = line.recv(65536)
            if not piece:
                break
            came += piece
        return came

    @staticmethod
    def _certificate(folder: Path) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = folder / "receiver.pem"
        path.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return path


def length_of(head: bytes) -> int:
    for line in head.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    server = Receiver(tmp_path)
    yield server
    server.close()


def caller(receiver: Receiver, *addresses: str, allowed: bool = True) -> Caller:
    reach = Reach(frozenset({receiver.port}), (LOOPBACK,) if allowed else ())
    return Caller(reach, receiver.trust, lambda host, port: addresses or ("127.0.0.1",))


def reason(act: Callable[[], object]) -> str:
    with pytest.raises(NotReached) as missed:
        act()
    return str(missed.value.details["reason"])


def url(receiver: Receiver, path: str = "/hook") -> str:
    return f"https://{NAME}:{receiver.port}{path}"


def test_a_post_arrives_whole_over_tls_under_the_name_that_was_asked(receiver: Receiver) -> None:
    body = b'{"type":"case.delivered"}'
    assert caller(receiver).post(url(receiver, "/hook?a=1"), {"Content-Type": "application/json"}, body) == 204
    head, _, came = receiver.came[0].partition(b"\r\n\r\n")
    assert came == body
    assert head.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert f"Host: {NAME}:{receiver.port}".encode() in head
    assert b"Content-Type: application/json" in head


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_leads_inwards_is_not_dialled(address: str) -> None:
    dialled: list[str] = []

    def dial(to: str, port: int, seconds: float) -> socket.socket:
        dialled.append(to)
        raise OSError

    for addresses in ([address], ["8.8.8.8", address], [address, "8.8.8.8"]):
        closed = Caller(Reach(frozenset({443})), ssl.create_default_context(), lambda h, p, a=addresses: a, dial)
        assert reason(lambda caller=closed: caller.post("https://evil.example/", {}, b"")) == "address"
    assert dialled == []


def test_a_canary_on_loopback_hears_nothing(receiver: Receiver) -> None:
    closed = caller(receiver, allowed=False)
    for host in (NAME, "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"):
        assert reason(lambda host=host: closed.post(f"https://{host}:{receiver.port}/", {}, b"")) == "address"
    for wrong in ("http://127.0.0.1/", "gopher://127.0.0.1/", f"https://2130706433:{receiver.port}/"):
        assert reason(lambda wrong=wrong: closed.post(wrong, {}, b"")) == "address"
    assert receiver.connections == 0


def test_a_name_is_looked_up_once_and_dialled_as_it_was_then() -> None:
    """A name server that answers otherwise the second time (rebinding) is not asked a second time."""
    answers, dialled = iter([["8.8.8.8"], ["127.0.0.1"]]), []

    def dial(address: str, port: int, seconds: float) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError

    one = Caller(Reach(frozenset({443})), ssl.create_default_context(), lambda h, p: next(answers), dial)
    assert reason(lambda: one.post("https://rebinding.example/", {}, b"")) == "connection"
    assert dialled == ["8.8.8.8"]
    assert reason(lambda: one.post("https://rebinding.example/", {}, b"")) == "address"
    assert dialled == ["8.8.8.8"]


def test_a_name_without_an_address_says_so_and_works_later(receiver: Receiver) -> None:
    answers: Iterator[list[str]] = iter([[], ["127.0.0.1"]])
    reach = Reach(frozenset({receiver.port}), (LOOPBACK,))
    one = Caller(reach, receiver.trust, lambda h, p: next(answers))
    assert reason(lambda: one.post(url(receiver), {}, b"")) == "name"
    assert one.post(url(receiver), {}, b"") == 204


def test_a_redirect_is_an_answer_not_a_way(receiver: Receiver) -> None:
    receiver.answer = lambda line: line.sendall(
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://127.0.0.1/\r\n\r\n"
    )
    assert caller(receiver).post(url(receiver), {}, b"x") == 307
    assert receiver.connections == 1


def test_a_certificate_for_another_name_or_of_nobody_known_is_refused(receiver: Receiver) -> None:
    other = f"https://other.example.org:{receiver.port}/"
    assert reason(lambda: caller(receiver).post(other, {}, b"secret")) == "tls"
    reach = Reach(frozenset({receiver.port}), (LOOPBACK,))
    distrusting = Caller(reach, ssl.create_default_context(), lambda h, p: ["127.0.0.1"])
    assert reason(lambda: distrusting.post(url(receiver), {}, b"secret")) == "tls"
    assert receiver.came == []


def test_interim_answers_are_passed_over_and_nonsense_is_none(receiver: Receiver) -> None:
    receiver.answer = lambda line: line.sendall(b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
    assert caller(receiver).post(url(receiver), {}, b"") == 200
    for nonsense in (b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 999 No\r\n\r\n", b"", b"A" * 200_000):
        receiver.answer = lambda line, said=nonsense: line.sendall(said)
        assert reason(lambda: caller(receiver).post(url(receiver), {}, b"")) in ("answer", "connection")


def test_endless_packed_and_slow_answers_do_not_hold_us(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\nContent-Encoding: gzip\r\n\r\n")
        for _ in range(10_000):
            line.sendall(gzip.compress(bytes(1 << 20)))

    receiver.answer = endless
    began = time.monotonic()
    assert caller(receiver).post(url(receiver), {}, b"") == 200
    assert time.monotonic() - began < calls.PATIENCE

    stop = threading.Event()

    def slow(line: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK" + b" " * 10_000:
            line.sendall(bytes([byte]))
            if stop.wait(0.05):
                return

    receiver.answer = slow
    monkeypatch.setattr(calls, "PATIENCE", 2.0)
    assert reason(lambda: caller(receiver).post(url(receiver), {}, b"")) == "time"
    stop.set()


def test_a_resolver_that_takes_for_ever_is_left_alone(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "PATIENCE", 0.5)
    stuck = threading.Event()

    def never(host: str, port: int) -> list[str]:
        stuck.wait(30)
        return []

    one = Caller(Reach(frozenset({443})), receiver.trust, never)
    assert reason(lambda: one.post("https://slow.example/", {}, b"")) == "time"
    stuck.set()
