"""Verbs of the personal cloud: folders, files, names, descriptions, opening.

Its sisters: `transfer.py` (move, copy), `versions.py` (restore an old version), `trash.py`, `uploads.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workspace.cloud.blobs import BlobReader, SealedBlob, keep, open_blob
from workspace.cloud.entries import (
    Content,
    append_version,
    check_depth,
    check_kind,
    child,
    look,
    new_item,
    put_in,
    tell,
    version_details,
    version_of,
)
from workspace.cloud.locked import end_locks, require_unlocked
from workspace.cloud.media import media_type_of
from workspace.cloud.models import Item, Version
from workspace.cloud.names import check_name, sort_key, split_path
from workspace.cloud.quota import charge_or_take_over, room
from workspace.cloud.spaces import raise_space_epoch
from workspace.cloud.texts import seal_text
from workspace.cloud.things import above, below, locate_folder, locate_item
from workspace.db.work import Work
from workspace.kernel.errors import (
    NameTaken,
    NotAcceptable,
    OverQuota,
    PreconditionFailed,
    TooLarge,
    WrongState,
)
from workspace.kernel.facts import FactKind
from workspace.kernel.things import Located
from workspace.sharing.authorize import Right, authorize
from workspace.sharing.rule import Action, Verdict

NOTE_LIMIT = 10_000
ABSENT = ""
"""As `if_version`: there may be nothing of that name yet."""


@dataclass(frozen=True, slots=True)
class AddedFile:
    """What came of putting a file into a folder. `replaced`: the name was there, and this is its next version."""

    item: Item
    version: Version
    replaced: bool


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file's version whose opening is written down. Its reader goes on after the Work."""

    item: Item
    version: Version
    reader: BlobReader


def make_folder(work: Work, parent_id: str, name: str) -> Item:
    """A new, empty folder. Raises NameNotAllowed, NameTaken, NotFound, Forbidden."""
    check_name(name)
    _, place = locate_folder(work, parent_id)
    verdict = authorize(work, Action.ADD, place)
    if child(work, place.id, name) is not None:
        raise NameTaken()
    return _new_folder(work, place, name, verdict)


def make_folders(work: Work, parent_id: str, path: str) -> Item:
    """The folder at a path below another one, made piece by piece where it is missing: the folders that come with a
    dropped folder. Raises NameNotAllowed, NameTaken (a file stands in the way), NotFound, Forbidden."""
    folder, place = locate_folder(work, parent_id)
    verdict = authorize(work, Action.ADD, place)
    for name in split_path(path):
        there = child(work, place.id, name)
        if there is None:
            try:
                there = _new_folder(work, place, name, verdict)
            except NameTaken:
                there = child(work, place.id, name)  # another upload of the same folder was faster
        if there is None or not there.is_folder:
            raise NameTaken()
        folder, place = there, below(place, there.id)
    return folder


def expect_file(
    work: Work, parent_id: str, name: str, size: int | None = None, *, if_version: str | None = None
) -> Located:
    """Refuse early what `add_file` would refuse, before bytes travel. Returns the folder's thing.

    Raises NameNotAllowed, NameTaken (a folder bears the name), NotFound, Forbidden, PreconditionFailed, TooLarge,
    OverQuota.
    """
    check_name(name)
    _, place = locate_folder(work, parent_id)
    _right_to_put(work, place, name, if_version)
    if size is not None:
        if size > work.settings.upload_limit:
            raise TooLarge(limit=work.settings.upload_limit)
        left = room(work, str(place.space_id))
        if size > left:
            raise OverQuota(needed=size, free=left)
    return place


def add_file(
    work: Work,
    parent_id: str,
    name: str,
    sealed: SealedBlob,
    *,
    media_type: str | None = None,
    kind: str | None = None,
    if_version: str | None = None,
    charged_in: str | None = None,
    modified_at: datetime | None = None,
) -> AddedFile:
    """Put sealed bytes into a folder under a name. A file of that name gets a new version: its id, grants and history
    stay.

    Needs CHANGE on the file that is there, else ADD on the folder. `if_version`: the newest version that the caller has
    seen, or ABSENT. `charged_in`: the space in which its room was reserved before (uploads in pieces). `modified_at`:
    when the content was last changed where it comes from. Raises what `expect_file` raises.
    """
    check_name(name)
    if kind is not None:
        check_kind(kind)
    _, place = locate_folder(work, parent_id)
    space_id = str(place.space_id)
    there, verdict = _right_to_put(work, place, name, if_version)
    charge_or_take_over(work, space_id, sealed.size, charged_in)
    keep(work, sealed, space_id)
    content = Content(sealed.blob_id, sealed.size, sealed.sha256, media_type_of(name, media_type), modified_at)
    return put_content(work, place, name, content, verdict, there, kind=kind, if_version=if_version)


def put_content(
    work: Work,
    place: Located,
    name: str,
    content: Content,
    verdict: Verdict,
    there: Item | None,
    *,
    kind: str | None = None,
    if_version: str | None = None,
    **details: Any,
) -> AddedFile:
    """Under a name in a folder: a new file or, where `there` bears the name, its next version. Room is charged before.

    On PostgreSQL somebody else may have come between the look and now: then the right is asked for anew.
    """
    if there is None:
        item = new_item(work, place, name, is_folder=False, kind=kind or "other")
        try:
            put_in(work, item)
        except NameTaken:
            there, verdict = _right_to_put(work, place, name, if_version, lock=True)
        else:
            version = append_version(work, item, content)
            thing = below(place, item.id)
            tell(work, FactKind.ITEM_ADDED, thing, verdict, folder=place.id, **version_details(version), **details)
            return AddedFile(item, version, replaced=False)
    elif not work.on_sqlite:
        there, verdict = _right_to_put(work, place, name, if_version, lock=True)
    if there is None:
        raise PreconditionFailed()  # it was there, and has just been taken away
    version = append_version(work, there, content)
    if kind is not None:
        there.kind = kind
    tell(work, FactKind.VERSION_ADDED, below(place, there.id), verdict, **version_details(version), **details)
    return AddedFile(there, version, replaced=True)


def rename(work: Work, item_id: str, name: str) -> Item:
    """Give an item another name. Raises NameNotAllowed, NameTaken, NotFound, Forbidden, WrongState (the root)."""
    check_name(name)
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.CHANGE, thing)
    if item.parent_id is None:
        raise WrongState("This is the beginning of a cloud; it has no name.")
    if item.name == name:
        return item
    require_unlocked(work, above(thing))
    require_unlocked(work, thing, tree=True)
    if child(work, item.parent_id, name) is not None:
        raise NameTaken()
    end_locks(work, thing)
    item.name, item.sort_name, item.changed_at = name, sort_key(name), work.now
    put_in(work, item)
    tell(work, FactKind.ITEM_RENAMED, thing, verdict)
    raise_space_epoch(work, item.space_id)
    return item


def describe(
    work: Work,
    item_id: str,
    *,
    kind: str | None = None,
    note: str | None = None,
    captured_at: datetime | None = None,
) -> Item:
    """Say what an item is: its kind, a note (an empty one removes it), when it was captured. None: as it was.

    The note is sealed under the key of the space. Raises NotAcceptable, NotFound, Forbidden.
    """
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.CHANGE, thing)
    require_unlocked(work, thing)
    changed = []
    if kind is not None and check_kind(kind) != item.kind:
        item.kind = kind
        changed.append("kind")
    if note is not None:
        if len(note) > NOTE_LIMIT:
            raise NotAcceptable(field="note", limit=NOTE_LIMIT)
        item.note_id = seal_text(work, note, item.space_id) if note.strip() else None
        changed.append("note")
    if captured_at is not None and captured_at != item.captured_at:
        item.captured_at = captured_at
        changed.append("captured_at")
    if changed:
        work.session.flush()
        tell(work, FactKind.ITEM_DESCRIBED, thing, verdict, changed=changed, described_as=item.kind)
    return item


def open_version(
    work: Work, item_id: str, version_id: str | None = None, kind: FactKind = FactKind.OPENED
) -> BlobReader:
    """A reader of a file's version, the newest by default, and the line in the ledger. Commit before a byte leaves.

    Raises NotFound (also for a folder), Forbidden, AccessEnded, KeyDestroyed, StorageUnavailable.
    """
    return open_file(work, item_id, version_id, kind).reader


def open_file(work: Work, item_id: str, version_id: str | None = None, kind: FactKind = FactKind.OPENED) -> OpenedFile:
    """As `open_version`, with the item and the version beside the reader."""
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.OPEN, thing)
    version = version_of(work, item, version_id)
    look(work, kind, thing, verdict, version.id)
    return OpenedFile(item, version, open_blob(work, version.blob_id, item.space_id))


def rights_to_open(work: Work, *item_ids: str) -> list[Right]:
    """What lets the actor read these files or folders, for who has to ask again while bytes travel. Raises as
    `open_file`."""
    things = [locate_item(work, item_id)[1] for item_id in item_ids]
    return [Right(thing, authorize(work, Action.OPEN, thing)) for thing in things]


def _right_to_put(
    work: Work, place: Located, name: str, if_version: str | None, *, lock: bool = False
) -> tuple[Item | None, Verdict]:
    """What bears the name in the folder, and the verdict that lets the actor put a file there."""
    there = child(work, place.id, name, lock=lock)
    if there is None:
        verdict = authorize(work, Action.ADD, place)
        require_unlocked(work, place)
        if if_version:
            raise PreconditionFailed()
        return None, verdict
    authorize(work, Action.SEE, place)
    verdict = authorize(work, Action.CHANGE, below(place, there.id))
    require_unlocked(work, below(place, there.id))
    if there.is_folder:
        raise NameTaken()
    if if_version is not None and if_version != there.version_id:
        raise PreconditionFailed()
    return there, verdict


def _new_folder(work: Work, place: Located, name: str, verdict: Verdict) -> Item:
    check_depth(place)
    require_unlocked(work, place)
    item = new_item(work, place, name, is_folder=True)
    put_in(work, item)
    tell(work, FactKind.ITEM_ADDED, below(place, item.id), verdict, folder=place.id)
    return item
