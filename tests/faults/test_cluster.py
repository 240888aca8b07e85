"""One of three stores dies in the middle of writing: nothing acknowledged is lost, nothing wrong is read."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.parts.cluster import VOLUMES, SeaweedCluster
from tests.parts.faults import FaultTable, share
from workspace.kernel.errors import DomainError
from workspace.kernel.ids import new_id
from workspace.storage.objects import open_objects
from workspace.storage.s3 import S3Store

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
OBJECTS, WRITERS = 400, 4


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[SeaweedCluster]:
    started = SeaweedCluster(tmp_path / "cluster")
    yield started
    started.stop()


def write(store: S3Store, count: int, kept: dict[str, bytes], refused: list[str], reached: threading.Event) -> None:
    """As the blob writer does: what is refused is tried once more under a new key; what is acknowledged is kept."""
    for number in range(count):
        data = os.urandom(10_000 + number * 50)
        for _try in range(2):
            key = new_id()
            writer = store.create(key)
            writer.write(data)
            try:
                writer.commit()
            except DomainError as error:
                refused.append(error.code)
                continue
            kept[key] = sha256(data).digest() + len(data).to_bytes(4)
            break
        if number == count // 2:
            reached.set()


def wrong(store: S3Store, kept: dict[str, bytes]) -> list[str]:
    """Keys whose objects are not read as they were written."""
    found = []
    for key, known in kept.items():
        try:
            data = store.read(key, 0, int.from_bytes(known[32:]))
        except DomainError:
            data = b""
        if sha256(data).digest() != known[:32]:
            found.append(key)
    return found


def test_one_of_three_volume_servers_dies_while_objects_are_written(
    cluster: SeaweedCluster, fault_table: FaultTable
) -> None:
    store = open_objects(cluster.seaweed.url("data"))
    assert isinstance(store, S3Store)
    store.ready()
    kept: dict[str, bytes] = {}
    refused: list[str] = []
    reached = threading.Event()
    each = share(50, OBJECTS) // WRITERS
    writers = [threading.Thread(target=write, args=(store, each, kept, refused, reached)) for _ in range(WRITERS)]
    for one in writers:
        one.start()
    assert reached.wait(300)
    victim = max(range(VOLUMES), key=cluster.size)
    held = cluster.size(victim)
    cluster.kill(victim)
    for one in writers:
        one.join()
    assert held > 100_000, "it held some of the objects"
    assert len(kept) >= each * WRITERS * 9 // 10
    assert wrong(store, kept) == []
    cluster.revive(victim)
    assert wrong(store, kept) == [], "nor afterwards, when it is back with what it had"
    fault_table.row(
        "volume server killed", "three-node SeaweedFS, replication 001",
        objects=len(kept), lost=0, failed_reads=0, refused_writes=len(refused),
    )  # fmt: skip
