"""docs/asvs.csv: each requirement of OWASP ASVS 5.0 that is claimed has a test that is there, or a reason."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.laws.tree import functions, parse
from tests.parts.services import ROOT

ROWS = list(csv.DictReader((ROOT / "docs" / "asvs.csv").open(encoding="utf-8")))
REASON = "n/a: "


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_requirement_has_a_test_or_a_reason(row: dict[str, str]) -> None:
    evidence = row["evidence"]
    if evidence.startswith(REASON):
        assert len(evidence.split()) > 6, "a reason is a sentence"
        return
    file, _, name = evidence.partition("::")
    assert name in {one.name for one in functions(parse(ROOT / Path(file)))}, evidence


def test_each_requirement_stands_once_and_says_what_it_is() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert all(row["requirement"] and len(row) == 3 for row in ROWS)
