"""The sealed format does not drift: fixed keys and nonces give the committed bytes, and thirty lines that share no code
with the program open them, following README.md alone."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workspace.storage import sealing, wrapping

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())


def said(size: int) -> bytes:
    """The content of every vector: byte i is i mod 251."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def sealed_part(vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(sealing, "fresh_prefix", lambda: bytes.fromhex(vector["prefix"]))
    sealer = sealing.PartSealer(bytes.fromhex(vector["key"]), vector["blob_id"], vector["ordinal"])
    return b"".join([sealer.header(), *map(bytes, sealer.update(said(vector["size"]))), sealer.finish()])


def opened_by_the_readme(sealed: bytes, key: bytes, blob_id: str, ordinal: int) -> bytes:
    header, body = sealed[:16], sealed[16:]
    assert header[:8] == b"CWS1\x12\x01\x00\x00"
    chunks = [body[at : at + 262_160] for at in range(0, len(body), 262_160)]
    plain = b""
    for index, chunk in enumerate(chunks):
        nonce = header[8:] + index.to_bytes(4, "big")
        last = index == len(chunks) - 1
        bound = header[:8] + ordinal.to_bytes(4, "big") + index.to_bytes(4, "big") + bytes([last]) + blob_id.encode()
        plain += AESGCM(key).decrypt(nonce, chunk, bound)
    return plain


@pytest.mark.parametrize("vector", VECTORS["parts"], ids=lambda one: f"{one['size']} bytes")
def test_a_part_is_sealed_as_the_vectors_say(vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = sealed_part(vector, monkeypatch)
    assert hashlib.sha256(sealed).hexdigest() == vector["sealed_sha256"]
    assert len(sealed) == vector["sealed_size"] == sealing.sealed_size(vector["size"])
    assert sealed[:48].hex() == vector["sealed_begins"]
    assert sealed[-16:].hex() == vector["last_tag"]


@pytest.mark.parametrize("vector", VECTORS["parts"], ids=lambda one: f"{one['size']} bytes")
def test_the_readme_is_enough_to_open_a_part(vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = sealed_part(vector, monkeypatch)
    key = bytes.fromhex(vector["key"])
    assert opened_by_the_readme(sealed, key, vector["blob_id"], vector["ordinal"]) == said(vector["size"])


def test_a_whole_small_part_stands_in_the_vectors() -> None:
    vector = VECTORS["small"]
    key, sealed = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sealed"])
    assert opened_by_the_readme(sealed, key, vector["blob_id"], 0) == vector["content"].encode()
    assert sealing.open_small(key, vector["blob_id"], sealed) == vector["content"].encode()


def test_a_wrapped_key_stands_in_the_vectors() -> None:
    vector = VECTORS["wrapped_key"]
    wrapped, space_key = bytes.fromhex(vector["wrapped"]), bytes.fromhex(vector["space_key"])
    bound = b"cwk1" + vector["blob_id"].encode() + vector["space_id"].encode()
    data_key = AESGCM(space_key).decrypt(wrapped[:12], wrapped[12:], bound)
    assert data_key.hex() == vector["data_key"]
    assert wrapping.unwrap(wrapped, space_key, vector["blob_id"], vector["space_id"]) == data_key
