"""A receipt proves what was handed over, and says so when something is not as it was."""

from typing import Any

import pytest
from sqlalchemy import update

from tests.cases.conftest import Town
from workspace.cases import queries, receipts
from workspace.cases.models import DeliveredFile
from workspace.cases.receipts import Check
from workspace.db.facts import FactRow
from workspace.kernel.errors import NotFound


@pytest.fixture
def kept(town: Town) -> tuple[dict[str, Any], bytes]:
    """A receipt that the citizen has kept, and its signature."""
    case = town.delivered()
    with town.world.reading(town.olena.actor) as work:
        paper = queries.case(work, case.id).papers[0]
        found = receipts.receipt_json(work, paper.id)
    return found["receipt"], bytes.fromhex(found["signature"])


def check(town: Town, receipt: dict[str, Any], signature: bytes) -> Check:
    with town.world.reading(town.olena.actor) as work:
        return receipts.verify_receipt(work, receipt, signature, deep=True)


def test_a_true_receipt_holds(town: Town, kept: tuple[dict[str, Any], bytes]) -> None:
    assert check(town, *kept).holds


def test_a_receipt_that_somebody_has_changed_does_not_hold(town: Town, kept: tuple[dict[str, Any], bytes]) -> None:
    receipt, signature = kept
    forged = receipt | {"time": "2026-02-01T10:00:00+00:00"}
    assert not check(town, forged, signature).signature
    assert not check(town, receipt, bytes(64)).signature
    thinner = receipt | {"files": receipt["files"][:1]}
    assert not check(town, thinner, signature).manifest


def test_an_entry_that_was_changed_in_the_store_is_found(town: Town, kept: tuple[dict[str, Any], bytes]) -> None:
    with town.world.writing(town.olena.actor) as work:
        row = update(DeliveredFile).where(DeliveredFile.name == "riser.jpg").values(sha256=bytes(32))
        work.session.execute(row)
    found = check(town, *kept)
    assert (found.signature, found.manifest, found.damaged) == (True, False, ("riser.jpg",))


def test_a_receipt_of_nothing_here_is_not_found(town: Town, kept: tuple[dict[str, Any], bytes]) -> None:
    receipt, signature = kept
    with town.world.reading(town.olena.actor) as work, pytest.raises(NotFound):
        receipts.verify_receipt(work, receipt | {"delivery": "0" * 26}, signature)


def test_facts_of_a_case_hold_no_words_and_no_names_of_files(town: Town) -> None:
    case = town.answered()
    with town.world.reading(town.olena.actor) as work:
        rows = work.session.query(FactRow).where(FactRow.case_id == case.id)
        told = " ".join(str(row.details) for row in rows)
    assert "manifest" in told
    for secret in ("riser", "Burst", "replaced", "Olena", "Housing"):
        assert secret not in told
