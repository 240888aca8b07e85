"""What must hold after every fault (the invariants), asked by a process that has just started and knows nothing."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import select

from tests.faults.picture import Picture, differences, picture
from tests.faults.town import KIB, MARKER, Town, content, seal_all
from tests.world import World
from workspace.cli.checking import CHECKS
from workspace.cli.findings import Course
from workspace.cloud.blobs import BlobReader, open_blob
from workspace.cloud.models import Item, Part, Version
from workspace.jobs.sweep import sweep_blobs, sweep_objects
from workspace.kernel.actors import COMMAND, WORKER
from workspace.trust.log import consistency_proof, head, log_size
from workspace.trust.merkle import verify_consistency

READY = 5.0
"""Seconds within which all this is asked and a first write is answered. `test_outage.py` measures the start of a whole
instance."""


def findings(town: Town, expected: list[Picture], goes_on: Callable[[Town], list[str]] | None = None) -> list[str]:
    """What does not hold, in words. `expected`: how the town may look, as far as people can notice; `goes_on`: what
    the client does when it comes again."""
    began = time.monotonic()
    town.begin()
    world = town.world
    world.clock.move(timedelta(minutes=1))  # leases of the dead have run out
    world.runtime.ports.objects.ready()
    seal_all(world)
    found = [*_looks(town, world, expected), *_acknowledged(town, world)]
    found += [*_checked(world)]
    found += goes_on(town) if goes_on is not None else []
    found += [*_log(town, world), *_in_the_clear(town), *_heals(town, world), *_goes_on(town, world, began)]
    world.close()
    return found


def _checked(world: World) -> Iterator[str]:
    """What `workspace check --deep` says; `_heals` sees to what the next sweep is for."""
    course = Course(world.runtime, deep=True)
    for one in (one for check in CHECKS for one in check(course)):
        if one.kind not in ("leftover", "orphan", "unswept"):
            yield f"{one.kind} {one.id}: {one.text}"


def _looks(town: Town, world: World, expected: list[Picture]) -> Iterator[str]:
    present = picture(world, town.people)
    if present not in expected:
        for one in expected:
            yield f"half visible: {'; '.join(differences(present, one))}"


def _acknowledged(town: Town, world: World) -> Iterator[str]:
    """Every byte whose keeping was answered with success."""
    for told in town.ledger.read():
        if "sha256" not in told:
            continue
        with world.reading(COMMAND) as work:
            wanted = select(Version.blob_id, Item.space_id).join(Item, Item.id == Version.item_id)
            wanted = wanted.where(Version.sha256 == bytes.fromhex(told["sha256"]))
            if "item" in told:
                wanted = wanted.where(Item.id == told["item"])
            row = work.session.execute(wanted.limit(1)).one_or_none()
            reader = open_blob(work, *row) if row is not None else None
        if reader is None:
            yield f"lost: {told} was acknowledged and is not there"
        elif _hash(reader) != told["sha256"]:
            yield f"wrong bytes: {told} is not what was acknowledged"


def _hash(reader: BlobReader) -> str:
    digest = hashlib.sha256()
    for piece in reader.stream():
        digest.update(piece)
    return digest.hexdigest()


def _log(town: Town, world: World) -> Iterator[str]:
    """The log goes on from the head that somebody outside has kept."""
    held = town.held
    with world.reading(WORKER) as work:
        now, size = head(work), log_size(work)
        if now is None or now.log_id != held.log_id or now.size != size:
            yield f"log: the head of {held.size} is followed by {now}, the log has {size} entries"
            return
        proof = consistency_proof(work, held.size, now.size)
    if not verify_consistency(held.size, now.size, held.root, now.root, proof.path):
        yield "log: it is no continuation of the head that was kept outside"


def _in_the_clear(town: Town) -> Iterator[str]:
    for folder, _folders, files in os.walk(town.place.folder):
        for name in files:
            with open(os.path.join(folder, name), "rb") as file:
                if MARKER.strip() in file.read():
                    yield f"in the clear: {name} holds content that nobody sealed"


def _heals(town: Town, world: World) -> Iterator[str]:
    """After the next sweep the store holds what the index names, and nothing else."""
    objects = world.runtime.ports.objects
    town.age()
    for job in (sweep_blobs, sweep_objects):
        job(world.runtime, {}, lambda _progress: None)
    with world.reading(COMMAND) as work:
        named = set(work.session.scalars(select(Part.object_key)))
    there = {one.key for one in objects.walk()}
    if named - there:
        yield f"missing: {sorted(named - there)} are named and not in the store"
    if there - named:
        yield f"orphans: {sorted(there - named)} are in the store after the sweep, and nothing names them"
    if left := [one.key for one in objects.stale(0)]:
        yield f"leftovers: {left} after the sweep"


def _goes_on(town: Town, world: World, began: float) -> Iterator[str]:
    """No lock of the dead stands in the way, and nobody waited long."""
    data = content("afterwards", 20 * KIB)
    item = world.upload(town.olena.actor, town.items["root"], "afterwards.bin", data).item.id
    if world.content(town.olena.actor, item) != data:
        yield "what is stored afterwards is not what is read"
    if (took := time.monotonic() - began) > READY:
        yield f"it took {took:.1f} s until everything was looked at and the first write was answered"
