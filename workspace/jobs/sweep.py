"""The sweep: bytes that nothing names any more go, after a grace period. Rows first, bytes after the commit.

What a killed sweep leaves is found by the next one: rows without bytes never come into being, bytes without rows are
what `sweep_objects` looks for.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from workspace.cases import models as cases
from workspace.cloud.orphans import delete_blobs, delete_objects, orphan_keys, unnamed_blobs
from workspace.db.leases import BACKUP, held
from workspace.db.runtime import Runtime
from workspace.exchange import models as exchange
from workspace.jobs.handler import Progress
from workspace.kernel.actors import WORKER
from workspace.kernel.ports import StoredObject

log = logging.getLogger(__name__)

# the rooms above the cloud whose tables point to blobs; importing them makes what is asked of the tables whole
ROOMS = (cases, exchange)

BATCH = 500
TEMPORARY_AGE = timedelta(hours=1)


def sweep_blobs(runtime: Runtime, _payload: dict[str, Any], progress: Progress) -> None:
    """Delete blobs that nothing names and that are older than `settings.grace`, with their keys, parts and bytes."""
    gone = 0
    while True:
        with runtime.writing(WORKER) as work:
            if held(work, BACKUP):
                log.info("a backup copies what the sweep would take; it waits for the next night")
                return
            ids = unnamed_blobs(work, BATCH)
            keys = delete_blobs(work, ids)
            work.commit()
        if not ids:
            break
        delete_objects(runtime.ports.objects, keys)
        gone += len(ids)
        progress({"blobs": gone})
    log.info("swept %d blobs", gone)


def sweep_objects(runtime: Runtime, _payload: dict[str, Any], progress: Progress) -> None:
    """Delete objects that no row names and that are older than a day, and what dead writers left behind."""
    objects = runtime.ports.objects
    gone = seen = 0
    for batch in batches(objects.walk()):
        seen += len(batch)
        with runtime.reading(WORKER) as work:
            keys = [] if held(work, BACKUP) else orphan_keys(work, batch)
        delete_objects(objects, keys)
        gone += len(keys)
        progress({"objects": seen, "orphans": gone})
    for leftover in objects.stale(TEMPORARY_AGE.total_seconds()):
        objects.discard(leftover)
        gone += 1
    log.info("swept %d orphans of %d objects", gone, seen)


def batches(found: Iterator[StoredObject]) -> Iterator[list[StoredObject]]:
    """What a store lists, some at a time."""
    batch: list[StoredObject] = []
    for one in found:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
