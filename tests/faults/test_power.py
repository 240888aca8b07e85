"""The power goes in the middle of work: what was answered is on the disk, and the rig would see a missing fsync."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.power import lost, moments, run_until_cut
from tests.parts.faults import FaultTable
from tests.parts.power import PowerDisk

pytestmark = [pytest.mark.slow, pytest.mark.faults]
CUTS = 12
SEED = 20261125


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[PowerDisk]:
    made = PowerDisk(tmp_path)
    made.start()
    yield made
    made.end()


@pytest.mark.parametrize("answers", moments(CUTS, SEED))
def test_a_power_cut_takes_nothing_that_was_answered(disk: PowerDisk, answers: int, fault_table: FaultTable) -> None:
    began = time.monotonic()
    told = run_until_cut(disk, answers)
    assert len(told) > answers
    disk.start_again()
    assert list(lost(disk.mounted / "instance", told)) == []
    fault_table.row("power cut", f"after {answers} answers", lost=0, seconds=round(time.monotonic() - began, 1))


def test_the_rig_finds_out_a_program_that_does_not_sync(disk: PowerDisk, fault_table: FaultTable) -> None:
    """Under eatmydata every fsync is a lie; a rig that saw nothing then would see nothing ever."""
    told = run_until_cut(disk, 20, eat_my_data=True)
    assert len(told) > 20
    disk.start_again()
    found = list(lost(disk.mounted / "instance", told))
    assert found
    fault_table.row("power cut", "under eatmydata, to prove the rig", found=len(found))
