"""What nobody names any more: blobs without a name, objects without a row. The sweep deletes them, `check` counts them.

A blob is kept alive by every column that has a foreign key to it, whichever room it stands in, by open uploads, and by
facts that name the reason somebody wrote.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, exists, select

from workspace.cloud.models import Blob, Part, Upload, WrappedKey
from workspace.db.base import Base
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.facts import FactKind
from workspace.kernel.ports import ObjectStore, StoredObject
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action

ORPHAN_AGE = timedelta(days=1)
"""Younger objects without a row may be on their way in."""
NAMED_BY_FACTS = (FactKind.CONTESTED.value, FactKind.WITHDRAWN.value)


def references() -> list[Column[Any]]:
    """Every column of every table that points to a blob. Whole once the models of all rooms are imported."""
    return [
        column
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "blob.id" for key in column.foreign_keys)
    ]


def unnamed_blobs(work: Work, limit: int, grace: timedelta | None = None) -> list[str]:
    """Blobs that nothing names and that have been let go longer ago than `grace` (None: the settings')."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    horizon = work.now - (timedelta(seconds=work.settings.grace) if grace is None else grace)
    named: list[ColumnElement[bool]] = [exists().where(column == Blob.id) for column in references()]
    named.append(exists().where(Upload.blob_id == Blob.id))
    reason = FactRow.details["text"].as_string()
    named.append(
        exists().where(FactRow.case_id.is_not(None), FactRow.kind.in_(NAMED_BY_FACTS), reason == Blob.id)
    )  # fmt: skip
    wanted = select(Blob.id).where(Blob.made_at < horizon, *(~one for one in named)).limit(limit)
    if work.writes:
        wanted = wanted.with_for_update(skip_locked=True, of=Blob)
    return list(work.session.scalars(wanted))


def delete_blobs(work: Work, blob_ids: list[str]) -> list[str]:
    """Delete the rows of blobs that nothing names; returns the keys of the objects to delete after the commit."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    if not blob_ids:
        return []
    work.session.execute(delete(WrappedKey).where(WrappedKey.blob_id.in_(blob_ids)))
    keys = work.session.scalars(delete(Part).where(Part.blob_id.in_(blob_ids)).returning(Part.object_key)).all()
    work.session.execute(delete(Blob).where(Blob.id.in_(blob_ids)))
    return list(keys)


def delete_objects(objects: ObjectStore, keys: Iterable[str]) -> None:
    """Delete objects that no row names any more; call it after the commit. Raises StorageUnavailable."""
    for key in keys:
        objects.delete(key)


def orphan_keys(work: Work, listed: Iterable[StoredObject], age: timedelta = ORPHAN_AGE) -> list[str]:
    """Keys of those listed objects that no row names and that are older than `age` and the grace period."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    horizon = work.now - max(age, timedelta(seconds=work.settings.grace))
    old = [one.key for one in listed if _aware(one.modified) < horizon]
    if not old:
        return []
    known = set(work.session.scalars(select(Part.object_key).where(Part.object_key.in_(old))))
    return [key for key in old if key not in known]


def _aware(modified: datetime) -> datetime:
    if modified.tzinfo is None:
        raise ValueError("a store lists times with their zone")
    return modified
