"""Merkle trees as in RFC 9162 section 2.1, pure: hashes, roots, proofs and their verification.

A tree is kept as its complete subtrees: the node (level, index) covers the 2**level leaves from index * 2**level on.
They never change as the tree grows, so appending and proving touch O(log n) of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

Node = tuple[int, int]
"""(level, index) of a complete subtree; level 0 are the leaves."""

Span = tuple[int, int]
"""Leaves from the first number up to, not including, the second."""

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def cover(span: Span) -> list[Node]:
    """The complete subtrees, widest first, that a span of the RFC's recursion consists of.

    Such a span begins at a multiple of the smallest power of two that is not less than its length.
    """
    start, stop = span
    nodes = []
    for level in reversed(range((stop - start).bit_length())):
        if (stop - start) >> level & 1:
            covered = (stop - start) >> level + 1 << level + 1
            nodes.append((level, (start + covered) >> level))
    return nodes


def span_hash(span: Span, hashes: Mapping[Node, bytes]) -> bytes:
    """MTH of the leaves of a span, from the hashes of the subtrees that `cover` names."""
    return fold(hashes[node] for node in cover(span))


def fold(hashes: Iterable[bytes]) -> bytes:
    """One hash of complete subtrees that stand side by side, widest first."""
    waiting = list(hashes)
    if not waiting:
        return EMPTY_ROOT
    result = waiting.pop()
    while waiting:
        result = node_hash(waiting.pop(), result)
    return result


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The spans whose hashes prove that a leaf is there (section 2.1.3.1). Raises ValueError outside the tree."""
    if not 0 <= index < size:
        raise ValueError("the leaf lies outside the tree")
    spans = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """The spans whose hashes prove that the tree of `first` leaves begins the tree of `second` (section 2.1.4.1).

    Raises ValueError unless 0 < first <= second.
    """
    if not 0 < first <= second:
        raise ValueError("the first tree is empty or larger than the second")
    spans = []
    start, stop, whole = 0, second, True
    while stop != first:
        middle = start + _split(stop - start)
        if first <= middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start, whole = middle, False
    if not whole:
        spans.append((start, stop))
    return spans[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` in the tree of this size and root (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last = index, size - 1
    result = leaf
    for sibling in path:
        if last == 0:
            return False
        if number & 1 or number == last:
            result = node_hash(sibling, result)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the second tree holds the first, unchanged, as its beginning (section 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not hashes:
        return False
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


@dataclass(slots=True)
class Frontier:
    """The right edge of a growing tree: all that is needed to append to it and to know its root.

    `hashes` are those of `cover((0, size))`, widest first.
    """

    size: int
    hashes: list[bytes]

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Take one more leaf hash; returns the complete subtrees that came into being, the leaf itself first."""
        index = self.size
        grown = [((0, index), leaf)]
        level = 0
        while index & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            level, index = level + 1, index >> 1
            grown.append(((level, index), leaf))
        self.hashes.append(leaf)
        self.size += 1
        return grown

    def root(self) -> bytes:
        return fold(self.hashes)
