"""Programs that were known a moment ago: verified once, remembered for a minute, forgotten at once when it matters.

Kept is a keyed MAC of the Authorization field, under a key of this process alone, never the field. A revoked app
password, a closed account, another post: each raises the person's epoch, and what was remembered under it holds no more
(`cloud/hot.py`).
"""

import os
import time
from dataclasses import dataclass, replace
from hashlib import blake2b

from workspace.cloud.hot import Hot, Standing
from workspace.db.raw import DRIVER_ERRORS
from workspace.kernel.actors import Actor

LIFE = 60.0
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and where they stand in their own cloud."""

    actor: Actor
    standing: Standing
    until: float


class Callers:
    """The callers of one process. Safe for many threads."""

    def __init__(self, hot: Hot) -> None:
        self._hot = hot
        self._key = os.urandom(32)
        self._known: dict[bytes, Caller] = {}

    def known(self, given: str) -> Caller | None:
        """Who an Authorization field belongs to, if that was verified within a minute and nothing changed since."""
        mac = self._mac(given)
        caller = self._known.get(mac)
        if caller is None:
            return None
        try:
            if time.monotonic() < caller.until and (still := self._still(caller)):
                if still is not caller:
                    self._known[mac] = still
                return still
        except DRIVER_ERRORS:
            pass  # whoever verifies anew will say what is wrong
        self._known.pop(mac, None)
        return None

    def _still(self, caller: Caller) -> Caller | None:
        """The caller, if they are who they were. Where only things in their cloud have changed places since, they stand
        there anew, their app password looked at once more."""
        before = caller.standing
        if self._hot.holds(before):
            return caller
        app_password_id = caller.actor.app_password_id
        assert app_password_id is not None
        now = self._hot.stand(before.person_id, app_password_id)
        if now is None or not now.same_person(before):
            return None
        return replace(caller, standing=now)

    def remember(self, given: str, actor: Actor) -> None:
        """Keep who has just been verified. The app password is looked at once more, behind the epochs."""
        if actor.person_id is None or actor.app_password_id is None:
            return
        until = time.monotonic() + LIFE
        try:
            standing = self._hot.stand(actor.person_id, actor.app_password_id)
        except DRIVER_ERRORS:
            return
        if standing is not None:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[self._mac(given)] = Caller(actor, standing, until)

    def _mac(self, given: str) -> bytes:
        return blake2b(given.encode("latin-1", "replace"), digest_size=16, key=self._key).digest()
