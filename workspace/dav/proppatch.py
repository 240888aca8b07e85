"""PROPPATCH (RFC 4918 section 9.2): all of it or nothing."""

from typing import Any

from workspace.cloud.properties import change_properties
from workspace.dav import conditions
from workspace.dav.dialect import KNOWN
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.multistatus import multistatus, propstat, response
from workspace.dav.tree import reach
from workspace.dav.xml import DAV, children, empty_element, parse, written
from workspace.db.runtime import Runtime
from workspace.kernel.actors import Actor

BODY_LIMIT = 256 << 10
MOST_PROPERTIES = 400


def proppatch(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """Store and take away dead properties. What this house computes itself is refused, and then nothing is changed."""
    changes = read(request.body(BODY_LIMIT))
    names = dict.fromkeys(name for name, _ in changes)
    computed = [name for name in names if name in KNOWN]
    with runtime.writing(actor) as work:
        reached = reach(work, request.names)
        node = reached.found
        conditions.check(work, request, reached)
        item, thing = node.stored
        conditions.require_tokens(work, request, thing)
        if not computed:
            change_properties(work, item.id, changes)
            work.commit()
    if computed:
        others = "".join(empty_element(name) for name in names if name not in KNOWN)
        said = propstat(403, "".join(map(empty_element, computed))) + propstat(424, others)
    else:
        said = propstat(200, "".join(map(empty_element, names)))
    return multistatus([response(request.mount.href(node.names, node.is_folder), said)])


def read(body: bytes) -> list[tuple[str, str | None]]:
    """The changes in their order: a name with its XML, or None where it goes. Raises Refused (400)."""
    root = parse(body)
    if root.tag != f"{DAV}propertyupdate":
        raise Refused(400, "PROPPATCH takes <propertyupdate>.")
    changes = [
        (one.tag, written(_with_language(one)) if step.tag == f"{DAV}set" else None)
        for step in children(root)
        if step.tag in (f"{DAV}set", f"{DAV}remove")
        for prop in children(step)
        if prop.tag == f"{DAV}prop"
        for one in children(prop)
    ]
    if not changes or len(changes) > MOST_PROPERTIES:
        raise Refused(400, "PROPPATCH sets or removes 1 to 400 properties.")
    return changes


def _with_language(element: Any) -> Any:
    """A property keeps the language that holds where it stands (section 4.3)."""
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    holds = next((one.get(language) for one in (element, *element.iterancestors()) if one.get(language)), None)
    if holds is not None:
        element.set(language, holds)
    return element
