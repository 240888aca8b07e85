"""The tables against each other: room used, newest versions, deliveries; and the log."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from workspace.cases.models import DeliveredFile, Delivery
from workspace.cli.findings import Course, Finding
from workspace.cloud import repair
from workspace.cloud.models import Blob, Item, Part, QuotaCharge, Space, Upload, Version
from workspace.kernel.actors import COMMAND
from workspace.trust.log import log_size
from workspace.trust.verify import verify_log

SWEPT_AFTER = timedelta(days=2)
BY_HAND = "Bring the row back from a backup of the tables, or move the item by hand to the first folder of its cloud."
WHICH = (
    "`workspace check --deep` says which of the two the bytes are; bring the other back from a backup of the tables."
)
OUTSIDE = (
    "Nothing here may be mended: keep the database and the journal as they are, and compare with heads held outside."
)


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
            did = "The room is counted anew."
            mend = course.mending(did, repair.recount_room, row.id)
            yield Finding("room", row.id, text, mend=mend)


def check_versions(course: Course) -> Iterator[Finding]:
    """A version is its blob; a file's row follows its newest version."""
    with course.runtime.reading(COMMAND) as work:
        course.counted["versions"] = work.session.scalar(select(func.count()).select_from(Version)) or 0
        differing = select(Version.id).join(Blob, Blob.id == Version.blob_id)
        differing = differing.where(or_(Version.size != Blob.size, Version.sha256 != Blob.sha256))
        versions = work.session.scalars(differing).all()
        any_of_it = aliased(Version)
        newest = select(Item.id, select(any_of_it.id).where(any_of_it.item_id == Item.id).exists())
        newest = newest.outerjoin(Version, Version.id == Item.version_id).where(
            Item.is_folder.is_(False),
            or_(Version.id.is_(None), Version.item_id != Item.id, Version.size != Item.size),
        )
        items = work.session.execute(newest).all()
    for one in versions:
        yield Finding("version", one, "The version says another size or hash than its blob.", WHICH)
    for item_id, has_versions in items:
        if not has_versions:
            yield Finding(
                "item", item_id, "The file has no version.", "Bring its versions back from a backup of the tables."
            )
            continue
        did = "It follows its newest version again."
        mend = course.mending(did, repair.follow_newest, item_id)
        yield Finding("item", item_id, "The file does not follow its newest version.", mend=mend)


def check_tree(course: Course) -> Iterator[Finding]:
    """Every item hangs below the first folder of its own space, and below folders only."""
    parent = aliased(Item)
    reached = select(Item.id).where(Item.parent_id.is_(None)).cte("reached", recursive=True)
    child = aliased(Item)
    reached = reached.union(select(child.id).join(reached, child.parent_id == reached.c.id))
    with course.runtime.reading(COMMAND) as work:
        scalars = work.session.scalars
        apart = scalars(
            select(Item.id).join(parent, parent.id == Item.parent_id).where(parent.space_id != Item.space_id)
        )
        in_files = scalars(select(Item.id).join(parent, parent.id == Item.parent_id).where(parent.is_folder.is_(False)))
        lost = scalars(select(Item.id).where(Item.id.not_in(select(reached.c.id))))
        rooted = select(Item.space_id).where(Item.parent_id.is_(None))
        rootless = scalars(select(Space.id).where(Space.erased_at.is_(None), Space.id.not_in(rooted)))
        found = {
            "The item lies in a folder of another space.": apart.all(),
            "The item lies in a file.": in_files.all(),
            "No way leads from the first folder to this item.": lost.all(),
            "The space has no first folder.": rootless.all(),
        }
    for text, ids in found.items():
        for one in ids:
            yield Finding("tree", one, text, BY_HAND)


def check_uploads(course: Course) -> Iterator[Finding]:
    """Uploads that are under way have the bytes that they have acknowledged; parts belong to something."""
    sealed = select(func.coalesce(func.sum(Part.size), 0)).where(Part.blob_id == Upload.blob_id).scalar_subquery()
    with course.runtime.reading(COMMAND) as work:
        torn = work.session.scalars(
            select(Upload.blob_id).where(Upload.item_id.is_(None), Upload.concat != "final", Upload.offset != sealed)
        ).all()
        wraps = work.session.execute(repair.useless_wraps()).all()
        parts = work.session.execute(repair.stray_parts()).all()
    for blob_id in torn:
        did = "The unfinished upload is ended; whoever sends it begins anew."
        mend = course.mending(did, repair.end_upload_of, blob_id)
        yield Finding("upload", blob_id, "The upload has acknowledged other bytes than it has.", mend=mend)
    for blob_id, space_id in wraps:
        text = f"Space {space_id} holds a key of a blob of which nothing is left."
        mend = course.mending("The key is removed.", repair.drop_wraps, blob_id)
        yield Finding("stray", blob_id, text, mend=mend)
    for key, blob_id, held in parts:
        text = f"A part of blob {blob_id}, which has no row."
        if held:
            yield Finding(
                "stray", key, text, "A key of it is there: bring the blob's row back from a backup of the tables."
            )
            continue
        mend = course.mending("Its row is removed.", repair.drop_part, key)
        yield Finding("stray", key, f"{text[:-1]}, and of which nobody holds a key.", mend=mend)


def check_deliveries(course: Course) -> Iterator[Finding]:
    """What was delivered is what its receipt says."""
    with course.runtime.reading(COMMAND) as work:
        course.counted["deliveries"] = work.session.scalar(select(func.count()).select_from(Delivery)) or 0
        differing = select(DeliveredFile.id).join(Blob, Blob.id == DeliveredFile.blob_id)
        differing = differing.where(or_(DeliveredFile.size != Blob.size, DeliveredFile.sha256 != Blob.sha256))
        rows = work.session.scalars(differing).all()
    for one in rows:
        yield Finding("delivery", one, "The delivered file says another size or hash than its blob.", WHICH)


def check_erased(course: Course) -> Iterator[Finding]:
    """Of a cloud that was erased days ago no rows are left; what the journal knows as ended has ended."""
    with course.runtime.reading(COMMAND) as work:
        left = select(Item.id).where(Item.space_id == Space.id).exists()
        wanted = select(Space.id).where(Space.erased_at < work.now - SWEPT_AFTER, left)
        spaces = work.session.scalars(wanted).all()
    for one in spaces:
        did = "The worker clears them away."
        mend = course.mending(did, repair.sweep_again, one)
        yield Finding("erased", one, "Rows of an erased cloud are left; nobody can open them.", mend=mend)
    if count := course.outstanding(course.runtime):
        text = f"The journal knows {count} endings that do not hold; was an older backup restored?"
        yield Finding("ending", "", text, mend=lambda: f"{course.recover(course.runtime)} hold again.")


def check_log(course: Course) -> Iterator[Finding]:
    """The transparency log and the journal."""
    with course.runtime.reading(COMMAND) as work:
        course.counted["entries"] = log_size(work)
        for sentence in verify_log(work, course.runtime.ports.journal):
            yield Finding("log", "", sentence, OUTSIDE)
