"""PROPFIND: one query for a folder, one string for each of its members."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workspace.accounts.instance import data_fingerprint
from workspace.cloud.etags import etags_are_old, fold_changes
from workspace.cloud.locks import LockView, locks_in, locks_on
from workspace.cloud.paths import Member, checksums_in, levels
from workspace.cloud.properties import properties_in
from workspace.cloud.queries import usage
from workspace.cloud.views import Usage
from workspace.dav.dialect import CHECKSUMS, DIALECT, EVERYTHING, FINGERPRINT, KNOWN
from workspace.dav.locking import active_lock
from workspace.dav.messages import Answer, Refused, Request
from workspace.dav.multistatus import multistatus, response
from workspace.dav.node import Node
from workspace.dav.paths import quoted
from workspace.dav.properties import ETAG, LOCKS, QUOTA, Shown
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


@dataclass(slots=True)
class Known:
    """What is known of the resources of one listing, by their ids. `locks`: each with the address of what is locked.
    `level`: what the reader may do with the folder, and with what is not in `levels`."""

    node: Node
    reader: Actor

    usage: Usage | None = None
    dead: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    locks: dict[str, list[tuple[LockView, str]]] = field(default_factory=dict)
    level: Level | None = None
    levels: dict[str, Level] = field(default_factory=dict)
    checksums: Mapping[str, bytes] = field(default_factory=dict)
    fingerprint: str = ""

    def shown(self, member: Member) -> Shown:
        locks = "".join(active_lock(one, href) for one, href in self.locks.get(member.id, ()))
        return Shown(
            member,
            self.usage,
            self.dead.get(member.id, {}),
            locks,
            self.levels.get(member.id, self.level),
            self.checksums.get(member.id),
            self.node.item is None or (self.node.fixed and member is self.node.member),
            self.fingerprint,
            self.reader,
        )


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
    node, inside, known = told
    return multistatus(_responses(request, node, inside, asked, known))


def _told(work: Work, request: Request, asked: Asked, depth: str) -> tuple[Node, Sequence[Member], Known] | None:
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


def _look_up(work: Work, request: Request, node: Node, inside: Sequence[Member], asked: Asked) -> Known:
    """What is known of all resources at once; nothing is looked up that was not asked for."""
    known = Known(node, work.actor)
    if FINGERPRINT in asked.names:
        known.fingerprint = data_fingerprint(work)
    dialect = not DIALECT.keys().isdisjoint(asked.names)
    if node.item is None or node.thing is None:
        if dialect and node.spaces:
            known.level = Level.VIEW
            known.levels = {one.id: levels(work, one.id, ())[0] for one in inside}
        return known
    owns = node.thing.owner is not None and node.thing.owner.id == work.actor.person_id
    if owns and node.thing.space_id and (asked.only_names or QUOTA & set(asked.names)):
        known.usage = usage(work, node.thing.space_id)
    if dialect:
        known.level, known.levels = levels(work, node.item.id, [one.id for one in inside])
        known.levels |= {FOLDER_ID: Level.VIEW}
    if CHECKSUMS in asked.names:
        known.checksums = checksums_in(work, node.item.id, members=node.is_folder)
    if asked.dead:
        known.dead = properties_in(work, node.item.id, members=bool(inside))
    if LOCKS in asked.names:
        covering = [one for each in locks_on(work, node.item.id) for one in each]
        known.locks = {node.item.id: [(one, _root(request, node, one)) for one in covering]}
        own = locks_in(work, node.item.id, [one.id for one in inside]) if inside else {}
        deep = [one for one in known.locks[node.item.id] if one[0].deep]
        for one in inside:
            href = request.mount.href((*node.names, one.name), one.is_folder)
            known.locks[one.id] = [*deep, *((each, href) for each in own.get(one.id, ()))]
    return known


def _root(request: Request, node: Node, lock: LockView) -> str:
    """The address of what is locked: the node, or a folder above it as far as this tree shows it."""
    assert node.thing is not None
    above = node.thing.lineage.index(lock.item_id)
    names = node.names[: len(node.names) - above] or node.names[:1]
    return request.mount.href(names, node.is_folder if not above else True)


def _responses(request: Request, node: Node, inside: Sequence[Member], asked: Asked, known: Known) -> Iterator[str]:
    write = _writer(asked)
    own = request.mount.href(node.names, node.is_folder)
    yield response(own, write(known.shown(node.member)))
    base = own if own.endswith("/") else own + "/"
    for member in inside:
        href = f"{base}{quoted(member.name)}/" if member.is_folder else base + quoted(member.name)
        yield response(href, write(known.shown(member)))


def _writer(asked: Asked) -> Callable[[Shown], list[tuple[int, str]]]:
    """From a resource to its properties by status."""
    known = [(KNOWN[name], empty_element(name)) for name in asked.names if name in KNOWN]
    others = [(name, empty_element(name)) for name in asked.names if name not in KNOWN]
    names = {name for name, _ in others}

    def write(shown: Shown) -> list[tuple[int, str]]:
        found: list[str] = []
        missing: list[str] = []
        for live, empty in known:
            value = live(shown)
            if value is None:
                missing.append(empty)
            else:
                found.append(empty if asked.only_names else value)
        for name, empty in others:
            (found if name in shown.dead else missing).append(shown.dead.get(name, empty))
        if asked.everything:
            rest = ((name, xml) for name, xml in shown.dead.items() if name not in names)
            found += (empty_element(name) if asked.only_names else xml for name, xml in rest)
            missing = []
        return [(200, "".join(found)), (404, "".join(missing))]

    return write
