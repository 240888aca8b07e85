"""PROPFIND: one query for a folder, one string for each of its members."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workspace.accounts.instance import data_fingerprint
from workspace.cloud.etags import etags_are_old, fold_changes
from workspace.cloud.locks import LockView, locks_in, locks_on
from workspace.cloud.paths import Member, checksums_in, levels
from workspace.cloud.properties import properties_in
from workspace.cloud.queries import usage
from workspace.dav.dialect import CHECKSUMS, DIALECT, EVERYTHING, FINGERPRINT, KNOWN
from workspace.dav.locking import active_lock
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.multistatus import multistatus, propstat, response
from workspace.dav.node import Node
from workspace.dav.paths import quoted
from workspace.dav.properties import ETAG, LOCKS, QUOTA, Listing
from workspace.dav.tree import FOLDER_ID, looking, reach
from workspace.dav.xml import DAV, children, empty_element, parse
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import NotFound
from workspace.sharing.rule import Level

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
        return self.everything or any(name not in KNOWN for name in self.names)


def propfind(runtime: Runtime, actor: Actor, request: Request) -> Answer:
    """All that is told is read in one transaction. Depth infinity is refused for folders, as section 9.1 allows.

    Without a Depth, which ought to mean infinity, programs get 1, as from most servers: those that leave it out look at
    one thing, and an answer about the folder alone could be taken for an empty one.
    """
    depth = request.depth("1")
    asked = read(request.body(BODY_LIMIT))
    with looking(runtime, actor, request.names) as work:
        told = _told(work, request, asked, depth)
        if work.writes:
            work.commit()
    if told is None:
        with runtime.writing(actor) as work:
            told = _told(work, request, asked, depth)
            work.commit()
    assert told is not None
    return multistatus(_responses(request, *told, _writer(asked)))


def _told(work: Work, request: Request, asked: Asked, depth: str) -> tuple[Node, Sequence[Member], Listing] | None:
    """What lies there; None where something has changed since ETags of folders were asked for last, and this Work is
    not one that can tell the new ones."""
    node = reach(work, request.names).found
    if request.slash and not node.is_folder:
        raise NotFound()
    if depth == "infinity" and node.is_folder:
        condition = "<d:propfind-finite-depth/>"
        raise Refused(403, "List one folder at a time: Depth 0 or 1.", condition=condition)
    old = [one for one in node.spaces if etags_are_old(work, one)] if node.is_folder and ETAG in asked.names else []
    if old:
        if not work.writes:
            return None
        for one in old:
            fold_changes(work, one)
        node = reach(work, request.names).found
    inside: Sequence[Member] = node.list(work) if depth == "1" and node.is_folder else ()
    return node, inside, _look_up(work, request, node, inside, asked)


def read(body: bytes) -> Asked:
    """The body of a PROPFIND; none at all asks for everything. Raises Refused (400)."""
    if not body.strip():
        return Asked(EVERYTHING, everything=True)
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
        return Asked(tuple(KNOWN), everything=True, only_names=True)
    if f"{DAV}allprop" in kinds:
        return Asked(tuple(dict.fromkeys((*EVERYTHING, *names))), everything=True)
    raise Refused(400, "Ask for prop, propname or allprop.")


def _look_up(work: Work, request: Request, node: Node, inside: Sequence[Member], asked: Asked) -> Listing:
    """What is known of all resources at once; nothing is looked up that was not asked for."""
    listing = Listing(work.actor, made_up=node.item is None, fixed=node.member if node.fixed else None)
    if FINGERPRINT in asked.names:
        listing.fingerprint = data_fingerprint(work)
    dialect = not DIALECT.keys().isdisjoint(asked.names)
    if node.item is None or node.thing is None:
        if dialect and node.spaces:
            listing.level = Level.VIEW
            listing.levels = {one.id: levels(work, one.id, ())[0] for one in inside}
        return listing
    owns = node.thing.owner is not None and node.thing.owner.id == work.actor.person_id
    if owns and node.thing.space_id and (asked.only_names or QUOTA & set(asked.names)):
        listing.usage = usage(work, node.thing.space_id)
    if dialect:
        listing.level, own = levels(work, node.item.id, [one.id for one in inside])
        listing.levels = own | {FOLDER_ID: Level.VIEW}
    if CHECKSUMS in asked.names:
        listing.checksums = checksums_in(work, node.item.id, members=node.is_folder)
    if asked.dead:
        listing.dead = properties_in(work, node.item.id, members=bool(inside))
    if LOCKS in asked.names:
        listing.locks = _locks(work, request, node, inside)
    return listing


def _locks(work: Work, request: Request, node: Node, inside: Sequence[Member]) -> dict[str, str]:
    """The locks that cover the node and its members, as XML, by what they cover."""
    assert node.thing is not None
    covering = [(one, _root(request, node, one)) for each in locks_on(work, node.thing) for one in each]
    found = {node.thing.id: covering}
    own = locks_in(work, node.thing, [one.id for one in inside]) if inside else {}
    deep = [one for one in covering if one[0].deep]
    for one in inside if deep else (each for each in inside if each.id in own):
        href = request.mount.href((*node.names, one.name), one.is_folder)
        found[one.id] = [*deep, *((each, href) for each in own.get(one.id, ()))]
    return {item_id: "".join(active_lock(*one) for one in each) for item_id, each in found.items()}


def _root(request: Request, node: Node, lock: LockView) -> str:
    """The address of what is locked: the node, or a folder above it as far as this tree shows it."""
    assert node.thing is not None
    above = node.thing.lineage.index(lock.item_id)
    names = node.names[: len(node.names) - above] or node.names[:1]
    return request.mount.href(names, node.is_folder if not above else True)


def _responses(
    request: Request, node: Node, inside: Sequence[Member], listing: Listing, write: Callable[[Member, Listing], str]
) -> Iterator[str]:
    own = request.mount.href(node.names, node.is_folder)
    yield response(own, write(node.member, listing))
    base = own if own.endswith("/") else own + "/"
    for member in inside:
        href = f"{base}{quoted(member.name)}/" if member.is_folder else base + quoted(member.name)
        yield response(href, write(member, listing))


def _writer(asked: Asked) -> Callable[[Member, Listing], str]:
    """From a resource to its properties, by status."""
    live = [KNOWN[name] for name in asked.names if name in KNOWN]
    empty = [empty_element(name) for name in asked.names if name in KNOWN]
    others = {name: empty_element(name) for name in asked.names if name not in KNOWN}
    dead = asked.dead
    apart = dead or asked.only_names

    def write(member: Member, listing: Listing) -> str:
        values = [value_of(member, listing) for value_of in live]
        if apart or None in values:
            return write_apart(values, member, listing)
        return propstat(200, "".join(values))  # type: ignore[arg-type]

    def write_apart(values: list[str | None], member: Member, listing: Listing) -> str:
        named = list(zip(values, empty, strict=True))
        found = [value if not asked.only_names else name for value, name in named if value is not None]
        missing = [name for value, name in named if value is None]
        if dead:
            add_dead(listing.dead.get(member.id, {}), found, missing)
        if not missing or asked.everything:
            return propstat(200, "".join(found))
        return propstat(200, "".join(found)) + propstat(404, "".join(missing))

    def add_dead(stored: Mapping[str, str], found: list[str], missing: list[str]) -> None:
        for name, empty in others.items():
            (found if name in stored else missing).append(stored.get(name, empty))
        if asked.everything:
            rest = ((name, xml) for name, xml in stored.items() if name not in others)
            found += (empty_element(name) if asked.only_names else xml for name, xml in rest)

    return write
