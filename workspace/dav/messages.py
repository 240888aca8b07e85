"""A request and an answer of this door, as plain values over WSGI."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from workspace.dav.paths import Names, names_of, quoted
from workspace.http.incoming import body_pieces
from workspace.http.running import RunningAnswers

XML = "application/xml; charset=utf-8"
CHALLENGE = ("WWW-Authenticate", 'Basic realm="Citizen Workspace", charset="UTF-8"')


class Refused(Exception):
    """A refusal that only HTTP knows. `condition`: the precondition of RFC 4918 section 16 that was not met, as the
    XML of an element in the namespace `d:`."""

    def __init__(self, status: int, message: str = "", *, condition: str = "", allow: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.condition = condition
        self.allow = allow


@dataclass(frozen=True, slots=True)
class Mount:
    """An address under which (a part of) the tree hangs: `top` are the names of the part. `whose`: the id or the login
    name that the address names; nobody else gets in there."""

    address: str
    top: Names = ()
    whose: str = ""

    def names(self, raw_path: str) -> tuple[Names, bool] | None:
        """The names that a percent-encoded path leads along, and whether it ends with a slash; None where it leads
        elsewhere. Raises NameNotAllowed, Refused."""
        if raw_path != self.address and not raw_path.startswith(self.address + "/"):
            return None
        names, slash = names_of(raw_path[len(self.address) :])
        return self.top + names, slash

    def href(self, names: Names, is_folder: bool) -> str:
        """The address of what lies there: an absolute path, percent-encoded, folders with a slash at their end."""
        address = "".join([self.address, *(f"/{quoted(name)}" for name in names[len(self.top) :])])
        return address + "/" if is_folder else address


@dataclass(slots=True)
class Answer:
    """Status, header fields and body. A body that is not bytes is a stream whose length `headers` may tell."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | Iterable[bytes] = b""


def media_type(environ: Mapping[str, Any]) -> str | None:
    """What the sender says the bytes are, None where it says nothing of use."""
    given = str(environ.get("CONTENT_TYPE") or "").partition(";")[0].strip().lower()
    return given if given not in ("", "application/octet-stream") else None


class Request:
    """One request. Nothing of its body has been read.

    `base_url`: how the instance is called. `answers` watch over what is being sent.
    """

    def __init__(
        self, environ: dict[str, Any], mount: Mount, path: tuple[Names, bool], base_url: str, answers: RunningAnswers
    ) -> None:
        self.environ = environ
        self.base_url = base_url
        self.answers = answers
        self.method: str = environ["REQUEST_METHOD"]
        self.mount = mount
        self.names, self.slash = path
        self._body: bytes | None = None

    def at(self, mount: Mount, path: tuple[Names, bool] = ((), False)) -> "Request":
        """The same request as if it were about another place."""
        return Request(self.environ, mount, path, self.base_url, self.answers)

    def header(self, name: str) -> str | None:
        """The value of a header field, None where it was not sent."""
        value = self.environ.get(f"HTTP_{name.upper().replace('-', '_')}")
        return None if value is None else str(value).strip()

    @property
    def length(self) -> int | None:
        """Content-Length in bytes; None for a chunked body. Raises Refused (400) for what is no length."""
        text = self.environ.get("CONTENT_LENGTH")
        if not text:
            return None if self.environ.get("wsgi.input_terminated") and self.header("Transfer-Encoding") else 0
        if not (text.isascii() and text.isdecimal() and len(text) <= 18):
            raise Refused(400, "Content-Length has to be a whole number of bytes.")
        return int(text)

    @property
    def media_type(self) -> str | None:
        """What the sender says the bytes are, None where it says nothing of use."""
        return media_type(self.environ)

    @property
    def source(self) -> Any:
        """Where the body comes from (`http.incoming.body_pieces` reads it)."""
        return self.environ["wsgi.input"]

    def body(self, limit: int) -> bytes:
        """The whole body, kept so that a method may begin again. Raises TooLarge beyond `limit`, LengthMismatch."""
        if self._body is None:
            self._body = b"".join(map(bytes, body_pieces(self.source, self.length, limit)))
        return self._body

    def depth(self, default: str = "infinity") -> str:
        """The Depth field (RFC 4918 section 10.2): "0", "1" or "infinity". Raises Refused (400)."""
        depth = (self.header("Depth") or default).lower()
        if depth not in ("0", "1", "infinity"):
            raise Refused(400, "Depth takes 0, 1 or infinity.")
        return depth

    def destination(self) -> Names:
        """Where COPY and MOVE lead to (section 10.3). Raises Refused: 400 for what is no address, 502 for another
        server or another tree."""
        given = self.header("Destination")
        if not given:
            raise Refused(400, "Say where to with Destination.")
        names = self.mine(given)
        if names is None:
            raise Refused(502, "Destination lies on another server, or outside of this tree.")
        return names

    def mine(self, address: str) -> Names | None:
        """The names along an address in a header field (an absolute one, or a path from the root); None where it lies
        on another server or in another tree. Raises Refused (400), NameNotAllowed."""
        try:
            parts = urlsplit(address)
        except ValueError:
            raise Refused(400, "This is no address.") from None
        if not parts.path.startswith("/") or parts.query or parts.fragment or bool(parts.scheme) != bool(parts.netloc):
            raise Refused(400, "Write an absolute address or a path from the root.")
        if parts.netloc and (parts.scheme.lower(), parts.netloc.lower()) not in self._own():
            return None
        found = self.mount.names(parts.path)
        return found[0] if found is not None else None

    def _own(self) -> set[tuple[str, str]]:
        """Scheme and host by which this very server is known: as it was asked now, and as it is called."""
        base = urlsplit(self.base_url)
        asked = str(self.environ["wsgi.url_scheme"]), str(self.environ.get("HTTP_HOST", "")).lower()
        return {asked, (base.scheme, base.netloc.lower())}
