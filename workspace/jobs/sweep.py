"""The sweep: bytes that nothing names any more go, after a grace period. Rows first, bytes after the commit.

A blob is kept alive by every column that has a foreign key to it, whichever room it stands in, by open uploads, and by
facts that name the reason somebody wrote. What a killed sweep leaves is found by the next one: rows without bytes never
come into being, bytes without rows are what `sweep_objects` looks for.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, exists, select

from workspace.cases import models as cases
from workspace.cloud import models as cloud
from workspace.cloud.models import Blob, Part, Upload, WrappedKey
from workspace.db.base import Base
from workspace.db.facts import FactRow
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.exchange import models as exchange
from workspace.jobs.handler import Progress
from workspace.kernel.actors import WORKER
from workspace.kernel.facts import FactKind
from workspace.kernel.ports import ObjectStore, StoredObject

log = logging.getLogger(__name__)

# the rooms whose tables point to blobs; importing them is what makes `references` whole
ROOMS = (cloud, cases, exchange)

BATCH = 500
ORPHAN_AGE = timedelta(days=1)
TEMPORARY_AGE = timedelta(hours=1)
NAMED_BY_FACTS = (FactKind.CONTESTED.value, FactKind.WITHDRAWN.value)


def sweep_blobs(runtime: Runtime, _payload: dict[str, Any], progress: Progress) -> None:
    """Delete blobs that nothing names and that are older than `settings.grace`, with their keys, parts and bytes."""
    gone = 0
    while True:
        with runtime.writing(WORKER) as work:
            ids = unnamed_blobs(work, BATCH)
            keys = _delete(work, ids)
            work.commit()
        if not ids:
            break
        _discard(runtime.ports.objects, keys)
        gone += len(ids)
        progress({"blobs": gone})
    log.info("swept %d blobs", gone)


def sweep_objects(runtime: Runtime, _payload: dict[str, Any], progress: Progress) -> None:
    """Delete objects that no row names and that are older than a day, and what dead writers left behind."""
    objects = runtime.ports.objects
    gone = seen = 0
    for batch in _batches(objects.walk()):
        seen += len(batch)
        with runtime.reading(WORKER) as work:
            keys = orphans(work, batch)
        _discard(objects, keys)
        gone += len(keys)
        progress({"objects": seen, "orphans": gone})
    for leftover in objects.stale(TEMPORARY_AGE.total_seconds()):
        objects.discard(leftover)
        gone += 1
    log.info("swept %d orphans of %d objects", gone, seen)


def references() -> list[Column[Any]]:
    """Every column of every table that points to a blob."""
    return [
        column
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "blob.id" for key in column.foreign_keys)
    ]


def unnamed_blobs(work: Work, limit: int) -> list[str]:
    """Blobs past the grace period that nothing names."""
    horizon = work.now - timedelta(seconds=work.settings.grace)
    named: list[ColumnElement[bool]] = [exists().where(column == Blob.id) for column in references()]
    named.append(exists().where(Upload.blob_id == Blob.id))
    reason = FactRow.details["text"].as_string()
    named.append(
        exists().where(FactRow.case_id.is_not(None), FactRow.kind.in_(NAMED_BY_FACTS), reason == Blob.id)
    )  # fmt: skip
    wanted = select(Blob.id).where(Blob.made_at < horizon, *(~one for one in named)).limit(limit)
    return list(work.session.scalars(wanted.with_for_update(skip_locked=True, of=Blob)))


def orphans(work: Work, listed: list[StoredObject]) -> list[str]:
    """Keys of the listed objects that no row names and that are too old to be on their way in."""
    horizon = work.now - max(ORPHAN_AGE, timedelta(seconds=work.settings.grace))
    old = [one.key for one in listed if _aware(one.modified) < horizon]
    if not old:
        return []
    known = set(work.session.scalars(select(Part.object_key).where(Part.object_key.in_(old))))
    return [key for key in old if key not in known]


def _delete(work: Work, blob_ids: list[str]) -> list[str]:
    """Delete the rows; returns the keys of the objects to delete after the commit."""
    if not blob_ids:
        return []
    work.session.execute(delete(WrappedKey).where(WrappedKey.blob_id.in_(blob_ids)))
    keys = work.session.scalars(delete(Part).where(Part.blob_id.in_(blob_ids)).returning(Part.object_key)).all()
    work.session.execute(delete(Blob).where(Blob.id.in_(blob_ids)))
    return list(keys)


def _discard(objects: ObjectStore, keys: list[str]) -> None:
    for key in keys:
        objects.delete(key)


def _batches(found: Iterator[StoredObject]) -> Iterator[list[StoredObject]]:
    batch: list[StoredObject] = []
    for one in found:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _aware(modified: datetime) -> datetime:
    if modified.tzinfo is None:
        raise ValueError("a store lists times with their zone")
    return modified
