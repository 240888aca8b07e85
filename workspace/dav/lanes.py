"""Fast lanes of this door: plain requests of a program in its person's own cloud, by the hot statements.

A lane answers what it understands whole and gives everything else back, untouched, to the careful way: a header field
that it does not know, a path that leads elsewhere, a name that is there already. It refuses nothing itself.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from io import BytesIO
from typing import Any

from workspace.cloud.blobs import BlobReader
from workspace.cloud.hot import Hot, Leaf, Standing
from workspace.cloud.hot_place import HotPlace, Spot
from workspace.cloud.hot_put import HotPut
from workspace.cloud.parts import SealedPart
from workspace.cloud.service import rights_to_open
from workspace.dav.dialect import checksum, kept
from workspace.dav.messages import Answer, Mount, Request, media_type
from workspace.dav.paths import Names, names_of
from workspace.dav.properties import http_date
from workspace.dav.tree import PERSONAL
from workspace.db.base import instant_of
from workspace.db.raw import DRIVER_ERRORS
from workspace.db.runtime import Runtime
from workspace.http.callers import Caller
from workspace.http.identity import Proof
from workspace.http.incoming import body_pieces
from workspace.http.lean import AT_HAND
from workspace.http.running import RunningAnswers, watch
from workspace.http.streaming import guards, outgoing
from workspace.storage.sealing import open_small
from workspace.storage.wrapping import unwrap

OWN_TREE = Mount("/dav")
BELOW = f"{OWN_TREE.address}/{PERSONAL}/"
PLAIN = frozenset(
    f"HTTP_{name}"
    for name in (
        "HOST", "USER_AGENT", "ACCEPT", "ACCEPT_ENCODING", "ACCEPT_LANGUAGE", "AUTHORIZATION", "CONNECTION",
        "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_FORWARDED_HOST", "X_REAL_IP", "VIA",
    )
)  # fmt: skip
"""What may be said without changing what is asked for; of a proxy, where its client sits."""
OF_FOLDERS = frozenset({"MOVE", "DELETE"})
"""Methods that take folders, too, whose addresses may end with a slash."""
DEEPEST = 40
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,200}")


Lane = Callable[[dict[str, Any], Caller, str, Names], Answer | None]
"""From a request, who sends it, the folder and the names along the path to what may be answered."""


class Lanes:
    """The lanes of one process."""

    def __init__(self, runtime: Runtime, hot: Hot, answers: RunningAnswers) -> None:
        self._runtime = runtime
        self._hot = hot
        self._puts = HotPut(hot)
        self._places = HotPlace(hot)
        self._answers = answers
        self._lanes: dict[str, tuple[frozenset[str], Lane]] = {
            "GET": (PLAIN | {"HTTP_RANGE"}, self._get),
            "PUT": (PLAIN, self._put),
            "MOVE": (PLAIN | {"HTTP_DESTINATION", "HTTP_OVERWRITE"}, self._move),
            "DELETE": (PLAIN, self._delete),
        }

    def answer(self, environ: dict[str, Any], caller: Caller) -> Answer | None:
        """The answer, or None for the careful way. Raises what that raises: DomainError, Refused."""
        lane = self._lanes.get(environ["REQUEST_METHOD"])
        return self._along(lane, environ, caller) if lane is not None else None

    def at_hand(self, environ: dict[str, Any], caller: Caller) -> Answer | None:
        """The answer to a GET of a file whose bytes lie in its row, which nobody has to wait for; else None. Raises
        what that raises: DomainError, Refused."""
        return self._along((PLAIN, self._small), environ, caller) if environ["REQUEST_METHOD"] == "GET" else None

    def _along(self, lane: tuple[frozenset[str], Lane], environ: dict[str, Any], caller: Caller) -> Answer | None:
        plain, act = lane
        raw = environ.get("RAW_URI", "")
        if not raw.startswith(BELOW) or "?" in raw or "#" in raw:
            return None
        for name in environ:
            if name.startswith("HTTP_") and name not in plain:
                return None
        path = raw[len(BELOW) - 1 :]
        if environ["REQUEST_METHOD"] in OF_FOLDERS:
            path = path.removesuffix("/")
        above, _, last = path.rpartition("/")
        if not last:
            return None
        name = last if _PLAIN_NAME.fullmatch(last) else names_of("/" + last)[0][0]
        try:
            names = _names(above)
            folder_id = self._hot.folder(caller.standing, names) if len(names) <= DEEPEST else None
            return act(environ, caller, folder_id, (*names, name)) if folder_id is not None else None
        except DRIVER_ERRORS:
            return None

    def _get(self, environ: dict[str, Any], caller: Caller, folder_id: str, names: Names) -> Answer | None:
        standing, name = caller.standing, names[-1]
        leaf = self._hot.leaf(standing, folder_id, name)
        if leaf is None:
            return None
        if "HTTP_RANGE" not in environ and (whole := self._whole(standing, leaf, name)) is not None:
            environ[AT_HAND] = True
            return whole
        key = self._key(standing, leaf)
        parts = [SealedPart(*row) for row in self._hot.parts(leaf.blob_id)] if leaf.sealed is None else ()
        reader = BlobReader(self._runtime.ports.objects, leaf.blob_id, leaf.size, leaf.sha256, key, parts, leaf.sealed)
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
            modified=instant_of(leaf.made_at),
        )
        return Answer(sent.status, [*sent.headers, ("OC-Checksum", checksum(leaf.sha256))], sent.body)

    def _small(self, _environ: dict[str, Any], caller: Caller, folder_id: str, names: Names) -> Answer | None:
        leaf = self._hot.leaf(caller.standing, folder_id, names[-1])
        return self._whole(caller.standing, leaf, names[-1]) if leaf is not None else None

    def _whole(self, standing: Standing, leaf: Leaf, name: str) -> Answer | None:
        """A file whose bytes lie in its row; None for others, and for one that is damaged."""
        if leaf.sealed is None:
            return None
        content = open_small(self._key(standing, leaf), leaf.blob_id, leaf.sealed)
        return Answer(200, _headers(leaf, name), content) if len(content) == leaf.size else None

    def _key(self, standing: Standing, leaf: Leaf) -> bytes:
        return unwrap(leaf.wrapped, self._hot.space_key(standing), leaf.blob_id, standing.space_id)

    def _put(self, environ: dict[str, Any], caller: Caller, folder_id: str, names: Names) -> Answer | None:
        length = environ.get("CONTENT_LENGTH", "")
        limit = self._runtime.settings.inline_limit
        if not (length.isascii() and length.isdecimal()) or len(length) > 9 or int(length) > limit:
            return None
        data = b"".join(map(bytes, body_pieces(environ["wsgi.input"], int(length), limit)))
        put = partial(self._puts.put, caller.actor, caller.standing, folder_id, names[-1], data, media_type(environ))
        try:
            version_id = put()
        except DRIVER_ERRORS:
            version_id = None
        if version_id is None:
            environ["wsgi.input"] = BytesIO(data)  # the careful way reads it again
            return None
        return Answer(201, [("ETag", f'"{version_id}"')])

    def _move(self, environ: dict[str, Any], caller: Caller, folder_id: str, names: Names) -> Answer | None:
        to = self._destination(environ)
        if _has_body(environ) or to is None or len(to) > DEEPEST or to[: len(names)] == names:
            return None
        to_folder_id = self._hot.folder(caller.standing, to[:-1])
        if to_folder_id is None:
            return None
        spot, there = Spot(folder_id, names[-1]), Spot(to_folder_id, to[-1])
        moved = self._places.move(caller.actor, caller.standing, spot, there)
        if moved is None:
            return None
        return Answer(201, kept(moved.id, moved.version_id) if moved.version_id else [("OC-FileId", moved.id)])

    def _destination(self, environ: dict[str, Any]) -> Names | None:
        """Where a MOVE leads to in the own cloud; None where it leads elsewhere or `Overwrite` is not understood."""
        if environ.get("HTTP_OVERWRITE", "T").strip().upper() not in ("T", "F"):
            return None
        request = Request(environ, OWN_TREE, ((), False), self._runtime.settings.base_url, self._answers)
        names = request.destination()
        return names[1:] if names[:1] == (PERSONAL,) and len(names) > 1 else None

    def _delete(self, environ: dict[str, Any], caller: Caller, folder_id: str, names: Names) -> Answer | None:
        if _has_body(environ):
            return None
        gone = self._places.trash(caller.actor, caller.standing, Spot(folder_id, names[-1]))
        return Answer(204) if gone is not None else None


def _has_body(environ: dict[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH", "") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ


@lru_cache(maxsize=4096)
def _names(raw: str) -> Names:
    # with a name behind it, so that an empty piece at the end ("/a//b") is refused here, too
    return names_of(raw + "/-")[0][:-1]


def _headers(leaf: Leaf, name: str) -> list[tuple[str, str]]:
    """As `outgoing` writes them."""
    return [
        ("ETag", f'"{leaf.version_id}"'),
        ("Content-Length", str(leaf.size)),
        ("Accept-Ranges", "bytes"),
        ("Last-Modified", http_date(leaf.made_at)),
        *guards(name, leaf.media_type),
        ("OC-Checksum", checksum(leaf.sha256)),
    ]
