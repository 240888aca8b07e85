"""Answers of many parts (207, RFC 4918 section 13), written by strings in one pass and never built as a tree."""

from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from http import HTTPStatus

from workspace.dav.messages import XML, Answer
from workspace.dav.xml import PREFIXES

_DECLARED = " ".join(f'xmlns:{prefix}="{namespace}"' for namespace, prefix in PREFIXES.items())
HEAD = f'<?xml version="1.0" encoding="utf-8"?>\n<d:multistatus {_DECLARED}>'
TAIL = "\n</d:multistatus>\n"
TOGETHER = 500
"""How many parts are sent in one piece."""


@cache
def status_line(status: int) -> str:
    """A status as it stands in an answer of many parts."""
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"


def propstat(status: int, properties: str) -> str:
    """Properties, as XML, with the status that is said of them; nothing for none."""
    if not properties:
        return ""
    return f"<d:propstat><d:prop>{properties}{_end_of(status)}"


@cache
def _end_of(status: int) -> str:
    return f"</d:prop><d:status>{status_line(status)}</d:status></d:propstat>"


def response(href: str, propstats: str) -> str:
    """One part: an address (percent-encoded, hence free of what XML would need escaped), and what is said of it."""
    return f"\n<d:response><d:href>{href}</d:href>{propstats or _NOTHING}</d:response>"


def multistatus(responses: Iterable[str]) -> Answer:
    """The whole answer, streamed."""
    return Answer(207, [("Content-Type", XML)], _pieces(responses))


def error_body(message: str, condition: str = "") -> bytes:
    """What a refusal says: the precondition that was not met, and a sentence that programs show to people."""
    said = f"{condition}<s:message>{escape(message, quote=False)}</s:message>"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">{said}</d:error>\n'
    ).encode()


_NOTHING = f"<d:propstat><d:prop/><d:status>{status_line(200)}</d:status></d:propstat>"


def _pieces(responses: Iterable[str]) -> Iterator[bytes]:
    held = [HEAD]
    for one in responses:
        held.append(one)
        if len(held) >= TOGETHER:
            yield "".join(held).encode()
            held.clear()
    held.append(TAIL)
    yield "".join(held).encode()
