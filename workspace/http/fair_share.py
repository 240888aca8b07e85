"""How many connections each process that answers holds, in memory that they share: who has more lets the others accept.

All of them wait at one socket, and whoever has just been busy is awake first: of eight connections it may take all, and
then one processor works while the others sleep.
"""

import mmap
import struct
import time

PATIENCE = 0.002
"""So long, in seconds, a connection is left to those who hold fewer. Then they are too busy, and it is accepted."""
FORGOTTEN = 3.0
SLOTS = 64
_SLOT = struct.Struct("=dq")


class FairShare:
    """The table of one server, made before its processes are forked; `slot` is another number in each of them."""

    def __init__(self) -> None:
        self._table = mmap.mmap(-1, SLOTS * _SLOT.size)
        self._waited_since: float | None = None

    def tell(self, slot: int, count: int) -> None:
        """Say how many connections this process holds. Who has said nothing for FORGOTTEN seconds is not counted."""
        _SLOT.pack_into(self._table, slot % SLOTS * _SLOT.size, time.monotonic(), count)

    def leaves_it(self, slot: int, count: int) -> bool:
        """Whether a connection that waits is better left to another process for the moment."""
        now = time.monotonic()
        fewest = min((held for at, held in _SLOT.iter_unpack(self._table) if now - at < FORGOTTEN), default=count)
        if count <= fewest:
            self._waited_since = None
            return False
        if self._waited_since is None:
            self._waited_since = now
        if now - self._waited_since < PATIENCE:
            return True
        self._waited_since = None
        return False
