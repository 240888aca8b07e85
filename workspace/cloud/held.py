"""What is held open ends with the right under which it was opened, and gives its room back.

A right that has ended lets nobody go on anyway: every step asks. This is for what would otherwise lie about until it
expires by itself. Whatever else comes to be held open gets its line in `end_unheld`.
"""

from workspace.cloud.holders import holder
from workspace.cloud.locks import end_unheld_locks
from workspace.cloud.models import Upload
from workspace.cloud.things import locate_item
from workspace.cloud.uploads import end_unheld_uploads
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import NotFound
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize, verdict_on
from workspace.sharing.rule import Action, permits


def end_unheld(work: Work) -> int:
    """For the worker: end what people hold open in clouds of others and may no longer go on with; returns how many."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    return end_unheld_uploads(work, lambda upload: _may_go_on(work, upload)) + end_unheld_locks(work)


def _may_go_on(work: Work, upload: Upload) -> bool:
    sender = _sender(work, upload)
    try:
        _, place = locate_item(work, upload.parent_id)
    except NotFound:
        return False
    return permits(Action.ADD, verdict_on(work, place, sender), sender)


def _sender(work: Work, upload: Upload) -> Actor:
    """Whoever sends it, as they would come to a door now."""
    if upload.person_id is None:
        return Actor(links=frozenset({upload.link_id} if upload.link_id else ()))
    return holder(work, upload.person_id)
