"""What of a fact goes into the log: its canonical form, blinded by the fact's salt."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from workspace.db.facts import FactRow
from workspace.kernel.canonical import canonical
from workspace.trust.merkle import leaf_hash

NO_SALT = bytes(16)

Fact = FactRow | Row[Any]
"""A fact as the ORM gives it, or its row as it comes: a log takes thousands of them in a second."""

FIELDS = (
    "id",
    "kind",
    "door",
    "person_id",
    "body_id",
    "link_id",
    "thing_kind",
    "thing_id",
    "space_id",
    "case_id",
    "grant_id",
    "details",
)


def written_time(instant: datetime) -> str:
    """A time as leaves, heads and receipts write it: UTC, six digits of a second, `2026-03-02T18:42:07.000000Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fact_values(fact: Fact) -> dict[str, Any]:
    """The values that the leaf of a fact is made of: all columns, save `leaf` and `salt`."""
    return {"at": written_time(fact.at), **{name: getattr(fact, name) for name in FIELDS}}


def entry_of(fact: Fact) -> bytes:
    """The log entry of a fact (32 bytes): SHA-256(salt || canonical JSON of its values)."""
    return sha256(fact.salt + canonical(fact_values(fact))).digest()


def fact_leaf_hash(fact: Fact) -> bytes:
    """The hash of the leaf that holds a fact (RFC 9162 section 2.1.1)."""
    return leaf_hash(entry_of(fact))


def blank(fact: FactRow) -> None:
    """Take out of a fact who it was and what it told; the salt goes, too, so that nobody can guess it back."""
    fact.details = {}
    fact.person_id = None
    fact.link_id = None
    fact.salt = NO_SALT


def is_blank(fact: FactRow) -> bool:
    return not fact.details and fact.person_id is None and fact.link_id is None and fact.salt == NO_SALT
