"""Bytes of any size stream through in flat memory, and nothing of them lies anywhere in the clear."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.services import run_folder
from tests.storage.ways import Bare, Sealed
from workspace.kernel.ids import new_id
from workspace.storage.keyring import open_keyring
from workspace.storage.master import create_master_key
from workspace.storage.objects import open_objects
from workspace.storage.sealing import seal_small
from workspace.storage.wrapping import wrap

MIB = 1 << 20

STREAM = """
import os, resource, sys
from functools import partial
from workspace.kernel.ids import new_id
from workspace.storage.objects import open_objects
from workspace.storage.sealing import PartSealer, open_range, plain_capacity

MIB = 1 << 20
store, total = open_objects(sys.argv[1]), int(sys.argv[2]) * MIB
store.ready()
arriving, key = memoryview(os.urandom(MIB)), os.urandom(32)
per_part = min(plain_capacity(store.part_limit) // MIB * MIB, 128 * MIB)

def there_and_back(size):
    blob_id, done, ordinal = new_id(), 0, 0
    while done < size:
        part = min(per_part, size - done)
        name, sealer = new_id(), PartSealer(key, blob_id, ordinal)
        writer = store.create(name)
        writer.write(sealer.header())
        for _ in range(part // MIB):
            for chunk in sealer.update(arriving):
                writer.write(chunk)
        writer.write(sealer.finish())
        writer.commit()
        back = 0
        for piece in open_range(partial(store.read, name), key, blob_id, ordinal, part, 0, part):
            assert piece == arriving
            back += len(piece)
        assert back == part
        store.delete(name)
        done, ordinal = done + part, ordinal + 1

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

there_and_back(16 * MIB)
before = peak()
there_and_back(total)
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["filesystem", "s3"])
def test_300_mib_go_in_and_out_in_flat_memory(request: pytest.FixtureRequest, tmp_path: Path, where: str) -> None:
    url = f"file://{tmp_path}/objects" if where == "filesystem" else request.getfixturevalue("s3_url")
    grown = subprocess.run([sys.executable, "-c", STREAM, url, "300"], check=True, capture_output=True, text=True)
    assert int(grown.stdout) <= 8  # MiB


def holding(folder: Path, marker: bytes) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file() and marker in one.read_bytes()]


@pytest.mark.parametrize("where", ["filesystem", "s3"])
def test_no_word_of_a_file_lies_on_the_disk(request: pytest.FixtureRequest, tmp_path: Path, where: str) -> None:
    url = f"file://{tmp_path}/objects" if where == "filesystem" else request.getfixturevalue("s3_url")
    kept = tmp_path if where == "filesystem" else run_folder() / "seaweed"
    marker = secrets.token_bytes(24)
    lent = Sealed(open_objects(url))
    lent.put(marker * 40_000)
    unfinished = lent.store.create(new_id())
    unfinished.write(seal_small(lent.data_key, new_id(), marker * 100))
    space = new_id()
    keyring = open_keyring(f"sqlite:///{tmp_path}/keyring.db", create_master_key(tmp_path / "secrets" / "master.key"))
    keyring.create(space)
    (tmp_path / "wrapped").write_bytes(wrap(lent.data_key, keyring.key(space), lent.blob_id, space))
    for secret in (marker, lent.data_key, keyring.key(space)):
        assert holding(kept, secret) == holding(tmp_path, secret) == []
    bare = Bare(lent.store)
    bare.put(marker * 40_000)
    assert holding(kept, marker)  # so that the look above is known to see
