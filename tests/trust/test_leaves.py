"""The leaf of a fact: what README.md promises to people who compute it themselves."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workspace.trust
from workspace.db.facts import FactRow
from workspace.kernel.canonical import canonical
from workspace.trust.leaves import blank, entry_of, fact_leaf_hash, fact_values, is_blank

README = Path(workspace.trust.__file__).with_name("README.md")


def a_fact():
    return FactRow(
        id="01krfact000000000000000000", at=datetime(2026, 3, 2, 18, 42, 7, tzinfo=UTC), kind="grant.given", door="web",
        person_id="01krperson0000000000000000", thing_kind="item", thing_id="01kritem000000000000000000",
        space_id="01krspace00000000000000000", grant_id="01krgrant00000000000000000",
        details={"ß": "Ї", "level": "view"}, salt=bytes(range(16)),
    )  # fmt: skip


def test_the_vector_of_the_readme_is_what_comes_out():
    vector = dict(re.findall(r"^    (salt|canonical|entry|leaf hash) +(\S.*)$", README.read_text(), re.MULTILINE)[-4:])
    fact = a_fact()
    assert canonical(fact_values(fact)).decode() == vector["canonical"]
    by_hand = sha256(bytes.fromhex(vector["salt"]) + vector["canonical"].encode()).digest()
    assert entry_of(fact) == by_hand == bytes.fromhex(vector["entry"])
    assert fact_leaf_hash(fact) == sha256(b"\0" + by_hand).digest() == bytes.fromhex(vector["leaf hash"])


def test_every_column_of_a_fact_is_in_its_leaf():
    leaf = fact_leaf_hash(a_fact())
    for column in FactRow.__table__.columns:
        if column.name in ("leaf", "at", "details", "salt"):
            continue
        changed = a_fact()
        setattr(changed, column.name, "x")
        assert fact_leaf_hash(changed) != leaf, column.name
    for name, value in (("at", datetime(2026, 3, 2, 18, 42, 7, 1, tzinfo=UTC)), ("details", {}), ("salt", bytes(16))):
        changed = a_fact()
        setattr(changed, name, value)
        assert fact_leaf_hash(changed) != leaf, name


def test_an_erased_fact_keeps_nothing_to_guess_the_person_by():
    fact = a_fact()
    assert not is_blank(fact)
    blank(fact)
    assert is_blank(fact)
    assert fact.person_id is None
    assert fact.details == {}
    assert not any(fact.salt)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(VALUES)
def test_canonical_json_is_json_in_one_line_and_means_the_same(value):
    written = canonical(value)
    assert json.loads(written) == value
    assert canonical(json.loads(written)) == written
    assert b"\n" not in written
    assert b"\r" not in written
    assert b"\x1b" not in written


def test_canonical_json_sorts_as_rfc_8785_says():
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]  # section 3.2.3 of the RFC
    written = json.loads(canonical(dict.fromkeys(keys)), object_pairs_hook=lambda pairs: [key for key, _ in pairs])
    assert written == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize("value", [1.5, b"x", datetime.now(UTC), {1: 2}, 2**53, "\ud800", {"a": [set()]}])
def test_what_has_no_one_form_is_refused(value):
    with pytest.raises(ValueError, match=r"canonical|integer|keys|surrogates"):
        canonical(value)
