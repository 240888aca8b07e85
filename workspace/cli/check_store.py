"""The object store against the tables, both ways: each part has its object, each object its row."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from workspace.cases import models as cases
from workspace.cli.findings import Course, Finding
from workspace.cloud.models import Part
from workspace.cloud.orphans import ORPHAN_AGE, orphan_keys, unnamed_blobs
from workspace.exchange import models as exchange
from workspace.kernel.actors import COMMAND
from workspace.kernel.ports import StoredObject
from workspace.storage.sealing import sealed_size

# the rooms above the cloud whose tables point to blobs
ROOMS = (cases, exchange)

BATCH = 500
# the sweep comes by once a night; what is older than that should be gone
UNSWEPT = ORPHAN_AGE + timedelta(days=1)


def check_objects(course: Course) -> Iterator[Finding]:
    """Lengths of objects, objects without a row, parts without an object."""
    seen: set[int] = set()
    batch: list[StoredObject] = []
    for one in course.runtime.ports.objects.walk():
        seen.add(hash(one.key))
        batch.append(one)
        if len(batch) == BATCH:
            yield from _against_rows(course, batch)
            batch = []
    yield from _against_rows(course, batch)
    yield from _missing(course, seen)
    for leftover in course.runtime.ports.objects.stale():
        yield Finding("leftover", leftover.key, "A writer that died left this behind; the next sweep removes it.")


def check_orphans(course: Course) -> Iterator[Finding]:
    """Blobs that nothing names and that the sweep should have taken."""
    grace = timedelta(seconds=course.runtime.settings.grace)
    with course.runtime.reading(COMMAND) as work:
        for blob_id in unnamed_blobs(work, BATCH, grace + UNSWEPT):
            yield Finding("unswept", blob_id, "Nothing names this blob any more, and no sweep has taken it.")


def _against_rows(course: Course, batch: list[StoredObject]) -> Iterator[Finding]:
    if not batch:
        return
    course.counted["objects"] += len(batch)
    with course.runtime.reading(COMMAND) as work:
        rows = work.session.execute(
            select(Part.object_key, Part.blob_id, Part.size).where(Part.object_key.in_([one.key for one in batch]))
        )
        parts = {row.object_key: (row.blob_id, row.size) for row in rows}
        orphans = set(orphan_keys(work, batch, UNSWEPT))
    for one in batch:
        if one.key in orphans:
            yield Finding("orphan", one.key, "No row names this object, and no sweep has taken it.")
        elif one.key in parts and sealed_size(parts[one.key][1]) != one.size:
            wanted = sealed_size(parts[one.key][1])
            yield Finding("length", one.key, f"The object has {one.size} bytes, its row promises {wanted}.")


def _missing(course: Course, seen: set[int]) -> Iterator[Finding]:
    after = ""
    while True:
        with course.runtime.reading(COMMAND) as work:
            wanted = select(Part.object_key, Part.blob_id).where(Part.object_key > after).order_by(Part.object_key)
            rows = work.session.execute(wanted.limit(BATCH)).all()
        if not rows:
            return
        after = rows[-1].object_key
        course.counted["parts"] += len(rows)
        for key, blob_id in rows:
            # a listing may lag, and a sweep may have come by in between
            if hash(key) not in seen and course.runtime.ports.objects.size(key) is None and _still_named(course, key):
                yield Finding("missing", key, f"The object of blob {blob_id} is not in the store.")


def _still_named(course: Course, key: str) -> bool:
    with course.runtime.reading(COMMAND) as work:
        return work.session.scalar(select(Part.object_key).where(Part.object_key == key)) is not None
