"""Who asks with an Authorization: programs, each by an app password of its own. Knows no framework's request."""

from werkzeug.datastructures import Authorization

from workspace.accounts.app_passwords import verify_app_password
from workspace.accounts.models import Person
from workspace.bodies.queries import appointments_of
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import ANONYMOUS, Actor, Door
from workspace.kernel.errors import WrongSecret


def who_asks(instance: Runtime, given: Authorization | None, door: Door) -> tuple[Actor, Person]:
    """The person behind Basic (RFC 7617) or Bearer (RFC 6750), as an actor at this door.

    Raises WrongSecret, TooManyTries. Call it while this thread holds no writing Work.
    """
    if given is not None and given.type == "basic" and given.password:
        app_password_id, person = verify_app_password(instance, given.password, given.username)
    elif given is not None and given.type == "bearer" and given.token:
        app_password_id, person = verify_app_password(instance, given.token)
    else:
        raise WrongSecret()
    with instance.reading(ANONYMOUS) as work:
        return actor_of(work, person, door, app_password_id), person


def actor_of(
    work: Work, person: Person, door: Door, app_password_id: str | None = None, links: frozenset[str] = frozenset()
) -> Actor:
    """A person who has proven who they are, with the posts that they hold now and the links that they have entered."""
    return Actor(
        person_id=person.id,
        name=person.name,
        appointments=appointments_of(work, person.id),
        links=links,
        # a program's password never opens the administration
        administrator=person.administrator and app_password_id is None,
        door=door,
        app_password_id=app_password_id,
    )
