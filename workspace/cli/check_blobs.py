"""Blobs against what they promise: parts, keys, and, deeply, every seal and hash."""

from collections.abc import Iterator

from sqlalchemy import func, select

from workspace.cli.findings import Course, Finding, Mend
from workspace.cloud.erasure import shredded
from workspace.cloud.models import Blob, Part, Space, WrappedKey
from workspace.cloud.repair import make_previews_anew, version_shown_by
from workspace.cloud.soundness import Flaw, examine
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import DomainError, KeyDestroyed, StorageUnavailable
from workspace.storage.wrapping import unwrap

BATCH = 200
BRING_KEYS = (
    "Bring the keyring back from its backup (`workspace restore-keyring`), with the master key that belongs to it."
)
BRING_ROWS = "Bring the row back from a backup of the tables; the objects alone say nothing about whose they are."
BRING_BYTES = "Bring these objects back from a backup of the store; nothing of it is shown meanwhile."


def check_blobs(course: Course) -> Iterator[Finding]:
    """Every blob, in order of its id; deeply, every byte of it."""
    after = ""
    while True:
        with course.runtime.reading(COMMAND) as work:
            rows = work.session.execute(
                select(Blob.id, Blob.size, Blob.parts, Blob.sealed.is_not(None).label("inline"))
                .where(Blob.id > after)
                .order_by(Blob.id)
                .limit(BATCH)
            ).all()
            ids = [row.id for row in rows]
            parts = _parts(work, ids)
            wraps = _wraps(work, ids)
        if not rows:
            return
        after = ids[-1]
        course.counted["blobs"] += len(rows)
        for row in rows:
            count, size, last = parts.get(row.id, (0, 0, -1))
            if row.inline and count:
                yield Finding("parts", row.id, "A blob that lies in its row has objects as well.", BRING_ROWS)
            if not row.inline and (count != row.parts or size != row.size or last != count - 1):
                promised = f"{row.parts} parts and {row.size} bytes"
                text = f"The blob promises {promised}, its parts are {count} and {size} bytes."
                yield Finding("parts", row.id, text, BRING_ROWS)
            if row.id not in wraps:
                yield Finding("key", row.id, "No space holds a key of this blob: nobody can ever open it.", BRING_ROWS)
            elif course.deep:
                course.counted["bytes"] += row.size
                yield from _deeply(course, row.id)
        if not course.deep:
            yield from _keys_open(course, wraps)


def check_keys(course: Course) -> Iterator[Finding]:
    """Every space has its key, and no erased one has."""
    with course.runtime.reading(COMMAND) as work:
        spaces = work.session.execute(select(Space.id, Space.erased_at)).all()
    keyring = course.runtime.ports.keyring
    for space_id, erased_at in spaces:
        if erased_at is not None:
            if not shredded(keyring, space_id):
                text = "The cloud was erased, and its key is there; was the keyring restored from a backup?"
                yield Finding("ending", space_id, text, mend=_shredding(course, space_id))
            continue
        course.counted["spaces"] += 1
        try:
            keyring.key(space_id)
        except KeyDestroyed:
            text = "The keyring has no key for this space."
            yield Finding("key", space_id, text, "If nobody erased it: " + BRING_KEYS)
        except DomainError as error:
            yield Finding("key", space_id, f"The key of this space cannot be read: {error}", BRING_KEYS)


def _shredding(course: Course, space_id: str) -> Mend:
    def mend() -> str:
        course.runtime.ports.keyring.destroy(space_id)
        return "The key is destroyed again."

    return mend


def _parts(work: Work, blob_ids: list[str]) -> dict[str, tuple[int, int, int]]:
    rows = work.session.execute(
        select(Part.blob_id, func.count(), func.sum(Part.size), func.max(Part.ordinal))
        .where(Part.blob_id.in_(blob_ids))
        .group_by(Part.blob_id)
    )
    return {blob_id: (count, int(size), last) for blob_id, count, size, last in rows}


def _wraps(work: Work, blob_ids: list[str]) -> dict[str, list[tuple[str, bytes]]]:
    """By blob, the spaces that can open it with their wraps; none where all of them were erased."""
    result: dict[str, list[tuple[str, bytes]]] = {}
    rows = work.session.execute(
        select(WrappedKey.blob_id, WrappedKey.space_id, WrappedKey.wrapped, Space.erased_at)
        .join(Space, Space.id == WrappedKey.space_id)
        .where(WrappedKey.blob_id.in_(blob_ids))
    )
    for blob_id, space_id, wrapped, erased_at in rows:
        result.setdefault(blob_id, []).extend([] if erased_at else [(space_id, wrapped)])
    return result


def _keys_open(course: Course, wraps: dict[str, list[tuple[str, bytes]]]) -> Iterator[Finding]:
    """Whether each wrapped key opens under its space's key, read once for this batch."""
    keys: dict[str, bytes | None] = {}
    for blob_id, held in wraps.items():
        for space_id, wrapped in held:
            if space_id not in keys:
                keys[space_id] = _key(course, space_id)
            key = keys[space_id]
            if key is None:
                continue  # said by check_keys
            try:
                unwrap(wrapped, key, blob_id, space_id)
            except DomainError as error:
                text = f"Its key cannot be opened for space {space_id} ({error.code})."
                yield Finding("key", blob_id, text, BRING_ROWS)


def _key(course: Course, space_id: str) -> bytes | None:
    try:
        return course.runtime.ports.keyring.key(space_id)
    except DomainError:
        return None


def _deeply(course: Course, blob_id: str) -> Iterator[Finding]:
    try:
        flaws = examine(course.runtime, blob_id)
    except StorageUnavailable as error:
        yield Finding(
            "unread", blob_id, f"The blob could not be read now: {error}", "Come again when the store answers."
        )
        return
    for flaw in flaws:
        yield _flawed(course, blob_id, flaw)


def _flawed(course: Course, blob_id: str, flaw: Flaw) -> Finding:
    with course.runtime.reading(COMMAND) as work:
        version_id = version_shown_by(work, blob_id)
    if version_id is not None:
        mend = course.mending("The worker makes the preview anew.", make_previews_anew, version_id)
        return Finding(flaw.kind, blob_id, f"{flaw.text} It is a preview.", mend=mend)
    return Finding(flaw.kind, blob_id, flaw.text, BRING_BYTES if flaw.kind == "damaged" else BRING_KEYS)
