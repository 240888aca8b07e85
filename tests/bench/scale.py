"""What an operation costs as the house grows: `make bench-scale`.

For each database three towns with 10,000, 100,000 and 1,000,000 items (and 100,000 grants each) stand side by side;
every operation is measured in all of them in turn, so that whatever else the machine does meets all alike. Printed: the
median in milliseconds, the last over the first (goal 1.15, at most 1.5), and every plan that grows with the house.

    python -m tests.bench.scale [--items 10000,100000,1000000] [--grants 100000] [--rounds 40] [--only sqlite]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.filling import grow
from tests.bench.operations import Operations
from tests.bench.plans import growing, large_tables, listening
from tests.parts.postgres import PostgresServer
from tests.world import Stack, World, create_tables

GOAL, LIMIT = 1.15, 1.5


@dataclass(frozen=True)
class Town:
    """One database with its people."""

    items: int
    world: World
    operations: Operations


def build(folder: Path, database_url: str, items: int, grants: int) -> Town:
    """Make and fill a town."""
    began = time.monotonic()
    folder.mkdir(parents=True)
    create_tables(database_url)
    stack = Stack(
        "bench", database_url, f"file://{folder}/objects", f"sqlite:///{folder}/keys.db", folder / "master.key"
    )
    grown = grow(World(folder, stack), items, grants)
    town = Town(items, grown.world, Operations(grown))
    say(f"{items:>9,} items filled in {time.monotonic() - began:.0f} s")
    return town


def measure(towns: list[Town], rounds: int) -> Iterator[tuple[str, list[float]]]:
    """By operation, the median of each town, in milliseconds."""
    for name in towns[0].operations.all():
        found: list[list[float]] = [[] for _ in towns]
        for number in range(rounds + 3):
            for town, times in zip(towns, found, strict=True):
                prepare, act = town.operations.all()[name]
                prepare()
                began = time.perf_counter()
                act()
                if number >= 3:  # the first ones fill caches
                    times.append((time.perf_counter() - began) * 1000)
        yield name, [statistics.median(times) for times in found]


def plans(town: Town) -> Iterator[tuple[str, str, list[str]]]:
    """Statements of an operation whose plan grows with the house: operation, statement, steps."""
    engine = town.world.runtime.database.engine
    with engine.connect() as connection:
        large = large_tables(connection)
    for name, (prepare, act) in town.operations.all().items():
        prepare()
        with listening(engine) as heard:
            act()
        with engine.connect() as connection:
            for statement, plan in heard.plans(connection).items():
                if steps := growing(plan, large):
                    yield name, " ".join(statement.split()), steps


def bench(database: str, sizes: list[int], grants: int, rounds: int) -> bool:
    """Fill, measure and print for one database; whether the limit holds."""
    say(f"\n### {database}, {grants:,} grants\n")
    folder = Path(tempfile.mkdtemp(prefix="workspace-bench-"))
    with ExitStack() as endings:
        endings.callback(shutil.rmtree, folder, True)
        urls = [f"sqlite:///{folder}/{size}.db" for size in sizes]
        if database == "postgresql":
            server = PostgresServer()
            endings.callback(server.stop)
            urls = [server.url(server.new_database()) for _ in sizes]
        towns = [build(folder / str(size), url, size, grants) for size, url in zip(sizes, urls, strict=True)]
        for town in towns:
            endings.callback(town.world.close)
        holds = table(towns, rounds)
        for name, statement, steps in plans(towns[-1]):
            say(f"\n{name}: {'; '.join(steps)}\n    {statement}")
    return holds


def table(towns: list[Town], rounds: int) -> bool:
    say("\n| ms, median | " + " | ".join(f"{town.items:,} items" for town in towns) + " | last / first |")
    say("|---|" + "---:|" * (len(towns) + 1))
    holds = True
    for name, found in measure(towns, rounds):
        ratio = found[-1] / found[0]
        holds = holds and ratio <= LIMIT
        verdict = "" if ratio <= GOAL else " (above the goal)" if ratio <= LIMIT else " (**above the limit**)"
        say(f"| {name} | " + " | ".join(f"{one:.2f}" for one in found) + f" | {ratio:.2f}{verdict} |")
    return holds


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--items", default="10000,100000,1000000")
    asked.add_argument("--grants", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=40)
    asked.add_argument("--only", choices=["sqlite", "postgresql"])
    given = asked.parse_args()
    sizes = [int(one) for one in given.items.split(",")]
    databases = [given.only] if given.only else ["sqlite", "postgresql"]
    results = [bench(one, sizes, given.grants, given.rounds) for one in databases]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
