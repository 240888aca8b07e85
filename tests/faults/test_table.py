"""The convention that `make faults` stands on: one switch, one table, and nothing skipped in silence."""

from __future__ import annotations

from tests.parts.faults import everything, lines, share


def test_one_variable_widens_all_of_it() -> None:
    assert everything({"FAULTS": "1"})
    assert not everything({})
    assert not everything({"FAULTS": "0"})
    assert share(3, 12) in (3, 12)


def test_the_table_can_be_quoted_as_it_is() -> None:
    assert lines([("power cut", "deliver", {"points": 20}), ("kill", "small PUT", {"points": 14, "seconds": 2.5})]) == [
        "| what | to | measured |",
        "|---|---|---|",
        "| kill | small PUT | points 14, seconds 2.5 |",
        "| power cut | deliver | points 20 |",
    ]
