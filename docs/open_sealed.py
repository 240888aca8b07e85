#!/usr/bin/env python3
"""Open a sealed file without Citizen Workspace: Python and the package `cryptography` are enough.

    open_sealed.py MASTER_KEY_FILE SPACE_ID SPACE_KEY BLOB_ID DATA_KEY PART... > content

SPACE_KEY: space_key.wrapped_key of the keyring, DATA_KEY: wrapped_key.wrapped of the database, both in hex (120
digits). PART: the blob's sealed objects in the order of part.ordinal, or a file with blob.sealed of a small one.
The format, version 1, stands in workspace/storage/README.md. Damage ends it with an exception; compare the SHA-256
of what comes out with blob.sha256.
"""

import base64
import hashlib
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HEADER, SEALED_SEGMENT = b"CWS1\x12\x01\x00\x00", 262_144 + 16


def master_keys(text: str) -> list[bytes]:
    return [base64.b64decode(line[4:]) for line in text.splitlines() if line.startswith("key:")]


def unwrap_space_key(wrapped: bytes, master_key: bytes, space_id: str) -> bytes:
    master_id = hashlib.sha256(master_key).hexdigest()[:16]
    return AESGCM(master_key).decrypt(wrapped[:12], wrapped[12:], f"cwm1{master_id}{space_id}".encode())


def unwrap_data_key(wrapped: bytes, space_key: bytes, blob_id: str, space_id: str) -> bytes:
    return AESGCM(space_key).decrypt(wrapped[:12], wrapped[12:], f"cwk1{blob_id}{space_id}".encode())


def open_part(sealed: bytes, data_key: bytes, blob_id: str, ordinal: int) -> bytes:
    header, body, content = sealed[:16], sealed[16:], b""
    assert header[:8] == HEADER, "not a sealed part of version 1"
    starts = range(0, len(body), SEALED_SEGMENT)
    for index, start in enumerate(starts):
        last = bytes([index == len(starts) - 1])
        bound = HEADER + ordinal.to_bytes(4, "big") + index.to_bytes(4, "big") + last + blob_id.encode()
        nonce = header[8:] + index.to_bytes(4, "big")
        content += AESGCM(data_key).decrypt(nonce, body[start : start + SEALED_SEGMENT], bound)
    return content


if __name__ == "__main__":
    key_file, space_id, space_key, blob_id, data_key, *parts = sys.argv[1:]
    master = master_keys(Path(key_file).read_text())[0]
    key = unwrap_space_key(bytes.fromhex(space_key), master, space_id)
    key = unwrap_data_key(bytes.fromhex(data_key), key, blob_id, space_id)
    for ordinal, part in enumerate(parts):
        sys.stdout.buffer.write(open_part(Path(part).read_bytes(), key, blob_id, ordinal))
