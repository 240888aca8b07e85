"""PROPFIND: one query for a folder, one string for each of its members."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from workspace.cloud.paths import Member
from workspace.cloud.queries import usage
from workspace.cloud.views import Usage
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.multistatus import multistatus, response
from workspace.dav.paths import quoted
from workspace.dav.properties import LIVE, ONLY_ASKED, QUOTA, Shown
from workspace.dav.tree import Node, looking, reach
from workspace.dav.xml import DAV, children, empty_element, parse
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import NotFound

BODY_LIMIT = 64 << 10
MOST_PROPERTIES = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """What a body asks for (RFC 4918 section 9.1). `everything`: all live and dead properties, beside `names`;
    `only_names`: their names without values."""

    names: tuple[str, ...]
    everything: bool = False
    only_names: bool = False

    @property
    def dead(self) -> bool:
        """Whether what programs have stored has to be looked up."""
        return self.everything or any(name not in LIVE for name in self.names)


def propfind(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """Depth 0 or 1; all that is told is read in one transaction. Depth infinity is refused, as section 9.1 allows."""
    depth = request.depth()
    if depth == "infinity":
        raise Refused(403, "List one folder at a time: Depth 0 or 1.", condition="<d:propfind-finite-depth/>")
    asked = read(request.body(BODY_LIMIT))
    with looking(runtime, actor, request.names) as work:
        node = reach(work, request.names).found
        if request.slash and not node.is_folder:
            raise NotFound()
        inside: Sequence[Member] = node.list(work) if depth == "1" and node.is_folder else ()
        room = _room(work, node) if asked.only_names or QUOTA & set(asked.names) else None
        if work.writes:
            work.commit()
    return multistatus(_responses(request, node, inside, asked, room))


def read(body: bytes) -> Asked:
    """The body of a PROPFIND; none at all asks for everything. Raises Refused (400)."""
    if not body.strip():
        return Asked(_ALL, everything=True)
    root = parse(body)
    if root.tag != f"{DAV}propfind":
        raise Refused(400, "PROPFIND takes <propfind>.")
    kinds = {one.tag: one for one in children(root)}
    names: list[str] = []
    for kind in ("prop", "include"):
        names += [one.tag for one in children(kinds[DAV + kind])] if DAV + kind in kinds else []
    if len(names) > MOST_PROPERTIES:
        raise Refused(400, "These are too many properties.")
    if f"{DAV}prop" in kinds:
        return Asked(tuple(dict.fromkeys(names)))
    if f"{DAV}propname" in kinds:
        return Asked(tuple(LIVE), everything=True, only_names=True)
    if f"{DAV}allprop" in kinds:
        return Asked(tuple(dict.fromkeys((*_ALL, *names))), everything=True)
    raise Refused(400, "Ask for prop, propname or allprop.")


def _room(work: Work, node: Node) -> Usage | None:
    """Room is the owner's to know."""
    thing = node.thing
    if thing is None or thing.space_id is None or thing.owner is None or thing.owner.id != work.actor.person_id:
        return None
    return usage(work, thing.space_id)


def _responses(
    request: Request, node: Node, inside: Sequence[Member], asked: Asked, room: Usage | None
) -> Iterator[str]:
    write = _writer(asked)
    own = request.mount.href(node.names, node.is_folder)
    yield response(own, write(Shown(node.member, room)))
    base = own if own.endswith("/") else own + "/"
    for member in inside:
        href = f"{base}{quoted(member.name)}/" if member.is_folder else base + quoted(member.name)
        yield response(href, write(Shown(member, room)))


def _writer(asked: Asked) -> Callable[[Shown], list[tuple[int, str]]]:
    """From a resource to its properties by status."""
    known = [(LIVE[name], empty_element(name)) for name in asked.names if name in LIVE]
    unknown = [empty_element(name) for name in asked.names if name not in LIVE]

    def write(shown: Shown) -> list[tuple[int, str]]:
        found, missing = [], list(unknown)
        for live, empty in known:
            value = live(shown)
            if value is None:
                missing.append(empty)
            else:
                found.append(empty if asked.only_names else value)
        return [(200, "".join(found)), (404, "" if asked.everything else "".join(missing))]

    return write


_ALL = tuple(name for name in LIVE if name not in ONLY_ASKED)
