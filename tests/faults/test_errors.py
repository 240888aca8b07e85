"""A disk fails or is full: whoever asked is told by name, and the same process goes on as soon as the disk does."""

from __future__ import annotations

import pytest

from tests.faults.conftest import StruckTown
from tests.faults.operations import OPERATIONS
from tests.parts.faults import FaultTable, share

pytestmark = pytest.mark.slow
EVERY_DAY = (
    "PUT", "resumed upload", "move of a tree", "move onto a file", "revoke", "deliver", "seal the log", "key rotation"
)  # fmt: skip
STRUCK = share(EVERY_DAY, tuple(name for name in OPERATIONS if name not in ("sweep", "checkpoint")))
POINTS = 3
HEAVY_POINTS = 12


@pytest.mark.parametrize("operation", STRUCK)
@pytest.mark.parametrize("kind", ["sync", "full"])
def test_a_failing_disk_is_named_and_nothing_is_half_there(
    embedded_town: StruckTown, fault_table: FaultTable, kind: str, operation: str
) -> None:
    whole = HEAVY_POINTS if OPERATIONS[operation].heavy else None
    result = embedded_town.strike("error", operation, kind=kind, most=share(POINTS, whole))
    assert result["found"] == [], "\n".join(result["found"][:5])
    assert result["points"] >= 1
    what = {"sync": "EIO at a sync", "full": "full disk"}[kind]
    fault_table.row(what, operation, points=result["points"], seconds=result["seconds"])
