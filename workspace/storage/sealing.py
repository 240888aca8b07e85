"""The sealed part, format version 1; README.md describes it byte for byte, with test vectors.

header   16 bytes   "CWS1" | log2 of the segment size | algorithm | 00 00 | 8 random bytes: the nonce prefix
segment  262,144 bytes of content (the last one shorter) as AES-256-GCM ciphertext, then its 16-byte tag
"""

import os
from collections.abc import Callable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workspace.kernel.errors import Damaged

SEGMENT_LOG2 = 18
SEGMENT = 1 << SEGMENT_LOG2
TAG = 16
SEALED_SEGMENT = SEGMENT + TAG
HEADER = 16
PREFIX = 8
AES_256_GCM = 1
_KIND = b"CWS1" + bytes([SEGMENT_LOG2, AES_256_GCM, 0, 0])
_BATCH = 4  # segments read and opened at a time: 1 MiB

ReadAt = Callable[[int, int], bytes | memoryview]
"""`read(offset, length)` of the sealed bytes of one part; raises Damaged where fewer are there."""


def segments(size: int) -> int:
    """How many segments `size` bytes of content take; nothing takes one, so that emptiness is sealed too."""
    return max(1, -(-size // SEGMENT))


def sealed_size(size: int) -> int:
    """Bytes that a part with `size` bytes of content takes in the store."""
    return HEADER + size + TAG * segments(size)


def plain_capacity(limit: int) -> int:
    """The most content, in whole segments, whose sealed part stays within `limit` bytes. Raises ValueError."""
    whole = (limit - HEADER) // SEALED_SEGMENT
    if whole < 1:
        raise ValueError(f"a part must hold one segment at least: {HEADER + SEALED_SEGMENT} bytes")
    return whole * SEGMENT


def fresh_prefix() -> bytes:
    """Random for every part that is begun, also for one sealed again after a cut upload: no nonce comes twice."""
    return os.urandom(PREFIX)


class _Cipher:
    """One part's cipher: the nonce and the associated data of each of its segments."""

    def __init__(self, key: bytes, blob_id: str, ordinal: int, prefix: bytes) -> None:
        self.aead = AESGCM(key)
        self._prefix = prefix
        self._ordinal = ordinal.to_bytes(4, "big")
        self._blob = blob_id.encode("ascii")

    def nonce(self, index: int) -> bytes:
        return self._prefix + index.to_bytes(4, "big")

    def bound(self, index: int, last: bool) -> bytes:
        return b"".join((_KIND, self._ordinal, index.to_bytes(4, "big"), b"\1" if last else b"\0", self._blob))


class PartSealer:
    """Seals the content of one part as it streams by, through one buffer.

    `key` is the blob's data key (32 bytes), `ordinal` counts the parts of the blob from 0. Write `header()`, then all
    that `update` yields, then `finish()`. What is yielded is valid until the next step: write it, do not keep it.
    """

    def __init__(self, key: bytes, blob_id: str, ordinal: int) -> None:
        self._prefix = fresh_prefix()
        self._cipher = _Cipher(key, blob_id, ordinal, self._prefix)
        self._out = memoryview(bytearray(SEALED_SEGMENT))
        self._held = memoryview(bytearray(SEGMENT))
        self._held_size = 0
        self._index = 0
        self.plain_size = 0

    def header(self) -> bytes:
        return _KIND + self._prefix

    def update(self, data: bytes | bytearray | memoryview) -> Iterator[memoryview]:
        """Take content; yield the segments that it fills. Go through all of them before the next call.

        A full segment is held back until more comes or `finish` is called: the last one is sealed as the last.
        """
        view = memoryview(data).cast("B")
        self.plain_size += len(view)
        at = 0
        while len(view) - at > SEGMENT - self._held_size:
            if self._held_size:
                at += self._hold(view[at : at + SEGMENT - self._held_size])
                self._held_size = 0
                yield self._seal(self._held, last=False)
            else:
                at += SEGMENT
                yield self._seal(view[at - SEGMENT : at], last=False)
        self._hold(view[at:])

    def finish(self) -> memoryview:
        """The last segment; also that of a part without content."""
        return self._seal(self._held[: self._held_size], last=True)

    def _hold(self, piece: memoryview) -> int:
        end = self._held_size + len(piece)
        self._held[self._held_size : end] = piece
        self._held_size = end
        return len(piece)

    def _seal(self, plain: memoryview, last: bool) -> memoryview:
        out = self._out[: len(plain) + TAG]
        cipher, index = self._cipher, self._index
        cipher.aead.encrypt_into(cipher.nonce(index), plain, cipher.bound(index, last), out)
        self._index += 1
        return out


def open_range(
    read: ReadAt, key: bytes, blob_id: str, ordinal: int, size: int, start: int, stop: int
) -> Iterator[memoryview]:
    """The content of one part from `start` up to, not including, `stop`, in pieces of 1 MiB at most.

    `size` is the part's content in bytes, from its row. Only the segments needed are read, and each is verified before
    a byte of it is yielded. A piece is valid until the next step. Raises Damaged, and whatever `read` raises.
    """
    if not 0 <= start <= stop <= size:
        raise ValueError("the range must lie within the part")
    if start == stop and size:
        return
    first, beyond, final = start // SEGMENT, segments(stop), segments(size) - 1
    head = HEADER if first == 0 else 0
    if first:
        cipher = _Cipher(key, blob_id, ordinal, _prefix_of(read(0, HEADER)))
    buffer = memoryview(bytearray(min(min(_BATCH, beyond - first) * SEGMENT, size)))
    for batch in range(first, beyond, _BATCH):
        count = min(_BATCH, beyond - batch)
        length = min(count * SEGMENT, size - batch * SEGMENT)
        begin = HEADER + batch * SEALED_SEGMENT
        sealed = memoryview(_exactly(read, begin - head, head + length + count * TAG))
        if head:
            cipher = _Cipher(key, blob_id, ordinal, _prefix_of(sealed[:HEADER]))
            sealed, head = sealed[HEADER:], 0
        for number in range(count):
            at = number * SEGMENT
            _open(cipher, batch + number, final, sealed[at + number * TAG :], buffer[at : min(at + SEGMENT, length)])
        offset = batch * SEGMENT
        piece = buffer[max(start - offset, 0) : min(stop - offset, length)]
        if piece:
            yield piece.toreadonly()


def seal_small(key: bytes, blob_id: str, data: bytes) -> bytes:
    """Seal content that stays in memory, as the only part (ordinal 0) of its blob."""
    if len(data) > SEGMENT:
        sealer = PartSealer(key, blob_id, 0)
        return b"".join([sealer.header(), *map(bytes, sealer.update(data)), sealer.finish()])
    # without the sealer's buffers, which take longer to make than content of a few KiB to seal
    prefix = fresh_prefix()
    cipher = _Cipher(key, blob_id, 0, prefix)
    return _KIND + prefix + cipher.aead.encrypt(cipher.nonce(0), data, cipher.bound(0, True))


def open_small(key: bytes, blob_id: str, sealed: bytes) -> bytes:
    """Open what `seal_small` has sealed. Raises Damaged."""
    body = len(sealed) - HEADER
    size = body - TAG * -(-body // SEALED_SEGMENT)
    if size < 0 or sealed_size(size) != len(sealed):
        raise Damaged
    if size > SEGMENT:
        pieces = open_range(lambda at, length: sealed[at : at + length], key, blob_id, 0, size, 0, size)
        return b"".join(map(bytes, pieces))
    cipher = _Cipher(key, blob_id, 0, _prefix_of(sealed[:HEADER]))
    try:
        return cipher.aead.decrypt(cipher.nonce(0), memoryview(sealed)[HEADER:], cipher.bound(0, True))
    except InvalidTag:
        raise Damaged from None


def _prefix_of(header: bytes | memoryview) -> bytes:
    # an unknown version, algorithm or segment size is damage: there is nothing else to fall back to
    header = bytes(header)
    if len(header) != HEADER or header[: len(_KIND)] != _KIND:
        raise Damaged
    return header[len(_KIND) :]


def _exactly(read: ReadAt, offset: int, length: int) -> bytes | memoryview:
    data = read(offset, length)
    if len(data) != length:
        raise Damaged
    return data


def _open(cipher: _Cipher, index: int, final: int, sealed: memoryview, out: memoryview) -> None:
    bound = cipher.bound(index, index == final)
    try:
        cipher.aead.decrypt_into(cipher.nonce(index), sealed[: len(out) + TAG], bound, out)
    except InvalidTag:
        raise Damaged(segment=index) from None
