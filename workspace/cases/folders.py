"""The folders that cases lie in, and the exact versions that lie in them now."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from workspace.cases.handover import Handed
from workspace.cases.models import Case, DeliveredFile, Delivery
from workspace.cloud.entries import Content
from workspace.cloud.models import Item, Version
from workspace.cloud.names import LONGEST, free_name, shorten
from workspace.cloud.quota import charge
from workspace.cloud.rows import versions_by_id
from workspace.cloud.service import make_folder, put_content
from workspace.cloud.spaces import root_of
from workspace.cloud.things import locate_item, subtree
from workspace.cloud.transfer import copy
from workspace.db.work import Work
from workspace.kernel.errors import NotFound
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action

CASES = {"en": "Cases", "uk": "Справи"}


def new_case_folder(work: Work, space_id: str, title: str, language: str) -> str:
    """Make a folder for a case among the others of its kind; returns its id."""
    root = root_of(work, space_id)
    inside = _children(work, root.id)
    # whoever changes their language keeps the folder they have
    known = [inside[name] for name in (CASES.get(language, CASES["en"]), *CASES.values()) if name in inside]
    above = next((one.id for one in known if one.is_folder), None)
    if above is None:
        name = free_name(CASES.get(language, CASES["en"]), inside.keys())
        above = make_folder(work, root.id, name).id
    plain = "".join(character for character in title if character.isprintable()).replace("/", "∕").strip(" .")
    name = free_name(shorten(plain, LONGEST - 16) or CASES["en"], _children(work, above).keys())
    return make_folder(work, above, name).id


def files_in(work: Work, folder_id: str) -> list[Handed]:
    """Everything that lies in a folder, at any depth, by path. Nothing where the folder is gone or in the trash."""
    try:
        locate_item(work, folder_id)
    except NotFound:
        return []
    tree = subtree(folder_id)
    items = work.session.scalars(
        select(Item).join(tree, tree.c.id == Item.id).order_by(tree.c.depth, Item.sort_name, Item.id)
    ).all()
    # by themselves: joined to the recursion, PostgreSQL reads every version there is (it expects a tree to be large)
    versions = versions_by_id(work, [one.version_id for one in items if one.version_id])
    paths: dict[str | None, str] = {folder_id: ""}
    found = []
    for item in items:
        if item.id == folder_id:
            continue
        path = paths[item.parent_id] + item.name
        paths[item.id] = path + "/"
        if item.version_id:
            found.append(_handed(path, item, versions[item.version_id]))
    return found


def items_as_files(work: Work, item_ids: Iterable[str]) -> list[Handed]:
    """These files of the actor's own cloud, folders with all they hold, each name once. Asks for each."""
    found: list[Handed] = []
    taken: set[str] = set()
    for item_id in dict.fromkeys(item_ids):
        item, thing = locate_item(work, item_id)
        authorize(work, Action.DELIVER, thing)
        if item.is_folder:
            inside = [(f"{item.name}/{one.name}", one) for one in files_in(work, item.id)]
        else:
            version = work.session.get_one(Version, item.version_id)
            inside = [(item.name, _handed(item.name, item, version))]
        for name, one in inside:
            name = free_name(name, taken)
            taken.add(name)
            found.append(Handed(name, one.blob_id, one.size, one.sha256, one.media_type, one.item_id, one.version_id))
    return found


def put_copy(work: Work, item_id: str, folder_id: str) -> str:
    """Copy an item into a case's folder under a name that is free there; returns the copy's id. `copy` asks."""
    item, _ = locate_item(work, item_id)
    return copy(work, item_id, folder_id, free_name(item.name, _children(work, folder_id).keys())).id


def keep_by_reference(work: Work, case: Case, file: DeliveredFile) -> str:
    """A delivered file as one of the citizen's own, beside their others; no byte is copied. `authorize` asks anew."""
    try:
        _, place = locate_item(work, case.folder_id)
    except NotFound:
        _, place = locate_item(work, root_of(work, case.space_id).id)
    verdict = authorize(work, Action.ADD, place)
    charge(work, case.space_id, file.size)
    name = free_name(file.name.replace("/", "∕"), _children(work, place.id).keys())
    content = Content(file.blob_id, file.size, file.sha256, file.media_type)
    return put_content(work, place, name, content, verdict, None, kind="correspondence").item.id


def undelivered(work: Work, case: Case) -> list[Handed]:
    """The files of the case's folder whose present version no delivery of this case holds yet."""
    known = set(
        work.session.scalars(
            select(DeliveredFile.version_id)
            .join(Delivery, Delivery.id == DeliveredFile.delivery_id)
            .where(Delivery.case_id == case.id, DeliveredFile.version_id.is_not(None))
        )
    )
    return [one for one in files_in(work, case.folder_id) if one.version_id not in known]


def _children(work: Work, folder_id: str) -> dict[str, Item]:
    rows: Sequence[Item] = work.session.scalars(
        select(Item).where(Item.parent_id == folder_id, Item.trashed_at.is_(None))
    ).all()
    return {row.name: row for row in rows}


def _handed(name: str, item: Item, version: Version) -> Handed:
    return Handed(name, version.blob_id, version.size, version.sha256, version.media_type, item.id, version.id)
