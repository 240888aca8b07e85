"""What every request asks stays as quick in a grown house as in a small one: the plans say so, on both stacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.filling import DEPTH, Grown, grow
from tests.bench.operations import Operations
from tests.bench.plans import GROWING, growing, large_tables, listening
from tests.parts.worlds import STACKS, _world
from tests.world import World

pytestmark = pytest.mark.slow
ITEMS, GRANTS = 20_000, 20_000


@pytest.fixture(scope="module", params=STACKS)
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    """Enough rows for both planners to show what they will do with many more, and statistics as after a year."""
    for world in _world(request, tmp_path_factory.mktemp("grown"), request.param):
        yield grow(world, ITEMS, GRANTS)


@pytest.fixture(scope="module")
def operations(grown: Grown) -> Operations:
    return Operations(grown)


def steps_that_grow(world: World, operation: str, prepare, act) -> list[str]:
    engine = world.runtime.database.engine
    prepare()
    with listening(engine) as heard:
        act()
    with engine.connect() as connection:
        large = large_tables(connection)
        assert {"item", "version", "grant_", "fact"} <= large <= set(GROWING)
        assert heard.asked, operation
        plans = heard.plans(connection)
    return [f"{operation}: {step}\n{asked}" for asked, plan in plans.items() for step in growing(plan, large)]


def test_no_operation_reads_a_growing_table_from_end_to_end(grown: Grown, operations: Operations) -> None:
    found = []
    for name, (prepare, act) in operations.all().items():
        found += steps_that_grow(grown.world, name, prepare, act)
    assert not found, "\n\n".join(found)


def test_a_right_twenty_folders_deep_is_decided_by_two_statements_over_indexes(
    grown: Grown, operations: Operations
) -> None:
    engine = grown.world.runtime.database.engine
    with listening(engine) as heard:
        verdict = operations.check_deep()
    assert verdict.grant is not None
    assert len(grown.world.thing(grown.deep).lineage) == DEPTH + 1
    assert len(heard.asked) == 2
    with engine.connect() as connection:
        plans = heard.plans(connection)
    text = "\n".join(step for plan in plans.values() for step in plan)
    assert "ix_grant_" in text
    assert "BLOOM FILTER" not in text


@pytest.mark.parametrize(
    "step",
    [
        "SCAN version",
        "->  Seq Scan on version  (cost=0.00..743.82 rows=20082 width=242)",
        "BLOOM FILTER ON g (thing_id=?)",
    ],
)
def test_a_plan_that_grows_is_seen(step: str) -> None:
    assert growing([step], {"version"}) == [step]


@pytest.mark.parametrize(
    "step",
    ["SEARCH version USING INDEX ix_version (item_id=?)", "->  Seq Scan on space  (cost=0.00..3.02 rows=102 width=61)"],
)
def test_an_index_and_a_small_table_are_fine(step: str) -> None:
    assert growing([step], {"version"}) == []
