"""What is held open ends with the right under which it was opened, and gives its room back.

A right that has ended lets nobody go on anyway: every step asks. This is for what would otherwise lie about until it
expires by itself. Whatever else comes to be held open (the locks of WebDAV) gets its line in `end_unheld`.
"""

from workspace.accounts.models import Person
from workspace.bodies.queries import appointments_of
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
    return end_unheld_uploads(work, lambda upload: _may_go_on(work, upload))


def _may_go_on(work: Work, upload: Upload) -> bool:
    holder = _holder(work, upload)
    try:
        _, place = locate_item(work, upload.parent_id)
    except NotFound:
        return False
    return permits(Action.ADD, verdict_on(work, place, holder), holder)


def _holder(work: Work, upload: Upload) -> Actor:
    """Somebody as they would come to a door now; nobody where the account is closed."""
    if upload.person_id is None:
        return Actor(links=frozenset({upload.link_id} if upload.link_id else ()))
    person = work.session.get(Person, upload.person_id)
    if person is None or person.disabled_at is not None:
        return Actor()
    return Actor(person_id=person.id, appointments=appointments_of(work, person.id))
