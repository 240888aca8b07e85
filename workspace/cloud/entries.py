"""Entries of folders: found, put in under a name, given versions. Verbs use these once they have asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from workspace.cloud.blobs import share_key
from workspace.cloud.models import Item, Preview, Version
from workspace.cloud.names import sort_key
from workspace.cloud.things import DEEPEST
from workspace.db.folder_changes import record_change
from workspace.db.work import Work
from workspace.kernel.actors import SubjectKind
from workspace.kernel.errors import NameTaken, NotAcceptable, NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import Located
from workspace.sharing.ledger import record_access
from workspace.sharing.rule import Verdict

BATCH = 500
LINES = 200
"""Up to so many files each get a line of their own in the owner's ledger; beyond, the chosen folder has one for all."""
KINDS = ("draft", "evidence", "correspondence", "other")


@dataclass(frozen=True, slots=True)
class Content:
    """What a version holds: a blob, and what is known of its bytes. `modified_at`: see `models.Version`."""

    blob_id: str
    size: int
    sha256: bytes
    media_type: str
    modified_at: datetime | None = None


def check_kind(kind: str) -> str:
    """Raises NotAcceptable unless it is one of the four kinds."""
    if kind not in KINDS:
        raise NotAcceptable(field="kind")
    return kind


def check_depth(place: Located) -> None:
    """Raises NotAcceptable where a folder lies so deep that nothing more may be put into it."""
    if len(place.lineage) > DEEPEST:
        raise NotAcceptable(field="folder", limit=DEEPEST)


def child(work: Work, folder_id: str, name: str, *, lock: bool = False) -> Item | None:
    """What bears this very name in a folder. With `lock` (PostgreSQL) nobody else changes it before this Work ends."""
    query = _CHILD
    if lock and not work.on_sqlite:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return work.session.scalar(query, {"folder_id": folder_id, "name": name})


_CHILD = select(Item).where(
    Item.parent_id == bindparam("folder_id"), Item.name == bindparam("name"), Item.trashed_at.is_(None)
)


class Siblings:
    """The names in a folder, as something to look a name up in."""

    def __init__(self, work: Work, folder_id: str) -> None:
        self._work = work
        self._folder_id = folder_id

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and child(self._work, self._folder_id, name) is not None


def new_item(work: Work, place: Located, name: str, *, is_folder: bool, kind: str = "other") -> Item:
    """A row for an item in a folder, not yet in the session."""
    return Item(
        id=new_id(),
        space_id=place.space_id,
        parent_id=place.id,
        name=name,
        sort_name=sort_key(name),
        is_folder=is_folder,
        version_id=None,
        size=0,
        media_type="",
        kind=kind,
        made_at=work.now,
        made_by=work.actor.person_id,
        changed_at=work.now,
    )


def put_in(work: Work, item: Item) -> None:
    """Write a new item or a changed place or name. Raises NameTaken where somebody else was faster (PostgreSQL)."""
    parent_id, name = item.parent_id, item.name
    try:
        if work.on_sqlite:
            work.session.add(item)
            work.session.flush()
        else:
            with work.session.begin_nested():
                work.session.add(item)
                work.session.flush()
    except IntegrityError as error:
        if work.on_sqlite:
            raise
        taken = parent_id is not None and child(work, parent_id, name) is not None
        raise (NameTaken() if taken else NotFound()) from error


def append_version(work: Work, item: Item, content: Content, *, restored_from: str | None = None) -> Version:
    """The next version of a file; the item follows it."""
    newest = work.session.scalar(select(func.max(Version.number)).where(Version.item_id == item.id))
    version = Version(
        id=new_id(),
        item_id=item.id,
        number=(newest or 0) + 1,
        blob_id=content.blob_id,
        size=content.size,
        sha256=content.sha256,
        media_type=content.media_type,
        made_at=work.now,
        made_by=work.actor.person_id,
        restored_from=restored_from,
        modified_at=content.modified_at or work.now,
    )
    work.session.add(version)
    item.version_id = version.id
    item.size = version.size
    item.media_type = version.media_type
    item.modified_at = version.modified_at
    item.changed_at = work.now
    work.session.flush()
    return version


def version_of(work: Work, item: Item, version_id: str | None = None) -> Version:
    """A file's version, the newest by default. Raises NotFound, also for a folder and for another file's version."""
    wanted = version_id or item.version_id
    version = work.session.get(Version, wanted) if wanted else None
    if version is None or version.item_id != item.id:
        raise NotFound()
    return version


def content_of(version: Version) -> Content:
    return Content(version.blob_id, version.size, version.sha256, version.media_type, version.modified_at)


def copy_previews(work: Work, versions: dict[str, str], from_space_id: str, to_space_id: str) -> None:
    """The same bytes look the same: previews of the old versions (keys) serve the new ones (values), too."""
    for batch in batches(versions):
        known = work.session.scalars(select(Preview).where(Preview.version_id.in_(batch))).all()
        share_key(work, [one.blob_id for one in known if one.blob_id], from_space_id, to_space_id)
        rows = [
            {
                "version_id": versions[one.version_id],
                "size_name": one.size_name,
                "blob_id": one.blob_id,
                "width": one.width,
                "height": one.height,
                "pages": one.pages,
                "made_at": one.made_at,
            }
            for one in known
        ]
        if rows:
            work.session.execute(insert(Preview), rows)


def batches(values: Iterable[Any]) -> Iterable[list[Any]]:
    everything = list(values)
    return (everything[start : start + BATCH] for start in range(0, len(everything), BATCH))


def tell(
    work: Work, kind: FactKind, thing: Located, verdict: Verdict, *, place: Located | None = None, **details: Any
) -> None:
    """Write the fact of a change, with the grant by which and the body on whose behalf it was made; the ETags of the
    folders above the thing, and of `place`, another folder that it was put into, are old from now on.

    `details` are ids, sizes and hashes; never a name or content.
    """
    for folder_id in dict.fromkeys([*thing.lineage[1:2], *([place.id] if place else [])]):
        record_change(work, str(thing.space_id), folder_id)
    subject = verdict.grant.subject if verdict.grant else None
    body_id = link_id = None
    if subject is not None and subject.kind is SubjectKind.BODY:
        body_id = subject.id
    elif subject is not None and subject.kind is SubjectKind.OFFICE:
        body_id = next((post.body_id for post in work.actor.appointments if post.office_id == subject.id), None)
    elif subject is not None and subject.kind is SubjectKind.LINK:
        link_id = subject.id
    work.record(
        kind,
        thing,
        body_id=body_id,
        link_id=link_id,
        space_id=thing.space_id,
        grant_id=verdict.grant.id if verdict.grant else None,
        **details,
    )


def look(work: Work, kind: FactKind, thing: Located, verdict: Verdict, version_id: str | None = None) -> None:
    """Write a look into the ledger. The owner's own need no line and may be read in a Work that only reads.

    Raises RuntimeError where somebody else's look could not be kept: that Work must be one that writes.
    """
    if work.writes:
        record_access(work, kind, thing, verdict, version_id=version_id)
    elif not verdict.owner:
        raise RuntimeError("a look must be written down: open this in a writing Work")


def look_through(work: Work, top: Located, verdict: Verdict, files: Sequence[tuple[str, str]]) -> None:
    """Write into the ledger that somebody takes an item with all the files in it, given as item and version. Where
    downloads are counted, each of them is one."""
    if verdict.owner or not files or (len(files) > LINES and verdict.counted is None):
        look(work, FactKind.DOWNLOADED if files else FactKind.LISTED, top, verdict)
        return
    for item_id, version_id in files:
        place = Located(top.kind, item_id, top.owner, top.lineage, top.space_id)
        look(work, FactKind.DOWNLOADED, place, verdict, version_id)


def version_details(version: Version) -> dict[str, Any]:
    """What a fact says of a version."""
    return {
        "version": version.id,
        "number": version.number,
        "size": version.size,
        "sha256": version.sha256.hex(),
    }
