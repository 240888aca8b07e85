#!/usr/bin/env python3
"""Check what a Citizen Workspace gave you: states of its log, proofs of entries, receipts. Trusts nobody, asks nobody.

    python3 verify.py [--key HEX] [--kept KEPT.json] FILE.json ...

Give the public key you were told by another way than the file itself (`--key`), and the signed state you kept long ago
(`--kept`). One line is printed for each file; the exit code is 0 only where all hold. Needs Python 3.8 and nothing
else: the arithmetic of Ed25519 (RFC 8032) and of Merkle trees (RFC 9162) stands below, to be read.
"""

import argparse
import functools
import hashlib
import json
import sys

HEAD = "citizen-workspace log head v1"
INCLUSION = "citizen-workspace inclusion proof v1"
CONSISTENCY = "citizen-workspace consistency proof v1"
RECEIPT = "citizen-workspace receipt v1"
LEDGER = "citizen-workspace ledger v1"
LARGEST = 2**53 - 1


class Broken(Exception):
    """What does not hold, as a sentence."""


# Ed25519, verification alone (RFC 8032 section 5.1.7) -------------------------------------------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(one, two):
    """The sum of two points in extended coordinates (section 5.1.4)."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number, point):
    """A point added to itself so many times."""
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def same(one, two):
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


def x_of(y, sign):
    """The x coordinate that goes with a y (section 5.1.3); None where no point has it."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def point_of(data):
    """The point that 32 bytes name; None where they name none."""
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = x_of(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (x_of(BASE_Y, 0), BASE_Y, 1, x_of(BASE_Y, 0) * BASE_Y % P)


@functools.lru_cache(maxsize=64)
def signed(public_key, message, signature):
    """Whether 64 bytes are this 32-byte key's signature of the message."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    a, r = point_of(public_key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    return same(times(s, BASE), add(r, times(k, a)))


# Merkle trees (RFC 9162 section 2.1, as RFC 6962) -----------------------------------------------------------------
def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def included(leaf, index, size, path, root):
    """Whether a leaf stands at `index` in the tree of this size and root (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, result = index, size - 1, leaf
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


def grown(first, second, first_root, second_root, path):
    """Whether the second tree begins with the whole first one (section 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    hashes = [first_root, *path] if first & (first - 1) == 0 else path
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


# what the files say -----------------------------------------------------------------------------------------------
def canonical(value):
    """Canonical JSON (RFC 8785), as far as it occurs: strings, whole numbers, booleans, null, lists, objects."""

    def ordered(one):
        if isinstance(one, float) or (type(one) is int and abs(one) > LARGEST):
            raise Broken("it holds a number that has no canonical form")
        if isinstance(one, dict):
            return {key: ordered(one[key]) for key in sorted(one, key=lambda key: key.encode("utf-16-be"))}
        return [ordered(each) for each in one] if isinstance(one, list) else one

    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def once(pairs):
    """An object, in which no name stands twice: two readers could read two things."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise Broken("a name stands in it twice")
    return dict(pairs)


def read(path):
    with open(path, "rb") as file:
        return json.loads(file.read().decode("utf-8"), object_pairs_hook=once)


def key_of(document, given):
    """The key to check by: the one given, else the one that the document names (which proves less)."""
    public_key = bytes.fromhex(document["public_key"])
    if given and public_key != given:
        raise Broken("it names another key than the one you gave")
    if document["key"] != hashlib.sha256(public_key).hexdigest()[:16]:
        raise Broken("its key and the name of its key do not belong together")
    return public_key


def check_head(head, given):
    """A signed state of the log."""
    lines = (HEAD, head["log"], str(head["size"]), head["root"], head["time"])
    message = "".join(line + "\n" for line in lines).encode("ascii")
    if head["format"] != HEAD or len(message.splitlines()) != len(lines):
        raise Broken("it is not a signed state")
    if not signed(key_of(head, given), message, bytes.fromhex(head["signature"])):
        raise Broken("its signature does not hold")
    return "the log {log} had {size} entries at {time}, root {root}".format(**head)


def check_inclusion(proof, given):
    """An entry with its way to a signed state."""
    head = proof["head"]
    state = check_head(head, given)
    entry = sha256(bytes.fromhex(proof["salt"]) + canonical(proof["fact"]))
    path = [bytes.fromhex(one) for one in proof["path"]]
    if not included(leaf_hash(entry), proof["leaf"], head["size"], path, bytes.fromhex(head["root"])):
        raise Broken("its entry is not in the signed state")
    return "entry {}, {} at {}, is in the state: {}".format(
        proof["leaf"], proof["fact"]["kind"], proof["fact"]["at"], state
    )


def check_consistency(proof, given):
    """That a later state begins with an earlier one."""
    first, second = proof["first"], proof["second"]
    check_head(first, given)
    state = check_head(second, given)
    if first["log"] != second["log"]:
        state = f"the log {first['log']} went on as another one; {state}"
    roots = bytes.fromhex(first["root"]), bytes.fromhex(second["root"])
    path = [bytes.fromhex(one) for one in proof["path"]]
    if not grown(first["size"], second["size"], *roots, path):
        raise Broken("the later state does not begin with the earlier one: the log was changed")
    return "nothing among the first {} entries was changed: {}".format(first["size"], state)


def check_receipt(document, given):
    """A receipt, as it is downloaded beside the PDF."""
    receipt = document["receipt"]
    if receipt["format"] != RECEIPT:
        raise Broken("it is not a receipt")
    if not signed(key_of(receipt, given), canonical(receipt), bytes.fromhex(document["signature"])):
        raise Broken("its signature does not hold")
    return "receipt {number} of {time} for {count} files".format(count=len(receipt["files"]), **receipt)


CHECKS = {HEAD: check_head, INCLUSION: check_inclusion, CONSISTENCY: check_consistency, RECEIPT: check_receipt}


def check(document, given=b"", kept=None):
    """One sentence about a document that holds; raises Broken with what does not."""
    try:
        if document.get("format") == LEDGER:
            told = [check(one, given, kept) for one in document["entries"]]
            return "{} entries{}".format(len(told), (told and f", the last one: {told[-1]}") or "")
        kind = document["receipt"]["format"] if "receipt" in document else document["format"]
        if kind not in CHECKS:
            raise Broken("its format is unknown here")
        told = CHECKS[kind](document, given)
        if kept is not None:
            compare(document, kept)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise Broken(f"it cannot be read ({type(error).__name__})") from error
    return told


def compare(document, kept):
    """Hold a kept state against every state in a document: the same size must have the same root (else: a fork)."""
    for state in (document, document.get("head"), document.get("first"), document.get("second")):
        same_state = isinstance(state, dict) and (state.get("log"), state.get("size")) == (kept["log"], kept["size"])
        if same_state and state["root"] != kept["root"]:
            raise Broken("it shows another log than the state you kept: the log was forked")
    if document.get("format") == CONSISTENCY and document["first"]["size"] != kept["size"]:
        raise Broken("it does not begin at the state you kept")


def tell(path, key, kept=None):
    """Print whether a file holds; the document in it, or None where it does not hold."""
    try:
        document = read(path)
        print(f"{path}: holds: {check(document, key, kept)}")
    except (Broken, OSError, ValueError) as error:
        print(f"{path}: DOES NOT HOLD: {error}")
        return None
    return document


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--key", default=b"", type=bytes.fromhex, help="public key of the instance, 64 hex digits")
    parser.add_argument("--kept", help="a signed state that you kept")
    parser.add_argument("files", nargs="+")
    given = parser.parse_args()
    if not given.key:
        print("No --key was given: each file is checked by the key that it names, which anybody could have made.")
    kept = tell(given.kept, given.key) if given.kept else None
    if given.kept and kept is None:
        return 1
    broken = [path for path in given.files if tell(path, given.key, kept) is None]
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
