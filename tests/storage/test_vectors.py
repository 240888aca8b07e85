"""The sealed format does not drift: fixed keys and nonces give the committed bytes, and docs/open_sealed.py, which
shares no code with the program, opens them and the files of a real instance."""

import hashlib
import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.storage.test_keyring import wrapped_rows
from tests.world import World
from workspace.cloud.models import Blob, Part, WrappedKey
from workspace.kernel.actors import COMMAND
from workspace.storage import sealing, wrapping

SCRIPT = Path(__file__).parents[2] / "docs" / "open_sealed.py"
VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())


@pytest.fixture(scope="module")
def open_sealed() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def said(size: int) -> bytes:
    """The content of every vector: byte i is i mod 251."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def sealed_part(vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(sealing, "fresh_prefix", lambda: bytes.fromhex(vector["prefix"]))
    sealer = sealing.PartSealer(bytes.fromhex(vector["key"]), vector["blob_id"], vector["ordinal"])
    return b"".join([sealer.header(), *map(bytes, sealer.update(said(vector["size"]))), sealer.finish()])


@pytest.mark.parametrize("vector", VECTORS["parts"], ids=lambda one: f"{one['size']} bytes")
def test_a_part_is_sealed_as_the_vectors_say(vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = sealed_part(vector, monkeypatch)
    assert hashlib.sha256(sealed).hexdigest() == vector["sealed_sha256"]
    assert len(sealed) == vector["sealed_size"] == sealing.sealed_size(vector["size"])
    assert sealed[:48].hex() == vector["sealed_begins"]
    assert sealed[-16:].hex() == vector["last_tag"]


@pytest.mark.parametrize("vector", VECTORS["parts"], ids=lambda one: f"{one['size']} bytes")
def test_the_script_opens_a_part(
    vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch, open_sealed: dict[str, Any]
) -> None:
    sealed = sealed_part(vector, monkeypatch)
    key = bytes.fromhex(vector["key"])
    assert open_sealed["open_part"](sealed, key, vector["blob_id"], vector["ordinal"]) == said(vector["size"])


def test_a_whole_small_part_stands_in_the_vectors(open_sealed: dict[str, Any]) -> None:
    vector = VECTORS["small"]
    key, sealed = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sealed"])
    assert open_sealed["open_part"](sealed, key, vector["blob_id"], 0) == vector["content"].encode()
    assert sealing.open_small(key, vector["blob_id"], sealed) == vector["content"].encode()


def test_a_wrapped_key_stands_in_the_vectors(open_sealed: dict[str, Any]) -> None:
    vector = VECTORS["wrapped_key"]
    wrapped, space_key = bytes.fromhex(vector["wrapped"]), bytes.fromhex(vector["space_key"])
    data_key = open_sealed["unwrap_data_key"](wrapped, space_key, vector["blob_id"], vector["space_id"])
    assert data_key.hex() == vector["data_key"]
    assert wrapping.unwrap(wrapped, space_key, vector["blob_id"], vector["space_id"]) == data_key


def test_the_script_is_short_and_knows_nothing_of_the_program() -> None:
    text = SCRIPT.read_text()
    assert len(text.splitlines()) <= 60
    assert "import workspace" not in text
    assert "from workspace" not in text


@pytest.mark.parametrize("size", [5, 600_000])
def test_with_the_master_key_and_three_rows_the_script_opens_a_file_of_a_real_instance(
    embedded_world: World, tmp_path: Path, size: int
) -> None:
    world = embedded_world
    olena = world.make_person()
    added = world.upload(olena.actor, olena.root_id, "act.pdf", said(size))
    with world.reading(COMMAND) as work:
        blob_id, inline = work.session.execute(select(Blob.id, Blob.sealed)).one()
        keys = work.session.scalars(select(Part.object_key).order_by(Part.ordinal)).all()
        data_key = work.session.scalar(select(WrappedKey.wrapped))
    store = world.runtime.ports.objects
    parts = [store.read(key, 0, store.size(key) or 0) for key in keys] or [inline]
    for number, part in enumerate(parts):
        (tmp_path / str(number)).write_bytes(part)
    space_key = wrapped_rows(world.runtime.ports.keyring)[olena.space_id]
    words = [world.settings.master_key_path, olena.space_id, space_key.hex(), blob_id, data_key.hex()]
    command = [sys.executable, "-I", SCRIPT, *words, *(tmp_path / str(number) for number in range(len(parts)))]
    opened = subprocess.run(list(map(str, command)), capture_output=True, check=True).stdout
    assert hashlib.sha256(opened).digest() == added.version.sha256
