"""What folders, sharing and delivering mean, in plain Python and without a database: `test_model.py` holds the program
against it. Written from the words of the architecture, not from the code; kept short enough to be read at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

VIEW, COMMENT, CONTRIBUTE, EDIT, OWN = 10, 20, 30, 40, 100


@dataclass
class Refused(Exception):
    """The model lets nobody do this. `hidden`: they may not even learn that the thing exists."""

    hidden: bool = False


@dataclass(eq=False)
class Node:
    """A folder or a file; `versions` are contents, the newest last. `asleep`: it was itself thrown away."""

    owner: str
    parent: Node | None
    name: str
    is_folder: bool
    versions: list[bytes] = field(default_factory=list)
    asleep: bool = False

    line = property(lambda self: [self, *(self.parent.line if self.parent else [])])
    hidden = property(lambda self: any(one.asleep for one in self.line))


@dataclass(eq=False)
class Given:
    """A grant: bound to the node, wherever that goes."""

    node: Node
    subject: str
    level: int
    over: bool = False


class Model:
    """Two people with clouds; whoever else there is holds what they were given."""

    def __init__(self, owners: tuple[str, ...]) -> None:
        self.roots = {owner: Node(owner, None, "", True) for owner in owners}
        self.nodes = list(self.roots.values())
        self.given: list[Given] = []
        self.delivered: list[list[bytes]] = []

    def level(self, who: str, node: Node) -> int:
        """What somebody may do, by the highest of what they hold on the node or anything above it; 0: nothing."""
        if who == node.owner:
            return OWN
        held = [one.level for one in self.given if one.subject == who and not one.over and one.node in node.line]
        return max(held, default=0)

    def needs(self, who: str, node: Node, level: int, *, trashed: bool = False) -> None:
        """Refuse who holds less; what lies in the trash is there for nobody but who asks for the trash."""
        present = self.level(who, node)
        if present == 0 or (node.hidden and not trashed):
            raise Refused(hidden=present == 0)
        if present < level:
            raise Refused()

    def children(self, node: Node) -> list[Node]:
        return [one for one in self.nodes if one.parent is node and not one.asleep]

    def child(self, node: Node, name: str) -> Node | None:
        return next((one for one in self.children(node) if one.name == name), None)

    def make_folder(self, who: str, place: Node, name: str) -> Node:
        self.needs(who, place, CONTRIBUTE)
        if not place.is_folder or self.child(place, name):
            raise Refused()
        return self._new(Node(place.owner, place, name, True))

    def put(self, who: str, place: Node, name: str, content: bytes) -> Node:
        """Contribute adds; only edit writes over what is there, as its next version."""
        there = self.child(place, name)
        self.needs(who, place, VIEW if there else CONTRIBUTE)
        if not place.is_folder:
            raise Refused()
        if there is None:
            return self._new(Node(place.owner, place, name, False, [content]))
        self.needs(who, there, EDIT)
        if there.is_folder:
            raise Refused()
        there.versions.append(content)
        return there

    def open(self, who: str, node: Node) -> None:
        self.needs(who, node, VIEW)
        if node.is_folder:
            raise Refused()

    def rename(self, who: str, node: Node, name: str) -> None:
        self.needs(who, node, EDIT)
        if node.parent is None or (self.child(node.parent, name) not in (None, node)):
            raise Refused()
        node.name = name

    def move(self, who: str, node: Node, place: Node) -> None:
        """Grants go with it, those of the old place stay behind. Onto a file: its next version."""
        self.needs(who, node, EDIT)
        if node.parent is None:
            raise Refused()
        self.needs(who, place, VIEW)
        if not place.is_folder or node in place.line or place.owner != node.owner:
            raise Refused()
        there = self.child(place, node.name)
        if there is node:
            return
        if there is not None and not there.is_folder and not node.is_folder:
            self.needs(who, there, EDIT)
            there.versions.append(node.versions[-1])
            if len(node.versions) == 1:
                self.nodes.remove(node)
            node.asleep = True
            return
        self.needs(who, place, CONTRIBUTE)
        if there is not None:
            raise Refused()
        node.parent = place

    def copy(self, who: str, node: Node, place: Node, name: str) -> Node:
        self.needs(who, node, VIEW)
        self.needs(who, place, VIEW)
        if not place.is_folder or node in place.line:
            raise Refused()
        there = self.child(place, name)
        if there is node:
            raise Refused()
        if there and not there.is_folder and not node.is_folder:
            self.needs(who, there, EDIT)
            there.versions.append(node.versions[-1])
            return there
        self.needs(who, place, CONTRIBUTE)
        if there:
            raise Refused()
        return self._copied(node, place, name)

    def trash(self, who: str, node: Node) -> None:
        self.needs(who, node, EDIT)
        if node.parent is None:
            raise Refused()
        node.asleep = True

    def restore(self, who: str, node: Node) -> None:
        self.needs(who, node, EDIT, trashed=True)
        if not node.asleep or node.parent is None:
            raise Refused()
        place = self.roots[node.owner] if node.parent.hidden else node.parent
        if place is not node.parent:
            self.needs(who, place, CONTRIBUTE)
        node.name = self.free(place, node.name)
        node.parent, node.asleep = place, False

    def free(self, place: Node, name: str) -> str:
        names = {one.name for one in self.children(place)}
        return next(one for one in (name, *(f"{name} ({n})" for n in range(2, 99))) if one not in names)

    def restore_version(self, who: str, node: Node, number: int) -> None:
        self.needs(who, node, EDIT)
        if node.is_folder or number >= len(node.versions):
            raise Refused()
        node.versions.append(node.versions[number])

    def share(self, who: str, node: Node, subject: str, level: int) -> None:
        """The owner alone shares; a second grant to the same subject changes the first."""
        self.needs(who, node, OWN)
        if subject == who:
            raise Refused()
        for one in self.given:
            if one.node is node and one.subject == subject and not one.over:
                one.level = level
                return
        self.given.append(Given(node, subject, level))

    def revoke(self, who: str, given: Given) -> None:
        self.needs(who, given.node, OWN)
        given.over = True

    def deliver(self, who: str, node: Node) -> None:
        self.needs(who, node, OWN)
        files = [one for one in self.nodes if node in one.line and not one.is_folder]
        self.delivered.append([one.versions[-1] for one in files if not one.hidden])

    def _new(self, node: Node) -> Node:
        self.nodes.append(node)
        return node

    def _copied(self, node: Node, place: Node, name: str) -> Node:
        new, inside = Node(place.owner, place, name, node.is_folder, node.versions[-1:]), self.children(node)
        self._new(new)
        for one in inside:
            self._copied(one, new, one.name)
        return new
