"""Versions: what a file was, and making it that again."""

from workspace.cloud.entries import append_version, content_of, copy_previews, tell, version_details, version_of
from workspace.cloud.locked import require_unlocked
from workspace.cloud.models import Version
from workspace.cloud.quota import charge
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.kernel.facts import FactKind
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action


def restore_version(work: Work, item_id: str, version_id: str) -> Version:
    """Make an old version the newest again: as a new version, so that nothing of the history is lost.

    No byte is copied, yet it counts as room like every version. Grants stay those of now. Raises NotFound, Forbidden,
    OverQuota.
    """
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.CHANGE, thing)
    require_unlocked(work, thing)
    old = version_of(work, item, version_id)
    charge(work, item.space_id, old.size)
    version = append_version(work, item, content_of(old), restored_from=old.id)
    copy_previews(work, {old.id: version.id}, item.space_id, item.space_id)
    tell(work, FactKind.VERSION_RESTORED, thing, verdict, restored=old.id, **version_details(version))
    return version
