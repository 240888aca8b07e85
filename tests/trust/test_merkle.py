"""The tree of RFC 9162: published vectors of RFC 6962, and a naive tree that says the same as ours."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.trust.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_spans,
    cover,
    inclusion_spans,
    leaf_hash,
    node_hash,
    span_hash,
    verify_consistency,
    verify_inclusion,
)

# inputs and roots of the reference tests of RFC 6962 (certificate-transparency, merkletree/merkle_tree_test.cc)
INPUTS = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {  # (leaf counted from one, size): the proof, as in the reference tests
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (3, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (2, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENT = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def grown(entries):
    """Our tree: the frontier and all complete subtrees."""
    frontier, hashes = Frontier(0, []), {}
    for entry in entries:
        hashes.update(frontier.append(leaf_hash(entry)))
    return frontier, hashes


def naive(entries):
    """MTH, word by word from RFC 9162 section 2.1.1."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return leaf_hash(entries[0])
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return node_hash(naive(entries[:k]), naive(entries[k:]))


def naive_path(m, entries):
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m < k:
        return [*naive_path(m, entries[:k]), naive(entries[k:])]
    return [*naive_path(m - k, entries[k:]), naive(entries[:k])]


def naive_proof(m, entries, whole=True):
    if m == len(entries):
        return [] if whole else [naive(entries)]
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m <= k:
        return [*naive_proof(m, entries[:k], whole), naive(entries[k:])]
    return [*naive_proof(m - k, entries[k:], False), naive(entries[:k])]


def test_the_published_roots_come_out():
    assert grown([])[0].root() == EMPTY_ROOT
    for size, root in enumerate(ROOTS, start=1):
        assert grown(INPUTS[:size])[0].root().hex() == root


def test_the_published_inclusion_proofs_come_out_and_hold():
    for (number, size), path in PATHS.items():
        _, hashes = grown(INPUTS[:size])
        ours = [span_hash(span, hashes) for span in inclusion_spans(number - 1, size)]
        assert [one.hex() for one in ours] == path
        leaf, root = leaf_hash(INPUTS[number - 1]), bytes.fromhex(ROOTS[size - 1])
        assert verify_inclusion(leaf, number - 1, size, ours, root)


def test_the_published_consistency_proofs_come_out_and_hold():
    for (first, second), path in CONSISTENT.items():
        _, hashes = grown(INPUTS[:second])
        ours = [span_hash(span, hashes) for span in consistency_spans(first, second)]
        assert [one.hex() for one in ours] == path
        roots = bytes.fromhex(ROOTS[first - 1]), bytes.fromhex(ROOTS[second - 1])
        assert verify_consistency(first, second, *roots, ours)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_ours_equals_the_naive_tree(entries, data):
    size = len(entries)
    frontier, hashes = grown(entries)
    root = naive(entries)
    assert frontier.root() == root == span_hash((0, size), hashes)
    assert frontier.hashes == [hashes[node] for node in cover((0, size))]
    index = data.draw(st.integers(0, size - 1))
    path = [span_hash(span, hashes) for span in inclusion_spans(index, size)]
    assert path == naive_path(index, entries)
    assert verify_inclusion(leaf_hash(entries[index]), index, size, path, root)
    first = data.draw(st.integers(1, size))
    proof = [span_hash(span, hashes) for span in consistency_spans(first, size)]
    assert proof == naive_proof(first, entries)
    assert verify_consistency(first, size, naive(entries[:first]), root, proof)


@given(st.integers(2, 60), st.data())
def test_a_proof_for_something_else_is_refused(size, data):
    entries = [bytes([one]) for one in range(size)]
    frontier, hashes = grown(entries)
    root = frontier.root()
    index = data.draw(st.integers(0, size - 1))
    path = [span_hash(span, hashes) for span in inclusion_spans(index, size)]
    leaf = leaf_hash(entries[index])
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index))
    assert not verify_inclusion(leaf_hash(entries[other]), index, size, path, root)
    assert not verify_inclusion(leaf, other, size, path, root)
    assert not verify_inclusion(leaf, index, size, path[:-1], root)
    assert not verify_inclusion(leaf, index, size, [*path, root], root)
    place = data.draw(st.integers(0, len(path) - 1))
    bent = [*path]
    bent[place] = bytes([bent[place][0] ^ 1]) + bent[place][1:]
    assert not verify_inclusion(leaf, index, size, bent, root)


@given(st.integers(2, 60), st.data())
def test_a_forked_log_has_no_consistency_proof(size, data):
    entries = [bytes([one]) for one in range(size)]
    first = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, first - 1))
    fork = [*entries]
    fork[changed] = b"something else"
    _, hashes = grown(fork)
    proof = [span_hash(span, hashes) for span in consistency_spans(first, size)]
    assert not verify_consistency(first, size, naive(entries[:first]), naive(fork), proof)


def test_questions_outside_the_tree_are_refused():
    with pytest.raises(ValueError, match="outside"):
        inclusion_spans(3, 3)
    with pytest.raises(ValueError, match="larger"):
        consistency_spans(4, 3)
    assert not verify_inclusion(EMPTY_ROOT, 0, 0, [], EMPTY_ROOT)
    assert not verify_consistency(0, 3, EMPTY_ROOT, EMPTY_ROOT, [])
    assert not verify_consistency(3, 5, EMPTY_ROOT, EMPTY_ROOT, [])
