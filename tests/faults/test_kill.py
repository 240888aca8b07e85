"""The process dies at any call that changes something: what was acknowledged is there, the rest is not there at all."""

from __future__ import annotations

import pytest

from tests.faults.conftest import StruckTown
from tests.faults.operations import OPERATIONS, ROUND
from tests.parts.faults import FaultTable, share

pytestmark = pytest.mark.slow
POINTS = 7
HEAVY_POINTS = 60


def test_enough_points_are_struck() -> None:
    """At least 120 in `make test`; in `make faults` each operation is struck until it completes."""
    assert len(OPERATIONS) * POINTS >= 120


@pytest.mark.parametrize("operation", OPERATIONS)
def test_killed_at_any_point_it_is_whole_or_not_at_all(
    embedded_town: StruckTown, fault_table: FaultTable, operation: str
) -> None:
    whole = HEAVY_POINTS if OPERATIONS[operation].heavy else None
    result = embedded_town.strike("kill", operation, most=share(POINTS, whole))
    assert result["found"] == [], "\n".join(result["found"][:5])
    assert result["points"] >= share(POINTS, 3 * POINTS)
    fault_table.row("kill", operation, points=result["points"], seconds=result["seconds"])


GROWN_POINTS = 4
GROWN = share(
    ("PUT", "resumed upload", "move of a tree", "delete", "revoke", "deliver", "seal the log", "sweep"),
    tuple(one.name for one in ROUND),
)


@pytest.mark.parametrize("operation", GROWN)
def test_on_postgresql_and_s3_too(grown_town: StruckTown, fault_table: FaultTable, operation: str) -> None:
    result = grown_town.strike("kill", operation, most=share(GROWN_POINTS, 20))
    assert result["found"] == [], "\n".join(result["found"][:5])
    # where the database is another process, an operation makes few calls of its own, and not always as many
    assert result["points"] >= GROWN_POINTS // 2
    fault_table.row("kill, PostgreSQL and S3", operation, points=result["points"], seconds=result["seconds"])
