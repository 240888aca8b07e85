"""Fast lanes of this door: plain requests of a program in its person's own cloud, by the hot statements.

A lane answers what it understands whole and gives everything else back, untouched, to the careful way: a header field
that it does not know, a path that leads elsewhere, a name that is there already. It refuses nothing itself.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from io import BytesIO
from typing import Any

from workspace.cloud.blobs import BlobReader
from workspace.cloud.hot import Hot, Leaf
from workspace.cloud.hot_put import HotPut
from workspace.cloud.parts import SealedPart
from workspace.cloud.service import rights_to_open
from workspace.dav.dialect import checksum
from workspace.dav.messages import Answer, media_type
from workspace.dav.paths import Names, names_of
from workspace.dav.properties import http_date
from workspace.db.raw import DRIVER_ERRORS
from workspace.db.runtime import Runtime
from workspace.http.callers import Caller
from workspace.http.identity import Proof
from workspace.http.incoming import body_pieces
from workspace.http.running import RunningAnswers, watch
from workspace.http.streaming import guards, outgoing
from workspace.storage.sealing import open_small
from workspace.storage.wrapping import unwrap

BELOW = "/dav/personal/"
PLAIN = frozenset(
    f"HTTP_{name}"
    for name in ("HOST", "USER_AGENT", "ACCEPT", "ACCEPT_ENCODING", "ACCEPT_LANGUAGE", "AUTHORIZATION", "CONNECTION")
)
"""What may be said without changing what is asked for."""
DEEPEST = 40
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,200}")


class Lanes:
    """The lanes of one process."""

    def __init__(self, runtime: Runtime, hot: Hot, answers: RunningAnswers) -> None:
        self._runtime = runtime
        self._hot = hot
        self._puts = HotPut(hot)
        self._answers = answers
        self._lanes: dict[str, tuple[frozenset[str], Callable[[dict[str, Any], Caller, str, str], Answer | None]]] = {
            "GET": (PLAIN | {"HTTP_RANGE"}, self._get),
            "PUT": (PLAIN, self._put),
        }

    def answer(self, environ: dict[str, Any], caller: Caller) -> Answer | None:
        """The answer, or None for the careful way. Raises what that raises: DomainError."""
        lane = self._lanes.get(environ["REQUEST_METHOD"])
        raw = environ.get("RAW_URI", "")
        if lane is None or not raw.startswith(BELOW) or "?" in raw or "#" in raw:
            return None
        plain, act = lane
        for name in environ:
            if name.startswith("HTTP_") and name not in plain:
                return None
        above, _, last = raw[len(BELOW) - 1 :].rpartition("/")
        if not last:
            return None
        name = last if _PLAIN_NAME.fullmatch(last) else names_of("/" + last)[0][0]
        try:
            names = _names(above)
            folder_id = self._hot.folder(caller.standing, names) if len(names) <= DEEPEST else None
            return act(environ, caller, folder_id, name) if folder_id is not None else None
        except DRIVER_ERRORS:
            return None

    def _get(self, environ: dict[str, Any], caller: Caller, folder_id: str, name: str) -> Answer | None:
        standing = caller.standing
        leaf = self._hot.leaf(standing, folder_id, name)
        if leaf is None:
            return None
        ports = self._runtime.ports
        key = unwrap(leaf.wrapped, ports.keyring.key(standing.space_id), leaf.blob_id, standing.space_id)
        if leaf.sealed is not None and "HTTP_RANGE" not in environ:
            content = open_small(key, leaf.blob_id, leaf.sealed)
            if len(content) == leaf.size:
                return Answer(200, _headers(leaf, name), content)
        parts = [SealedPart(*row) for row in self._hot.parts(leaf.blob_id)] if leaf.sealed is None else ()
        reader = BlobReader(ports.objects, leaf.blob_id, leaf.size, leaf.sha256, key, parts, leaf.sealed)
        proof = Proof(caller.actor.door, app_password_id=caller.actor.app_password_id)
        sent = outgoing(
            environ,
            reader,
            watch=lambda pieces: watch(
                self._answers, environ, proof, pieces, lambda work: rights_to_open(work, leaf.item_id)
            ),
            name=name,
            media_type=leaf.media_type,
            etag=leaf.version_id,
            modified=_instant(leaf.made_at),
        )
        return Answer(sent.status, [*sent.headers, ("OC-Checksum", checksum(leaf.sha256))], sent.body)

    def _put(self, environ: dict[str, Any], caller: Caller, folder_id: str, name: str) -> Answer | None:
        length = environ.get("CONTENT_LENGTH", "")
        limit = self._runtime.settings.inline_limit
        if not (length.isascii() and length.isdecimal()) or len(length) > 9 or int(length) > limit:
            return None
        data = b"".join(map(bytes, body_pieces(environ["wsgi.input"], int(length), limit)))
        put = partial(self._puts.put, caller.actor, caller.standing, folder_id, name, data, media_type(environ))
        try:
            version_id = put()
        except DRIVER_ERRORS:
            version_id = None
        if version_id is None:
            environ["wsgi.input"] = BytesIO(data)  # the careful way reads it again
            return None
        return Answer(201, [("ETag", f'"{version_id}"')])


@lru_cache(maxsize=4096)
def _names(raw: str) -> Names:
    # with a name behind it, so that an empty piece at the end ("/a//b") is refused here, too
    return names_of(raw + "/-")[0][:-1]


def _instant(at: Any) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def _last_modified(second: Any) -> str:
    return http_date(_instant(second))


def _headers(leaf: Leaf, name: str) -> list[tuple[str, str]]:
    """As `outgoing` writes them."""
    at = leaf.made_at[:19] if isinstance(leaf.made_at, str) else leaf.made_at.replace(microsecond=0)
    return [
        ("ETag", f'"{leaf.version_id}"'),
        ("Content-Length", str(leaf.size)),
        ("Accept-Ranges", "bytes"),
        ("Last-Modified", _last_modified(at)),
        *guards(name, leaf.media_type),
        ("OC-Checksum", checksum(leaf.sha256)),
    ]
