"""Conditions of a request on what lies at its path: `If-Match`, `If-None-Match` (RFC 9110 section 13)."""

import re

from workspace.cloud.service import ABSENT
from workspace.dav.messages import Refused, Request
from workspace.dav.tree import Node
from workspace.kernel.errors import PreconditionFailed

_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|$)')


def check(request: Request, present: Node | None) -> None:
    """Raises PreconditionFailed where what lies there (None: nothing) is not what the program says it has seen."""
    tag = etag_of(present)
    expected = request.header("If-Match")
    if expected is not None and not _matches(expected, present, tag):
        raise PreconditionFailed()
    unwanted = request.header("If-None-Match")
    if unwanted is not None and _matches(unwanted, present, tag, weak=True):
        raise PreconditionFailed()


def seen_version(request: Request, present: Node | None) -> str | None:
    """What a verb that stores bytes has to find unchanged, once `check` has passed: None where nothing was said."""
    if request.header("If-Match") is not None and present is not None:
        return present.member.version_id
    if request.header("If-None-Match") is not None and present is None:
        return ABSENT
    return None


def etag_of(node: Node | None) -> str | None:
    """The entity tag of a file without its quotes: the id of its newest version. Made-up folders have none."""
    return node.member.version_id if node is not None else None


def tags_in(text: str) -> list[tuple[bool, str]]:
    """The entity tags of a list, each with whether it is weak. Raises Refused (400)."""
    found, position = [], 0
    while position < len(text):
        tag = _TAG.match(text, position)
        if tag is None:
            raise Refused(400, "Write entity tags in quotes, with commas between them.")
        found.append((tag[1] is not None, tag[2]))
        position = tag.end()
    return found


def _matches(field: str, present: Node | None, tag: str | None, *, weak: bool = False) -> bool:
    if field == "*":
        return present is not None
    return any(one == tag and (weak or not is_weak) for is_weak, one in tags_in(field))
