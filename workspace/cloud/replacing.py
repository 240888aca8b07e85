"""New content for a file that is found by its id, not by its name in a folder."""

from datetime import datetime

from workspace.cloud.blobs import SealedBlob, keep
from workspace.cloud.entries import Content, append_version, child, tell, version_details
from workspace.cloud.locked import require_unlocked
from workspace.cloud.media import media_type_of
from workspace.cloud.models import Item, Version
from workspace.cloud.quota import charge_or_take_over, room
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.kernel.errors import NotFound, OverQuota, PreconditionFailed, TooLarge, WrongState
from workspace.kernel.facts import FactKind
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action


def expect_version(work: Work, item_id: str, size: int | None = None, *, if_version: str | None = None) -> Item:
    """Refuse early what `add_version` would refuse, before bytes travel.

    Raises NotFound, Forbidden, WrongState (a folder), PreconditionFailed, TooLarge, OverQuota.
    """
    item, thing = locate_item(work, item_id)
    authorize(work, Action.CHANGE, thing)
    require_unlocked(work, thing)
    if item.is_folder:
        raise WrongState("This is a folder; it has no content of its own.")
    if if_version is not None and if_version != item.version_id:
        raise PreconditionFailed()
    if size is not None:
        if size > work.settings.upload_limit:
            raise TooLarge(limit=work.settings.upload_limit)
        left = room(work, item.space_id)
        if size > left:
            raise OverQuota(needed=size, free=left)
    return item


def add_version(
    work: Work,
    item_id: str,
    sealed: SealedBlob,
    *,
    media_type: str | None = None,
    if_version: str | None = None,
    charged_in: str | None = None,
    modified_at: datetime | None = None,
) -> Version:
    """New content for a file, found by its id: also for those who may change this file and not see its folder.

    `if_version`: the newest version that the caller has seen. `charged_in`, `modified_at`: as for `add_file`. Raises
    what `expect_version` raises.
    """
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.CHANGE, thing)
    if item.is_folder:
        raise WrongState("This is a folder; it has no content of its own.")
    charge_or_take_over(work, item.space_id, sealed.size, charged_in)
    # on PostgreSQL somebody else may be writing the same file: the row is waited for and read anew
    there = child(work, str(item.parent_id), item.name, lock=True)
    if there is None or there.id != item.id:
        raise NotFound()
    require_unlocked(work, thing)
    if if_version is not None and if_version != there.version_id:
        raise PreconditionFailed()
    keep(work, sealed, item.space_id)
    content = Content(sealed.blob_id, sealed.size, sealed.sha256, media_type_of(item.name, media_type), modified_at)
    version = append_version(work, there, content)
    tell(work, FactKind.VERSION_ADDED, thing, verdict, **version_details(version))
    return version
