"""What an official may see of a body's cases: `/bodies/SLUG/cases/NUMBER/01 appeal/…`. It is read and never written.

Deliveries are frozen sets: each is a folder, numbered in the order in which they were handed over, under the names that
its manifest has. The body's own papers and what is only shared are not among them.
"""

from collections.abc import Sequence

from workspace.bodies.queries import own_bodies
from workspace.cases.inbox import register_of
from workspace.cases.queries import case, open_delivered, rights_to_delivered
from workspace.cases.views import CaseView, Document
from workspace.cloud.paths import Member
from workspace.dav.node import Node, Opening, Reached, made_up, made_up_member
from workspace.dav.paths import Names
from workspace.db.work import Work

BODIES = "bodies"
CASES = "cases"
SLASH = "\u2215"
"""Stands for the slash that numbers of cases and names of handed-over files may have."""

Tree = dict[str, "Tree | Document"]


def reach_office(work: Work, names: Names) -> Reached:
    """Follow a path that begins with `bodies`. Raises NotFound."""
    slugs = {one.slug: one.id for one in own_bodies(work)}
    if len(names) < 2 or names[1] not in slugs:
        return Reached(_folders(names[:1], tuple(slugs)), names[1:])
    if len(names) < 3 or names[2] != CASES:
        return Reached(_folders(names[:2], (CASES,)), names[2:])
    numbers = {number.replace("/", SLASH): case_id for number, case_id in register_of(work, slugs[names[1]]).items()}
    if len(names) < 4 or names[3] not in numbers:
        return Reached(_folders(names[:3], tuple(numbers)), names[3:])
    return _down(_tree(case(work, numbers[names[3]])), names, 4)


def _tree(view: CaseView) -> Tree:
    """The deliveries of a case as folders of files."""
    tree: Tree = {}
    for number, paper in enumerate(sorted(view.papers, key=lambda one: (one.at, one.id)), 1):
        folder: Tree = tree.setdefault(f"{number:02d} {paper.direction}", {})  # type: ignore[assignment]
        for document in view.documents:
            if document.delivery_id == paper.id:
                _put(folder, document.name.split("/"), document)
    return tree


def _put(folder: Tree, names: Sequence[str], document: Document) -> None:
    for name in names[:-1]:
        below = folder.setdefault(name, {})
        if not isinstance(below, dict):
            break
        folder = below
    else:
        if names[-1] not in folder:
            folder[names[-1]] = document
            return
    # a file stands in the way of a folder: it is found beside it
    folder[SLASH.join(names)] = document


def _down(tree: Tree, names: Names, above: int) -> Reached:
    for number in range(above, len(names)):
        step = tree.get(names[number])
        if step is None:
            return Reached(_folder(names[:number], tree), names[number:])
        if isinstance(step, Document):
            return Reached(_file(names[: number + 1], step), names[number + 1 :])
        tree = step
    return Reached(_folder(names, tree), ())


def _folders(names: Names, inside: Sequence[str]) -> Node:
    return made_up(names, lambda _work: [made_up_member(name) for name in inside])


def _folder(names: Names, tree: Tree) -> Node:
    return made_up(
        names,
        lambda _work: [
            _member(name, one) if isinstance(one, Document) else made_up_member(name) for name, one in tree.items()
        ],
    )


def _file(names: Names, document: Document) -> Node:
    member = _member(names[-1], document)
    return Node(names, member, lambda _work: (), open=lambda work: _open(work, document, member), fixed=True)


def _open(work: Work, document: Document, member: Member) -> Opening:
    opened = open_delivered(work, document.id)
    return Opening(
        reader=opened.reader,
        name=member.name,
        media_type=opened.media_type,
        etag=document.id,
        modified=document.at,
        sha256=bytes.fromhex(document.sha256),
        again=lambda work: rights_to_delivered(work, document.id),
    )


def _member(name: str, document: Document) -> Member:
    return Member(
        document.id, name, False, document.size, document.media_type, document.id, document.at, document.at,
        document.id, document.at,
    )  # fmt: skip
