"""The blueprint of a body's room. Whoever does not work in the body finds no such room."""

from typing import cast

from flask import Blueprint, g, request

from workspace.bodies.queries import BodyName, own_bodies
from workspace.cases import inbox
from workspace.db.work import Work
from workspace.http.request import current_actor, runtime
from workspace.kernel.errors import NotFound
from workspace.sharing.authorize import require_signed_in

office = Blueprint("office", __name__, url_prefix="/office/<slug>")


@office.before_request
def enter() -> None:
    """Find the body of the address among those the actor works for. Raises SignInRequired, NotFound."""
    require_signed_in(current_actor())
    slug = (request.view_args or {}).get("slug", "")
    with runtime().reading(current_actor()) as work:
        g.body = next((one for one in own_bodies(work) if one.slug == slug), None)
    if g.body is None:
        g.room = "citizen"  # nothing of the room shows, its menu neither
        raise NotFound()


def here() -> BodyName:
    """The body whose room this is."""
    return cast(BodyName, g.body)


def number_menu(work: Work, numbers: inbox.Counts | None = None) -> None:
    """Put the numbers beside the lines of the menu."""
    numbers = numbers or inbox.counts(work, here().id)
    g.counts = {"new": numbers.new, "mine": numbers.mine}
