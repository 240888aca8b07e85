"""Files that somebody sends into a folder which they may not see: always new ones, under names that are free.

Whoever calls has asked for the right to send. Nothing that leaves here tells which names were taken.
"""

from workspace.cloud.blobs import SealedBlob, keep
from workspace.cloud.entries import (
    Content,
    Siblings,
    append_version,
    check_depth,
    new_item,
    put_in,
    tell,
    version_details,
)
from workspace.cloud.media import media_type_of
from workspace.cloud.models import Item
from workspace.cloud.names import check_name, free_name
from workspace.cloud.quota import charge
from workspace.cloud.things import below
from workspace.db.work import Work
from workspace.kernel.errors import NameTaken
from workspace.kernel.facts import FactKind
from workspace.kernel.things import Located
from workspace.sharing.rule import Verdict

TRIES = 5


def receive_file(
    work: Work, place: Located, name: str, sealed: SealedBlob, verdict: Verdict, media_type: str | None = None
) -> Item:
    """A new file in a folder, called `name` or, where that is taken, `name (2)` and so on.

    Raises NameNotAllowed, OverQuota, KeyDestroyed, StorageUnavailable.
    """
    check_name(name)
    space_id = str(place.space_id)
    charge(work, space_id, sealed.size)
    keep(work, sealed, space_id)
    content = Content(sealed.blob_id, sealed.size, sealed.sha256, media_type_of(name, media_type))
    item = _put(work, place, name)
    version = append_version(work, item, content)
    tell(work, FactKind.ITEM_ADDED, below(place, item.id), verdict, folder=place.id, **version_details(version))
    return item


def new_folder(work: Work, place: Located, name: str, verdict: Verdict) -> Item:
    """A new folder under a free name, in a cloud of the actor's or of a body they act for."""
    check_name(name)
    check_depth(place)
    item = _put(work, place, name, is_folder=True)
    tell(work, FactKind.ITEM_ADDED, below(place, item.id), verdict, folder=place.id)
    return item


def _put(work: Work, place: Located, name: str, *, is_folder: bool = False) -> Item:
    for attempt in range(TRIES):
        item = new_item(work, place, free_name(name, Siblings(work, place.id)), is_folder=is_folder)
        try:
            put_in(work, item)
        except NameTaken:  # somebody else sent the same name at the same moment
            if attempt == TRIES - 1:
                raise
        else:
            return item
    raise NameTaken()
