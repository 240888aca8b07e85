"""Copies that take long: the worker makes them, whoever asked may look how far they have come."""

from sqlalchemy import select

from workspace.cloud.things import locate_folder, locate_item, subtree
from workspace.db.work import Work
from workspace.sharing.authorize import authorize, require_signed_in
from workspace.sharing.rule import Action

COPY_JOB = "copy.make"
MANY = 1000
"""So many files and folders are copied while somebody waits; more are an errand."""


def takes_long(work: Work, item_id: str) -> bool:
    """Whether a copy of the item is better left to the worker. Raises NotFound, Forbidden."""
    _, thing = locate_item(work, item_id)
    authorize(work, Action.OPEN, thing)
    return len(work.session.scalars(select(subtree(item_id).c.id).limit(MANY + 1)).all()) > MANY


def ask_for_copy(work: Work, item_id: str, to_folder_id: str, name: str | None) -> str:
    """Ask for what `transfer.copy` does; returns the id of the job. The right is asked for now and again then.

    Raises NotFound, Forbidden, SignInRequired.
    """
    person_id = require_signed_in(work.actor)
    _, thing = locate_item(work, item_id)
    authorize(work, Action.OPEN, thing)
    _, place = locate_folder(work, to_folder_id)
    authorize(work, Action.SEE, place)
    values = {"item": item_id, "parent": to_folder_id, "name": name}
    return work.later(COPY_JOB, values, person_id=person_id)
