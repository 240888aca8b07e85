"""Who may act on accounts: oneself, an administrator, the host's own programs. Nobody reads anybody's content here."""

from workspace.db.work import Work
from workspace.kernel.errors import Forbidden, NotFound, SignInRequired


def require_self(work: Work, person_id: str | None = None) -> str:
    """The id of the person who acts; with `person_id`, only if that is they. Raises SignInRequired or NotFound."""
    if work.actor.person_id is None:
        raise SignInRequired()
    if person_id is not None and person_id != work.actor.person_id:
        raise NotFound()
    return work.actor.person_id


def require_administrator(work: Work) -> None:
    """An administrator in the browser, or the host's own programs. Raises SignInRequired or Forbidden."""
    if work.actor.administrator or work.actor.host:
        return
    if work.actor.person_id is None:
        raise SignInRequired()
    raise Forbidden(action="administer")


def require_host(work: Work) -> None:
    """The `workspace` command or the worker. Raises Forbidden."""
    if not work.actor.host:
        raise Forbidden(action="maintain")
