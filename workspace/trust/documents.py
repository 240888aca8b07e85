"""Heads and proofs as documents that people keep and check elsewhere; `web/static/verify.py` reads them.

Hashes alone, but for `entry_document`: that one tells its fact, hence is for whoever may see it.
"""

from typing import Any

from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.errors import NotFound
from workspace.trust.heads import Head, head_document
from workspace.trust.leaves import fact_values, is_blank
from workspace.trust.log import consistency_proof, head, head_of, inclusion_proof, key

INCLUSION = "citizen-workspace inclusion proof v1"
CONSISTENCY = "citizen-workspace consistency proof v1"


def state_document(work: Work, size: int | None = None) -> dict[str, Any]:
    """The newest signed head, or the one of a size. Raises NotFound where there is none."""
    return _document(work, _head(work, size))


def consistency_document(work: Work, first: int, second: int | None = None) -> dict[str, Any]:
    """That the head of `second` (the newest by default) begins with the head of `first` (RFC 9162 section 2.1.4).

    Raises NotFound where a size has no published head, or the first is the larger one.
    """
    older, newer = _head(work, first), _head(work, second)
    proof = consistency_proof(work, older.size, newer.size)
    return {
        "format": CONSISTENCY,
        "first": _document(work, older),
        "second": _document(work, newer),
        "path": [one.hex() for one in proof.path],
    }


def path_document(work: Work, index: int, size: int | None = None) -> dict[str, Any]:
    """The way from an entry to a head, for whoever has the entry itself. Raises NotFound outside the log."""
    newest = _head(work, size)
    proof = inclusion_proof(work, index, newest.size)
    return {"leaf": index, "path": [one.hex() for one in proof.path], "head": _document(work, newest)}


def entry_document(work: Work, fact: FactRow, size: int | None = None) -> dict[str, Any]:
    """A fact with its salt and its way to the newest head, or to the one of a size.

    Raises NotFound while it is being sealed or once erased.
    """
    if fact.leaf is None or is_blank(fact):
        raise NotFound()
    return {
        "format": INCLUSION,
        "fact": fact_values(fact),
        "salt": fact.salt.hex(),
        **path_document(work, fact.leaf, size),
    }


def _head(work: Work, size: int | None) -> Head:
    found = head(work) if size is None else head_of(work, size)
    if found is None:
        raise NotFound()
    return found


def _document(work: Work, one: Head) -> dict[str, Any]:
    public_key = key(work, one.key_id)
    if public_key is None:
        raise NotFound()
    return head_document(one, public_key)
