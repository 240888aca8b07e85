"""One POST to an address that somebody gave us: resolved once, every address checked, dialled as checked.

No redirect is followed, no proxy of the environment is asked, no name is looked up a second time: between the check and
the connection nothing can change. The whole exchange ends after ten seconds, whatever the other side does. Of its
answer the status alone is read; a body of any size, packed or not, stays where it is.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from workspace.kernel.errors import NotAcceptable, NotReached
from workspace.outbound.addresses import Address, Reach, Target, read_target
from workspace.settings import Settings

PATIENCE = 10.0
HEAD_LIMIT = 64 << 10
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: [^\r\n]*)?\r\n")

Resolver = Callable[[str, int], Iterable[str]]
"""Name and port to addresses. Raises OSError where there are none."""
Dialer = Callable[[str, int, float], socket.socket]
"""Address, port and seconds to a connected socket. Raises OSError."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """A connection to this very address."""
    return socket.create_connection((address, port), timeout=seconds)


class Caller:
    """Keeps the promise of `kernel.ports.Outbound`."""

    def __init__(
        self, reach: Reach, context: ssl.SSLContext, resolver: Resolver = resolve, dialer: Dialer = dial
    ) -> None:
        self._reach = reach
        self._context = context
        self._resolve = resolver
        self._dial = dialer

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send `body`; returns the status of the answer.

        Raises NotReached, whose `details["reason"]` is: address (it may not be reached), name, connection, tls, time or
        answer.
        """
        try:
            target = read_target(url, self._reach)
        except NotAcceptable:
            raise NotReached(reason="address") from None
        deadline = time.monotonic() + PATIENCE
        address = self._checked(target, deadline)
        try:
            connection = self._dial(address, target.port, _left(deadline))
        except OSError as error:
            raise NotReached(reason="time" if isinstance(error, TimeoutError) else "connection") from error
        connection.settimeout(PATIENCE)
        with self._context.wrap_socket(connection, server_hostname=target.host, do_handshake_on_connect=False) as line:
            # a patience for each step would let who sends a byte now and then hold us for ever
            watchdog = threading.Timer(_left(deadline), _shut, [line])
            watchdog.daemon = True
            watchdog.start()
            try:
                line.do_handshake()
                line.sendall(_request(target, headers, body))
                return _status(line, deadline)
            except ssl.SSLError as error:
                raise NotReached(reason=_late(deadline, "tls")) from error
            except OSError as error:
                raise NotReached(reason=_late(deadline, "connection")) from error
            finally:
                watchdog.cancel()

    def _checked(self, target: Target, deadline: float) -> str:
        """The address to dial. One that may not be reached among several refuses them all: whoever mixes them tries
        something."""
        found = [target.literal] if target.literal is not None else self._lookup(target, deadline)
        if not found or not all(self._reach.permits(one) for one in found):
            raise NotReached(reason="address" if found else "name")
        return str(found[0])

    def _lookup(self, target: Target, deadline: float) -> list[Address]:
        answers: list[list[Address]] = []

        def ask() -> None:
            try:
                names = self._resolve(target.host, target.port)
                answers.append([ipaddress.ip_address(one.partition("%")[0]) for one in names])
            except (OSError, ValueError):
                answers.append([])

        # a resolver has patience of its own, and no way to tell it ours
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(_left(deadline))
        if not answers:
            raise NotReached(reason="time")
        return answers[0]


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    fields = {
        "Host": target.authority,
        "User-Agent": "Citizen-Workspace",
        "Content-Length": str(len(body)),
        "Connection": "close",
    } | dict(headers)
    head = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(head).encode("ascii") + b"\r\n\r\n" + body


def _status(line: socket.socket, deadline: float) -> int:
    """The status of the answer, interim ones (1xx) passed over."""
    came = b""
    while len(came) < HEAD_LIMIT:
        found = _STATUS.match(came)
        if found and found[1][:1] != b"1":
            return int(found[1])
        if found and b"\r\n\r\n" in came:
            came = came.partition(b"\r\n\r\n")[2]
            continue
        piece = line.recv(4096)
        if not piece:
            break
        came += piece
    raise NotReached(reason=_late(deadline, "answer"))


def _left(deadline: float) -> float:
    return max(0.01, deadline - time.monotonic())


def _late(deadline: float, otherwise: str) -> str:
    return "time" if time.monotonic() >= deadline else otherwise


def _shut(line: ssl.SSLSocket) -> None:
    # not SSLSocket's own, which takes its state away from under the thread that reads
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def open_caller(settings: Settings) -> Caller:
    """The caller that the settings ask for: the system's authorities, and the host's own where it names a file."""
    context = ssl.create_default_context()
    if settings.webhook_ca_file:
        context.load_verify_locations(settings.webhook_ca_file)
    return Caller(Reach.of(settings), context)
