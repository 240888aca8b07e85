"""LOCK and UNLOCK (RFC 4918 sections 9.10 and 9.11)."""

import re
from typing import Any

from workspace.cloud.blobs import BlobWriter, forget
from workspace.cloud.locks import LockView, lock, renew, unlock
from workspace.cloud.service import add_file
from workspace.dav import conditions
from workspace.dav.conditions import SCHEME
from workspace.dav.messages import XML, Answer, Refused, Request
from workspace.dav.node import Reached
from workspace.dav.tree import reach
from workspace.dav.xml import DAV, children, parse, written
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import Locked, PreconditionFailed, WrongState

BODY_LIMIT = 16 << 10
_SECONDS = re.compile(r"Second-(\d{1,10})", re.I)


def take_lock(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """A new lock, or, without a body, a longer time for the one that `If` names (section 9.10.2).

    A name that nothing bears yet is kept by an empty file (section 7.3). Exclusive and shared, Depth 0 and infinity.
    """
    depth = request.depth()
    if depth == "1":
        raise Refused(400, "LOCK takes Depth 0 or infinity.")
    body = request.body(BODY_LIMIT)
    seconds = _timeout(request.header("Timeout"))
    if not body.strip():
        return _renew(runtime, actor, request, seconds)
    exclusive, owner = _lockinfo(parse(body))
    with BlobWriter(runtime.ports, runtime.settings) as writer:
        nothing = writer.finish()
    try:
        with runtime.writing(actor) as work:
            reached = _place(work, request)
            item, thing = reached.node.stored
            made = bool(reached.missing)
            if made:
                conditions.require_tokens(work, request, thing)
                item = add_file(work, item.id, reached.missing[0], nothing).item
            try:
                taken = lock(work, item.id, exclusive=exclusive, deep=depth == "infinity", owner=owner, seconds=seconds)
            except Locked as error:
                raise Refused(423, str(error), condition="<d:no-conflicting-lock/>") from error
            work.commit()
    except BaseException:
        forget(runtime.ports, nothing)
        raise
    href = request.mount.href(request.names, item.is_folder)
    headers = [("Content-Type", XML), ("Lock-Token", f"<{SCHEME}{taken.token}>")]
    return Answer(201 if made else 200, headers, _discovery(active_lock(taken, href)))


def end_lock(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """UNLOCK: 409 where the token is of no lock here (section 9.11.1)."""
    token = (request.header("Lock-Token") or "").strip()
    if not (token.startswith("<") and token.endswith(">")):
        raise Refused(400, "Name the lock: Lock-Token: <opaquelocktoken:…>.")
    with runtime.writing(actor) as work:
        item, _ = reach(work, request.names).found.stored
        try:
            unlock(work, item.id, token[1:-1].removeprefix(SCHEME))
        except WrongState as error:
            condition = "<d:lock-token-matches-request-uri/>"
            raise Refused(409, str(error), condition=condition) from error
        work.commit()
    return Answer(204)


def active_lock(one: LockView, root: str) -> str:
    """A lock as `lockdiscovery` tells it; `root` is the address of what is locked."""
    token = f"<d:locktoken><d:href>{SCHEME}{one.token}</d:href></d:locktoken>" if one.token else ""
    return (
        "<d:activelock><d:locktype><d:write/></d:locktype>"
        f"<d:lockscope><d:{'exclusive' if one.exclusive else 'shared'}/></d:lockscope>"
        f"<d:depth>{'infinity' if one.deep else '0'}</d:depth>{one.owner}<d:timeout>Second-{one.seconds}</d:timeout>"
        f"{token}<d:lockroot><d:href>{root}</d:href></d:lockroot></d:activelock>"
    )


def _place(work: Work, request: Request) -> Reached:
    reached = reach(work, request.names)
    conditions.check(work, request, reached)
    if len(reached.missing) > 1 or (reached.missing and (request.slash or not reached.node.is_folder)):
        raise Refused(409, "Make the folder first.")
    return reached


def _renew(runtime: Runtime, actor: Actor, request: Request, seconds: int | None) -> Answer:
    tokens = [one.removeprefix(SCHEME) for one in conditions.submitted(request)]
    if not tokens:
        raise Refused(400, "Send a lockinfo, or name the lock to renew with If.")
    with runtime.writing(actor) as work:
        item, _ = reach(work, request.names).found.stored
        try:
            renewed = renew(work, item.id, tokens, seconds)
        except PreconditionFailed as error:
            raise Refused(412, str(error), condition="<d:lock-token-matches-request-uri/>") from error
        work.commit()
    return Answer(
        200,
        [("Content-Type", XML)],
        _discovery(active_lock(renewed, request.mount.href(request.names, item.is_folder))),
    )


def _lockinfo(root: Any) -> tuple[bool, str]:
    """Whether it is exclusive, and what it says of its holder (section 14.11). Raises Refused: 400, 422."""
    parts = {one.tag: one for one in children(root)}
    if root.tag != f"{DAV}lockinfo" or f"{DAV}lockscope" not in parts or f"{DAV}locktype" not in parts:
        raise Refused(400, "LOCK takes <lockinfo>.")
    scopes = [one.tag for one in children(parts[f"{DAV}lockscope"])]
    types = [one.tag for one in children(parts[f"{DAV}locktype"])]
    if scopes not in ([f"{DAV}exclusive"], [f"{DAV}shared"]) or types != [f"{DAV}write"]:
        raise Refused(422, "Locks are exclusive or shared write locks.")
    owner = parts.get(f"{DAV}owner")
    return scopes == [f"{DAV}exclusive"], written(owner) if owner is not None else ""


def _timeout(header: str | None) -> int | None:
    """Seconds, of the first of the wishes that names them (section 10.7)."""
    found = _SECONDS.search(header or "")
    return int(found[1]) if found else None


def _discovery(locks: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<d:prop xmlns:d="DAV:"><d:lockdiscovery>{locks}</d:lockdiscovery></d:prop>\n'
    ).encode()
