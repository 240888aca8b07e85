"""The worker on somebody's errand: it may do what they may do, neither more nor longer."""

from workspace.accounts.models import Person
from workspace.accounts.permission import require_host
from workspace.bodies.queries import appointments_of
from workspace.db.work import Work
from workspace.kernel.actors import Actor, Door
from workspace.kernel.errors import NotFound


def acting_for(work: Work, person_id: str) -> Actor:
    """The person as they may act now, at the door of programs. Raises NotFound where their account is closed."""
    require_host(work)
    person = work.session.get(Person, person_id)
    if person is None or person.disabled_at is not None:
        raise NotFound()
    return Actor(person_id=person.id, name=person.name, appointments=appointments_of(work, person.id), door=Door.API)
