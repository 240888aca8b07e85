"""An instance on a disk that loses its power, and what must be there when it has it again."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.parts.instances import end_with_parent
from tests.parts.power import PowerDisk
from tests.parts.services import ROOT
from tests.world import Stack, World
from workspace.cli.checking import CHECKS
from workspace.cli.findings import Course
from workspace.cloud.blobs import open_blob
from workspace.cloud.models import Item, Version
from workspace.db.database import Database
from workspace.db.migrations import upgrade
from workspace.kernel.actors import COMMAND
from workspace.sharing.models import Grant

EATMYDATA = "libeatmydata.so"


def instance(folder: Path) -> World:
    """The instance in a folder, prepared where it is not yet."""
    stack = Stack(
        "embedded", f"sqlite:///{folder / 'workspace.db'}", f"file://{folder / 'objects'}",
        f"sqlite:///{folder / 'keyring' / 'keyring.db'}", folder / "secrets" / "master.key",
    )  # fmt: skip
    database = Database(stack.database_url)
    upgrade(database)
    database.dispose()
    world = World(folder, stack)
    world.runtime.ports.objects.ready()
    return world


def run_until_cut(disk: PowerDisk, answers: int, *, eat_my_data: bool = False) -> list[dict[str, Any]]:
    """Let a program answer so often and a little longer, then cut the power; everything that it answered."""
    environment = dict(os.environ)
    if eat_my_data:
        environment["LD_PRELOAD"] = EATMYDATA
    folder = disk.mounted / "instance"
    folder.mkdir()
    program = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.acknowledging", str(folder)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=end_with_parent,
    )
    assert program.stdout is not None
    told = []
    for line in program.stdout:
        told.append(json.loads(line))
        if len(told) > answers:
            break
    disk.cut()
    program.kill()
    program.wait()
    return told


def lost(folder: Path, told: list[dict[str, Any]]) -> Iterator[str]:
    """What was answered and is not so, in words."""
    try:
        world = instance(folder)
    except Exception as error:
        yield f"the instance does not start: {type(error).__name__}: {error}"
        return
    try:
        yield from _gone(world, told)
        for check in CHECKS:
            yield from (f"{one.kind} {one.id}: {one.text}" for one in check(Course(world.runtime, deep=True)))
    except Exception as error:
        yield f"the instance cannot be read: {type(error).__name__}: {error}"
    finally:
        world.close()


def _gone(world: World, told: list[dict[str, Any]]) -> Iterator[str]:
    entries = len(list(world.runtime.ports.journal.entries()))
    with world.reading(COMMAND) as work:
        for one in told:
            if "item" in one:
                wanted = select(Version.blob_id, Item.space_id).join(Item, Item.id == Version.item_id)
                sha256 = bytes.fromhex(one["sha256"])
                row = work.session.execute(wanted.where(Item.id == one["item"], Version.sha256 == sha256)).one_or_none()
                if row is None:
                    yield f"{one['item']} was acknowledged and is gone"
                elif hashlib.sha256(open_blob(work, *row).read_all(1 << 22)).digest() != sha256:
                    yield f"{one['item']} has other bytes"
            elif "revoked" in one:
                grant = work.session.get(Grant, one["revoked"])
                if grant is None or grant.revoked_at is None:
                    yield f"the grant {one['revoked']} was revoked and is not"
            elif "sealed" in one and entries < one["sealed"]:
                yield f"the journal had {one['sealed']} lines and has {entries}"


def moments(count: int, seed: int) -> list[int]:
    """After how many answers the power is cut: some at once, some late; the same in every run."""
    dice = random.Random(seed)
    return [dice.randrange(1, 40) for _ in range(count)]
