"""The tables against each other: room used, newest versions, deliveries; and the log."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select

from workspace.cases.models import DeliveredFile, Delivery
from workspace.cli.findings import Course, Finding
from workspace.cloud.models import Blob, Item, QuotaCharge, Space, Upload, Version, WrappedKey
from workspace.kernel.actors import COMMAND
from workspace.trust.log import log_size
from workspace.trust.verify import verify_log


def check_room(course: Course) -> Iterator[Finding]:
    """The room a space uses is the sum of its versions and of the uploads that are under way. One statement, so that
    writers at work do not disturb it."""
    charged = select(func.coalesce(func.sum(QuotaCharge.size), 0)).where(QuotaCharge.space_id == Space.id)
    versions = (
        select(func.coalesce(func.sum(Version.size), 0))
        .join(Item, Item.id == Version.item_id)
        .where(Item.space_id == Space.id)
    )
    uploads = select(func.coalesce(func.sum(Upload.reserved), 0)).where(
        Upload.space_id == Space.id, Upload.item_id.is_(None)
    )
    with course.runtime.reading(COMMAND) as work:
        rows = work.session.execute(
            select(
                Space.id,
                (Space.used_bytes + charged.scalar_subquery()).label("counted"),
                (versions.scalar_subquery() + uploads.scalar_subquery()).label("there"),
            ).where(Space.erased_at.is_(None))
        ).all()
    for row in rows:
        if row.counted != row.there:
            text = f"The space counts {row.counted} bytes as used, its versions and uploads are {row.there}."
            yield Finding("room", row.id, text)


def check_versions(course: Course) -> Iterator[Finding]:
    """A version is its blob; a file's row follows its newest version; its space can open it."""
    with course.runtime.reading(COMMAND) as work:
        course.counted["versions"] = work.session.scalar(select(func.count()).select_from(Version)) or 0
        differing = select(Version.id).join(Blob, Blob.id == Version.blob_id)
        differing = differing.where(or_(Version.size != Blob.size, Version.sha256 != Blob.sha256))
        for one in work.session.scalars(differing):
            yield Finding("version", one, "The version says another size or hash than its blob.")
        newest = select(Item.id).outerjoin(Version, Version.id == Item.version_id)
        newest = newest.where(
            Item.is_folder.is_(False),
            or_(Version.id.is_(None), Version.item_id != Item.id, Version.size != Item.size),
        )
        for one in work.session.scalars(newest):
            yield Finding("item", one, "The file does not follow its newest version.")
        keyless = (
            select(Version.id)
            .join(Item, Item.id == Version.item_id)
            .join(Space, Space.id == Item.space_id)
            .outerjoin(
                WrappedKey, (WrappedKey.blob_id == Version.blob_id) & (WrappedKey.space_id == Item.space_id)
            )
            .where(WrappedKey.blob_id.is_(None), Space.erased_at.is_(None))
        )  # fmt: skip
        for one in work.session.scalars(keyless):
            yield Finding("key", one, "The version's own space holds no key of it.")


def check_deliveries(course: Course) -> Iterator[Finding]:
    """What was delivered is what its receipt says, and both sides can open it."""
    with course.runtime.reading(COMMAND) as work:
        course.counted["deliveries"] = work.session.scalar(select(func.count()).select_from(Delivery)) or 0
        differing = select(DeliveredFile.id).join(Blob, Blob.id == DeliveredFile.blob_id)
        differing = differing.where(or_(DeliveredFile.size != Blob.size, DeliveredFile.sha256 != Blob.sha256))
        for one in work.session.scalars(differing):
            yield Finding("delivery", one, "The delivered file says another size or hash than its blob.")
        for side in (Delivery.from_space_id, Delivery.to_space_id):
            keyless = (
                select(DeliveredFile.id)
                .join(Delivery, Delivery.id == DeliveredFile.delivery_id)
                .join(Space, Space.id == side)
                .outerjoin(WrappedKey, (WrappedKey.blob_id == DeliveredFile.blob_id) & (WrappedKey.space_id == side))
                .where(WrappedKey.blob_id.is_(None), Space.erased_at.is_(None))
            )
            for one in work.session.scalars(keyless):
                yield Finding("key", one, "One side of the delivery holds no key of this file.")


def check_log(course: Course) -> Iterator[Finding]:
    """The transparency log and the journal."""
    with course.runtime.reading(COMMAND) as work:
        course.counted["entries"] = log_size(work)
        for sentence in verify_log(work, course.runtime.ports.journal):
            yield Finding("log", "", sentence)
