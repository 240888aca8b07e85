"""Memory stays flat, however large a file is."""

from __future__ import annotations

import gc

import psutil
import pytest

from tests.world import World
from workspace.cloud import blobs, service

MIB = 1 << 20
SIZE = 200
GROWTH = 16


def grown_by(base: int) -> float:
    return (psutil.Process().memory_info().rss - base) / MIB


@pytest.mark.slow
def test_a_large_file_goes_in_and_out_with_flat_memory(world: World) -> None:
    olena = world.make_person()
    piece = memoryview(bytes(range(256)) * (MIB // 256))
    world.upload(olena.actor, olena.root_id, "warm", bytes(piece) * 12)
    gc.collect()
    base = psutil.Process().memory_info().rss
    growth = 0.0
    with blobs.BlobWriter(world.runtime.ports, world.settings) as writer:
        for _ in range(SIZE):
            writer.write(piece)
            growth = max(growth, grown_by(base))
        sealed = writer.finish()
    with world.writing(olena.actor) as work:
        added = service.add_file(work, olena.root_id, "film", sealed)
    with world.writing(olena.actor) as work:
        reader = service.open_version(work, added.item.id)
    for got in reader.stream():
        assert got[:256] == piece[:256]
        growth = max(growth, grown_by(base))
    assert growth <= GROWTH, f"grew by {growth:.1f} MiB on {world.stack.name}"
