"""A body as a thing, for facts and questions of access."""

from workspace.bodies.models import Body
from workspace.db.work import Work
from workspace.kernel.errors import NotFound
from workspace.kernel.things import Located, ThingKind


def as_thing(body_id: str) -> Located:
    """A body owns itself nothing: what it holds lies in its space, what it handles was delivered to it."""
    return Located(ThingKind.BODY, body_id, None, (body_id,))


def find_body(work: Work, body_id: str) -> Body:
    """The body's row. Raises NotFound."""
    row = work.session.get(Body, body_id)
    if row is None:
        raise NotFound()
    return row
