"""Mending what `workspace check --repair` may mend: rows that can be made anew from others, and rows of no use.

Each looks again in its own Work before it changes anything, and changes nothing where all is well by now. Nothing here
touches what could be the only way to somebody's bytes.
"""

from sqlalchemy import Select, delete, exists, func, select

from workspace.cloud.erasure import SWEEP
from workspace.cloud.models import Blob, Item, Part, Preview, QuotaCharge, Space, Upload, Version, WrappedKey
from workspace.cloud.orphans import delete_blobs, delete_objects
from workspace.cloud.previews import JOB as PREVIEW
from workspace.cloud.upload_rows import end
from workspace.db.work import Work
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action


def recount_room(work: Work, space_id: str) -> None:
    """Set the room a space uses to the sum of its versions and of what uploads have reserved."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    space = work.session.scalars(select(Space).where(Space.id == space_id).with_for_update()).one()
    count = work.session.scalar
    versions = select(func.coalesce(func.sum(Version.size), 0)).join(Item, Item.id == Version.item_id)
    uploads = select(func.coalesce(func.sum(Upload.reserved), 0)).where(Upload.item_id.is_(None))
    charged = select(func.coalesce(func.sum(QuotaCharge.size), 0)).where(QuotaCharge.space_id == space_id)
    there = int(count(versions.where(Item.space_id == space_id)) or 0)
    there += int(count(uploads.where(Upload.space_id == space_id)) or 0)
    space.used_bytes = there - int(count(charged) or 0)


def follow_newest(work: Work, item_id: str) -> None:
    """Let a file's row say what its newest version says."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    newest = select(Version).where(Version.item_id == item_id).order_by(Version.number.desc()).limit(1)
    version = work.session.scalar(newest)
    if version is not None:
        item = work.session.get_one(Item, item_id)
        item.version_id, item.size, item.media_type = version.id, version.size, version.media_type


def make_previews_anew(work: Work, version_id: str) -> None:
    """Forget the previews of a version and ask for new ones: they are made from the content."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    gone = delete(Preview).where(Preview.version_id == version_id).returning(Preview.blob_id)
    keys = delete_blobs(work, [one for one in work.session.scalars(gone) if one])
    objects = work.ports.objects
    work.after_commit(lambda: delete_objects(objects, keys))
    work.later(PREVIEW, {"version": version_id})


def version_shown_by(work: Work, blob_id: str) -> str | None:
    """The version whose preview lies in this blob, if it is one."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    return work.session.scalar(select(Preview.version_id).where(Preview.blob_id == blob_id))


def end_upload_of(work: Work, blob_id: str) -> None:
    """End an unfinished upload whose parts are not whole: whoever sends it has the file and begins anew."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    upload = work.session.scalar(select(Upload).where(Upload.blob_id == blob_id, Upload.item_id.is_(None)))
    if upload is not None:
        end(work, upload)


def useless_wraps() -> Select[str, str]:
    """Wrapped keys of blobs of which neither a row, nor a part, nor an upload is left."""
    return select(WrappedKey.blob_id, WrappedKey.space_id).where(
        *(~exists().where(column == WrappedKey.blob_id) for column in (Blob.id, Part.blob_id, Upload.blob_id))
    )


def stray_parts() -> Select[str, str, bool]:
    """Parts of blobs of which neither a row nor an upload is left, and whether somebody holds a key of them."""
    held = exists().where(WrappedKey.blob_id == Part.blob_id)
    return select(Part.object_key, Part.blob_id, held).where(
        *(~exists().where(column == Part.blob_id) for column in (Blob.id, Upload.blob_id))
    )


def drop_wraps(work: Work, blob_id: str) -> None:
    """Delete wrapped keys that lead to nothing."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    useless = useless_wraps().with_only_columns(WrappedKey.blob_id).where(WrappedKey.blob_id == blob_id)
    if work.session.scalar(useless.limit(1)):
        work.session.execute(delete(WrappedKey).where(WrappedKey.blob_id == blob_id))


def drop_part(work: Work, object_key: str) -> None:
    """Delete the row of a part that nobody can open; its object is an orphan then."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    row = work.session.execute(stray_parts().where(Part.object_key == object_key)).one_or_none()
    if row is not None and not row[2]:
        work.session.execute(delete(Part).where(Part.object_key == object_key))


def sweep_again(work: Work, space_id: str) -> None:
    """Ask the worker to clear an erased space away once more."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    person_id = work.session.get_one(Space, space_id).owner_id
    work.later(SWEEP, {"person": person_id}, key=f"{SWEEP}:{person_id}")
