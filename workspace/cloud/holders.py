"""People who hold something open (an upload, a lock), as they would come to a door now."""

from workspace.accounts.models import Person
from workspace.bodies.queries import appointments_of
from workspace.db.work import Work
from workspace.kernel.actors import Actor


def holder(work: Work, person_id: str | None) -> Actor:
    """With the posts of now; nobody where the account is closed."""
    person = work.session.get(Person, person_id) if person_id else None
    if person is None or person.disabled_at is not None:
        return Actor()
    return Actor(person_id=person.id, appointments=appointments_of(work, person.id))
