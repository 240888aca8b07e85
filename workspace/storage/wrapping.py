"""A blob's data key, wrapped by the key of one space: 12-byte random nonce, ciphertext of 32 bytes, tag of 16 bytes.

A space key wraps at most a few million data keys; random 96-bit nonces stay within the bound of 2^32 of NIST SP
800-38D, section 8.3.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workspace.kernel.errors import Damaged
from workspace.kernel.ids import LENGTH

DATA_KEY = 32
WRAPPED_KEY = 12 + DATA_KEY + 16
_KIND = b"cwk1"


def new_data_key() -> bytes:
    """A fresh 256-bit key for one blob."""
    return os.urandom(DATA_KEY)


def wrap(data_key: bytes, space_key: bytes, blob_id: str, space_id: str) -> bytes:
    """The data key as it may lie in the database: of use only with the key of this one space, for this one blob."""
    if len(data_key) != DATA_KEY:
        raise ValueError("a data key has 32 bytes")
    nonce = os.urandom(12)
    return nonce + AESGCM(space_key).encrypt(nonce, data_key, _bound(blob_id, space_id))


def unwrap(wrapped_key: bytes, space_key: bytes, blob_id: str, space_id: str) -> bytes:
    """The data key. Raises Damaged where the bytes, the key, the blob or the space are not those of `wrap`."""
    if len(wrapped_key) != WRAPPED_KEY:
        raise Damaged
    try:
        return AESGCM(space_key).decrypt(wrapped_key[:12], wrapped_key[12:], _bound(blob_id, space_id))
    except InvalidTag:
        raise Damaged from None


def _bound(blob_id: str, space_id: str) -> bytes:
    # of fixed length, the two ids cannot be cut at another place and mean something else
    if len(blob_id) != LENGTH or len(space_id) != LENGTH:
        raise ValueError(f"identifiers have {LENGTH} characters")
    return _KIND + blob_id.encode("ascii") + space_id.encode("ascii")
