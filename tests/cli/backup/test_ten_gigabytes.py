"""Ten gigabytes are lost and back within ten minutes, every hash as the client had it (`make faults`)."""

from __future__ import annotations

import os
import time
from hashlib import sha256

import pytest

from tests.cli.backup.houses import House, Houses, hashes, houses, is_clean
from tests.parts.faults import FaultTable
from tests.world import World
from workspace.cloud import blobs, service

__all__ = ["houses"]
pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(3600)]
MB = 1_000_000
FILES, SIZE = 40, 250 * MB
AT_MOST = 600.0


def fill(world: World) -> dict[str, str]:
    """Forty films of 250 MB; what a client has noted down of them: SHA-256 by name."""
    olena, noted = world.make_person("Olena", quota=20_000 * MB), {}
    block = os.urandom(MB)
    for number in range(FILES):
        digest, name = sha256(), f"film-{number}.mkv"
        with blobs.BlobWriter(world.runtime.ports, world.settings) as writer:
            for piece in range(SIZE // MB):
                data = b"%016d" % (number * 1000 + piece) + block[16:]
                digest.update(data)
                writer.write(data)
            sealed = writer.finish()
        with world.writing(olena.actor) as work:
            service.add_file(work, olena.root_id, name, sealed)
        noted[name] = digest.hexdigest()
    return noted


def timed(house: House, *arguments: object) -> float:
    began = time.monotonic()
    house.run(*arguments)  # type: ignore[arg-type]
    return time.monotonic() - began


def test_ten_gigabytes_come_back_within_ten_minutes(houses: Houses, fault_table: FaultTable) -> None:
    before = houses.new("embedded", "before")
    noted = fill(before.begin())
    kept = before.folder.parent / "backup"
    backed_up = timed(before, "backup", kept)
    again = timed(before, "backup", kept)
    before.run("backup-keyring", before.folder.parent / "keys")
    after = houses.new("embedded", "after")
    after.take_secrets_of(before)
    after.take_journal_of(before)
    (keyring,) = (before.folder.parent / "keys").glob("*.keyring")
    after.run("restore-keyring", keyring)
    restored = timed(after, "restore", kept)
    fault_table.row("backup", "10 GB, SQLite and files", seconds=round(backed_up), again_seconds=round(again, 1))
    size = FILES * SIZE / MB
    fault_table.row(
        "restore", "10 GB, SQLite and files", seconds=round(restored), megabytes_a_second=round(size / restored)
    )
    assert restored < AT_MOST
    assert hashes(after.open()) == noted
    is_clean(after)
