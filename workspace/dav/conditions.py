"""Conditions of a request on what lies at its path, and the locks it has to know of.

`If-Match` and `If-None-Match` (RFC 9110 section 13), `If` and lock tokens (RFC 4918 sections 10.4 and 7).
"""

import re

from workspace.cloud.locks import locks_on
from workspace.cloud.service import ABSENT
from workspace.dav import if_header
from workspace.dav.if_header import ConditionList, Kind, MalformedIf
from workspace.dav.messages import Refused, Request
from workspace.dav.node import Node, Reached
from workspace.dav.tree import reach
from workspace.db.work import Work
from workspace.kernel.errors import NotFound, PreconditionFailed
from workspace.kernel.things import Located

SCHEME = "opaquelocktoken:"
_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|$)')


def check(work: Work, request: Request, reached: Reached) -> None:
    """Raises PreconditionFailed where what lies there (or that nothing does) is not what the program says it knows."""
    present = None if reached.missing else reached.node
    expected = request.header("If-Match")
    if expected is not None and not _matches(expected, present):
        raise PreconditionFailed()
    unwanted = request.header("If-None-Match")
    if unwanted is not None and _matches(unwanted, present, weak=True):
        raise PreconditionFailed()
    lists = _lists(request)
    if lists and not any(_holds(work, request, one, reached) for one in lists):
        raise PreconditionFailed()


def require_tokens(work: Work, request: Request, thing: Located, *, tree: bool = False) -> None:
    """Refuse a program that does not name a lock of its own person's for each locked thing it would change (423).

    The verbs keep others out; this keeps out the other programs of the one who holds the lock.
    """
    named = submitted(request)
    for locks in locks_on(work, thing, tree=tree):
        if not any(one.mine and SCHEME + one.token in named for one in locks):
            href = request.mount.href(request.names, request.slash)
            condition = f"<d:lock-token-submitted><d:href>{href}</d:href></d:lock-token-submitted>"
            raise Refused(423, "This is locked.", condition=condition)


def submitted(request: Request) -> frozenset[str]:
    """The lock tokens that a request names in `If`. Raises Refused (400)."""
    return if_header.tokens_in(_lists(request))


def require_seen(request: Request, reached: Reached) -> None:
    """Raises PreconditionFailed where a sync client of ownCloud's or Nextcloud's kind (`mirall`) would replace a file
    without saying which one it has seen.

    It does so only for a file that it takes for a new one; refused, it keeps both sides, as a conflict. Other programs
    mean what they do when they overwrite.
    """
    blind = request.header("If-Match") is None and not _names_tags(request)
    if blind and not reached.missing and "mirall/" in (request.header("User-Agent") or ""):
        raise PreconditionFailed()


def seen_version(request: Request, present: Node | None) -> str | None:
    """What a verb that stores bytes has to find unchanged, once `check` has passed: None where nothing was said."""
    if present is not None and (request.header("If-Match") is not None or _names_tags(request)):
        return present.member.version_id
    if present is None and request.header("If-None-Match") is not None:
        return ABSENT
    return None


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


def _matches(field: str, present: Node | None, *, weak: bool = False) -> bool:
    if field == "*":
        return present is not None
    tag = present.member.version_id if present is not None else None
    return any(one == tag and (weak or not is_weak) for is_weak, one in tags_in(field))


def _lists(request: Request) -> tuple[ConditionList, ...]:
    header = request.header("If")
    try:
        return if_header.parse(header) if header is not None else ()
    except MalformedIf as error:
        raise Refused(400, f"The If header cannot be read: {error}.") from None


def _names_tags(request: Request) -> bool:
    return any(one.kind is Kind.ETAG and not one.negated for each in _lists(request) for one in each.conditions)


def _holds(work: Work, request: Request, conditions: ConditionList, reached: Reached) -> bool:
    """Whether all conditions of a list hold. A resource that lies elsewhere has neither tag nor lock."""
    there: Reached | None = reached
    if conditions.address is not None:
        names = request.mine(conditions.address)
        there = _reached(work, names) if names is not None else None
    tag, tokens = None, frozenset[str]()
    if there is not None:
        tag = None if there.missing else there.node.member.version_id
        # a name that nothing bears yet is covered by the locks of the folder it would lie in
        thing = there.node.thing
        locks = locks_on(work, thing) if thing is not None else []
        tokens = frozenset(SCHEME + one.token for each in locks for one in each if one.token)
    return all(
        (one.value in tokens if one.kind is Kind.LOCK else tag is not None and one.value == f'"{tag}"') != one.negated
        for one in conditions.conditions
    )


def _reached(work: Work, names: tuple[str, ...]) -> Reached | None:
    try:
        return reach(work, names)
    except NotFound:
        return None
