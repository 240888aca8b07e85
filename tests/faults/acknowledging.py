"""A program that stores, overwrites, shares and revokes until it dies, and tells each answer as soon as it has it.

`python -m tests.faults.acknowledging INSTANCE` prepares the instance and prints one line of JSON for each answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.faults.power import instance
from tests.faults.town import seal_all
from workspace.cloud.things import locate_item
from workspace.kernel.actors import Principal, SubjectKind
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level


def tell(**values: Any) -> None:
    print(json.dumps(values), flush=True)  # noqa: T201 - this is the acknowledgement


def main(folder: str) -> None:
    world = instance(Path(folder))
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    tell(ready=olena.space_id)
    turn = 0
    while True:
        turn += 1
        data = os.urandom((200, 30_000, 1_500_000)[turn % 3])
        item = world.upload(olena.actor, olena.root_id, f"{turn // 2}.bin", data).item.id
        tell(item=item, sha256=hashlib.sha256(data).hexdigest())
        if turn % 5 == 0:
            with world.writing(olena.actor) as work:
                thing = locate_item(work, item)[1]
                granted = sharing.grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.VIEW).id
            with world.writing(olena.actor) as work:
                sharing.revoke(work, locate_item(work, item)[1], granted)
            tell(revoked=granted)
            seal_all(world)
            with world.reading(olena.actor) as work:
                tell(sealed=len(list(work.ports.journal.entries())))


if __name__ == "__main__":
    main(sys.argv[1])
