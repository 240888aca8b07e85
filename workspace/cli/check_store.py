"""The object store against the tables, both ways: each part has its object, each object its row."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from workspace.cases import models as cases
from workspace.cli.findings import Course, Finding, Mend
from workspace.cloud.models import Part, Upload
from workspace.cloud.orphans import ORPHAN_AGE, delete_blobs, delete_objects, orphan_keys, unnamed_blobs
from workspace.cloud.repair import end_upload_of
from workspace.db.work import Work
from workspace.exchange import models as exchange
from workspace.kernel.actors import COMMAND
from workspace.kernel.ports import StoredObject
from workspace.storage.sealing import sealed_size

# the rooms above the cloud whose tables point to blobs
ROOMS = (cases, exchange)

BATCH = 500
# the sweep comes by once a night; what is older than that should be gone
UNSWEPT = ORPHAN_AGE + timedelta(days=1)
PUT_BACK = "Put this object back from a backup of the store; no program can make it anew."


def check_objects(course: Course) -> Iterator[Finding]:
    """Lengths of objects, objects without a row, parts without an object."""
    seen: set[int] = set()
    batch: list[StoredObject] = []
    objects = course.runtime.ports.objects
    for one in objects.walk():
        seen.add(hash(one.key))
        batch.append(one)
        if len(batch) == BATCH:
            yield from _against_rows(course, batch)
            batch = []
    yield from _against_rows(course, batch)
    yield from _missing(course, seen)
    for leftover in list(objects.stale()):
        text = "A writer that died left this behind; the next sweep removes it."
        yield Finding("leftover", leftover.key, text, mend=_discarding(course, leftover))


def check_orphans(course: Course) -> Iterator[Finding]:
    """Blobs that nothing names and that the sweep should have taken."""
    grace = timedelta(seconds=course.runtime.settings.grace)
    with course.runtime.reading(COMMAND) as work:
        unswept = unnamed_blobs(work, BATCH, grace + UNSWEPT)
    for blob_id in unswept:
        text = "Nothing names this blob any more, and no sweep has taken it."
        yield Finding("unswept", blob_id, text, mend=_sweeping(course, blob_id, grace + UNSWEPT))


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
            text = "No row names this object, and no sweep has taken it."
            yield Finding("orphan", one.key, text, mend=_removing(course, one))
        elif one.key in parts and sealed_size(parts[one.key][1]) != one.size:
            blob_id, size = parts[one.key]
            text = f"The object has {one.size} bytes, its row promises {sealed_size(size)}."
            yield _broken(course, "length", one.key, blob_id, text)


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
                yield _broken(course, "missing", key, blob_id, f"The object of blob {blob_id} is not in the store.")


def _broken(course: Course, kind: str, key: str, blob_id: str, text: str) -> Finding:
    """An object that is not whole: of an unfinished upload, which may begin anew, or of a file."""
    with course.runtime.reading(COMMAND) as work:
        uploading = work.session.scalar(select(Upload.id).where(Upload.blob_id == blob_id, Upload.item_id.is_(None)))
    if uploading is None:
        return Finding(kind, key, text, PUT_BACK)
    did = "The unfinished upload is ended; whoever sends it begins anew."
    return Finding(kind, key, text, mend=course.mending(did, end_upload_of, blob_id))


def _still_named(course: Course, key: str) -> bool:
    with course.runtime.reading(COMMAND) as work:
        return work.session.scalar(select(Part.object_key).where(Part.object_key == key)) is not None


def _discarding(course: Course, leftover: StoredObject) -> Mend:
    def mend() -> str:
        course.runtime.ports.objects.discard(leftover)
        return "It is removed."

    return mend


def _removing(course: Course, one: StoredObject) -> Mend:
    def mend() -> str:
        with course.runtime.reading(COMMAND) as work:
            if not orphan_keys(work, [one], UNSWEPT):
                return "A row names it by now; it stays."
        course.runtime.ports.objects.delete(one.key)
        return "It is removed."

    return mend


def _sweeping(course: Course, blob_id: str, age: timedelta) -> Mend:
    def sweep(work: Work, one: str) -> None:
        objects = course.runtime.ports.objects
        keys = delete_blobs(work, [found for found in unnamed_blobs(work, BATCH, age) if found == one])
        work.after_commit(lambda: delete_objects(objects, keys))

    return course.mending("Its rows and objects are removed.", sweep, blob_id)
