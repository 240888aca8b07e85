"""Moving and copying. No byte is moved or copied: a move changes one row, a copy adds rows that name the same blobs."""

from dataclasses import replace
from typing import Any

from sqlalchemy import func, insert, select

from workspace.cloud.blobs import share_key
from workspace.cloud.entries import (
    Siblings,
    append_version,
    batches,
    check_depth,
    child,
    content_of,
    copy_previews,
    look,
    look_through,
    put_in,
    tell,
    version_details,
    version_of,
)
from workspace.cloud.locked import end_locks, require_unlocked
from workspace.cloud.media import media_type_of
from workspace.cloud.models import Item, Version
from workspace.cloud.names import check_name, free_name, sort_key
from workspace.cloud.property_rows import copy_properties, take_over_properties
from workspace.cloud.quota import charge
from workspace.cloud.removal import remove_rows
from workspace.cloud.service import put_content
from workspace.cloud.spaces import raise_space_epoch
from workspace.cloud.things import above, below, locate_item, subtree
from workspace.db.work import Work
from workspace.kernel.errors import Forbidden, NameTaken, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import Located
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action, Verdict


def move(work: Work, item_id: str, to_folder_id: str, name: str | None = None) -> Item:
    """Put an item into another folder of its space, under another name if one is given; id, grants and history stay.

    Moved onto a file, a file becomes that file's next version and is gone itself (that is how programs save safely).
    Returns what is there afterwards. Needs CHANGE on the item and ADD on the folder, or CHANGE on the file there.
    Raises NotFound, NameNotAllowed, NameTaken, WrongState (the root), Forbidden (`details["reason"]`: other_space,
    into_itself).
    """
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.CHANGE, thing)
    if item.parent_id is None:
        raise WrongState("This is the beginning of a cloud; it stays where it is.")
    if item.is_folder and not work.on_sqlite:
        # Two folders moved into each other at once would make a circle that hangs on nothing: moves of folders in one
        # space take turns at its root, which lies above both.
        root = select(Item.id).where(Item.id == thing.lineage[-1]).with_for_update(key_share=True)
        work.session.execute(root)
        item, thing = locate_item(work, item_id)
    place = _target(work, thing, to_folder_id)
    if place.space_id != thing.space_id:
        raise Forbidden(reason="other_space")
    wanted = check_name(item.name if name is None else name)
    there = child(work, place.id, wanted)
    if there is not None and there.id == item.id:
        return item
    require_unlocked(work, above(thing))
    require_unlocked(work, thing, tree=True)
    if there is not None and not there.is_folder and not item.is_folder:
        return _move_onto(work, item, thing, verdict, there, below(place, there.id))
    authorize(work, Action.ADD, place)
    require_unlocked(work, place)
    if there is not None:
        raise NameTaken()
    check_depth(place)
    end_locks(work, thing)
    moved = item.parent_id != place.id
    item.parent_id, item.name, item.sort_name, item.changed_at = place.id, wanted, sort_key(wanted), work.now
    put_in(work, item)
    if moved:
        tell(work, FactKind.ITEM_MOVED, thing, verdict, place=place, **{"from": thing.lineage[1], "to": place.id})
    else:
        tell(work, FactKind.ITEM_RENAMED, thing, verdict)
    raise_space_epoch(work, item.space_id)
    return item


def copy(work: Work, item_id: str, to_folder_id: str, name: str | None = None) -> Item:
    """A second item with the same content, in this or another space: no byte is copied, however large it is.

    Copies have no grants and no history of their own; they count as room like any file, since they may outlive what
    they were copied from. Without a name, a copy beside the original gets a free one. Copied onto a file, it becomes
    that file's next version. Somebody else's copying is written into the ledger of the original's owner as a download
    of every file.

    Needs OPEN on the item and ADD on the folder, or CHANGE on the file there. Raises what `move` raises, and OverQuota.
    """
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.OPEN, thing)
    place = _target(work, thing, to_folder_id)
    if name is None and place.id == item.parent_id:
        name = free_name(item.name, Siblings(work, place.id))
    wanted = check_name(item.name if name is None else name)
    there = child(work, place.id, wanted)
    if there is not None and there.id == item.id:
        raise Forbidden(reason="same")
    if there is not None and not there.is_folder and not item.is_folder:
        right = authorize(work, Action.CHANGE, below(place, there.id))
        require_unlocked(work, below(place, there.id))
    else:
        right = authorize(work, Action.ADD, place)
        require_unlocked(work, place)
        if there is not None:
            raise NameTaken()
        check_depth(place)
    if item.is_folder:
        rows = _tree(work, thing.id)
        look_through(work, thing, verdict, [(row.id, row.version_id) for row in rows if row.version_id])
        return _copy_tree(work, thing, rows, place, wanted, right)
    look(work, FactKind.DOWNLOADED, thing, verdict, item.version_id)
    return _copy_file(work, item, place, wanted, right, there)


def _target(work: Work, thing: Located, folder_id: str) -> Located:
    """The folder to put something into; that it is there is told only to who may see it."""
    folder, place = locate_item(work, folder_id)
    authorize(work, Action.SEE, place)
    if not folder.is_folder:
        raise WrongState("This is a file; choose a folder.")
    if thing.id in place.lineage:
        raise Forbidden(reason="into_itself")
    return place


def _move_onto(work: Work, item: Item, thing: Located, verdict: Verdict, there: Item, target: Located) -> Item:
    right = authorize(work, Action.CHANGE, target)
    require_unlocked(work, target)
    take_over_properties(work, item, there)
    end_locks(work, thing)
    newest = version_of(work, item)
    content = replace(content_of(newest), media_type=media_type_of(there.name, newest.media_type))
    versions = work.session.scalar(select(func.count()).select_from(Version).where(Version.item_id == item.id))
    gone = FactKind.ITEM_DELETED
    try:
        if versions != 1:
            raise WrongState()
        # what was only just written beside the file goes into it, room and all
        remove_rows(work, item, give_back=False)
    except WrongState:
        # it has a history of its own, or something needs it: that lies in the trash from now on
        charge(work, item.space_id, content.size)
        item.trashed_at, item.trashed_by = work.now, work.actor.person_id
        work.session.flush()
        gone = FactKind.ITEM_TRASHED
    version = append_version(work, there, content)
    tell(work, gone, thing, verdict, into=there.id)
    tell(work, FactKind.VERSION_ADDED, target, right, source=thing.id, **version_details(version))
    raise_space_epoch(work, there.space_id)
    return there


def _copy_file(work: Work, item: Item, place: Located, name: str, right: Verdict, there: Item | None) -> Item:
    source = version_of(work, item)
    space_id = str(place.space_id)
    charge(work, space_id, source.size)
    share_key(work, [source.blob_id], item.space_id, space_id)
    kind = item.kind if there is None else None
    added = put_content(work, place, name, content_of(source), right, there, kind=kind, copied=item.id)
    if added.item.captured_at is None:
        added.item.captured_at = item.captured_at
    copy_previews(work, {source.id: added.version.id}, item.space_id, space_id)
    if added.replaced:
        take_over_properties(work, item, added.item)
    else:
        copy_properties(work, {item.id: added.item.id}, item.space_id, space_id)
    return added.item


def _copy_tree(work: Work, thing: Located, rows: list[Any], place: Located, name: str, right: Verdict) -> Item:
    space_id = str(place.space_id)
    size = sum(row.version_size or 0 for row in rows)
    charge(work, space_id, size)
    share_key(work, [row.blob_id for row in rows if row.blob_id], str(thing.space_id), space_id)
    new_ids = {row.id: new_id() for row in rows}
    new_versions = {row.version_id: new_id() for row in rows if row.version_id}
    items, versions = [], []
    for row in rows:
        top = row.id == thing.id
        version_id = new_versions.get(row.version_id)
        items.append(
            _item_row(work, row, version_id)
            | {
                "id": new_ids[row.id],
                "space_id": space_id,
                "parent_id": place.id if top else new_ids[row.parent_id],
                "name": name if top else row.name,
                "sort_name": sort_key(name) if top else row.sort_name,
            }
        )
        if version_id:
            versions.append(_version_row(work, row, version_id, new_ids[row.id]))
    for batch in batches(items):
        work.session.execute(insert(Item), batch)
    for batch in batches(versions):
        work.session.execute(insert(Version), batch)
    copy_previews(work, new_versions, str(thing.space_id), space_id)
    copy_properties(work, new_ids, str(thing.space_id), space_id)
    top_id = new_ids[thing.id]
    tell(
        work, FactKind.ITEM_COPIED, below(place, top_id), right, copied=thing.id, folder=place.id,
        files=len(versions), size=size,
    )  # fmt: skip
    copied = work.session.get(Item, top_id)
    assert copied is not None
    return copied


def _tree(work: Work, item_id: str) -> list[Any]:
    """An item and all below it, parents first, each with its newest version."""
    down = subtree(item_id)
    query = (
        select(
            Item.id, Item.parent_id, Item.name, Item.sort_name, Item.is_folder, Item.kind, Item.captured_at,
            Item.version_id, Version.blob_id, Version.size.label("version_size"), Version.sha256, Version.media_type,
            Version.modified_at,
        )
        .join(down, down.c.id == Item.id)
        .outerjoin(Version, Version.id == Item.version_id)
        .order_by(down.c.depth)
    )  # fmt: skip
    return list(work.session.execute(query))


def _item_row(work: Work, row: Any, version_id: str | None) -> dict[str, Any]:
    return {
        "is_folder": row.is_folder,
        "version_id": version_id,
        "size": row.version_size or 0,
        "media_type": row.media_type or "",
        "kind": row.kind,
        "captured_at": row.captured_at,
        "made_at": work.now,
        "made_by": work.actor.person_id,
        "changed_at": work.now,
        "modified_at": row.modified_at,
    }


def _version_row(work: Work, row: Any, version_id: str, item_id: str) -> dict[str, Any]:
    return {
        "id": version_id,
        "item_id": item_id,
        "number": 1,
        "blob_id": row.blob_id,
        "size": row.version_size,
        "sha256": row.sha256,
        "media_type": row.media_type,
        "made_at": work.now,
        "made_by": work.actor.person_id,
        "modified_at": row.modified_at,
    }
