"""When X happened, do Y: every consequence of a fact, on one screen.

Reactions are asked for in the very transaction that gives the facts their place in the log: once each, never for what
was rolled back.
"""

from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.jobs.kinds import NOTICE, PREVIEW
from workspace.kernel.facts import FactKind

REACTIONS: dict[FactKind, str] = {
    # a new picture for a new version
    FactKind.ITEM_ADDED: PREVIEW,
    FactKind.VERSION_ADDED: PREVIEW,
    # a letter to the citizen
    FactKind.REGISTERED: NOTICE,
    FactKind.QUESTION_ASKED: NOTICE,
    FactKind.ANSWERED: NOTICE,
    FactKind.CLOSED: NOTICE,
    # a letter to the body: to whoever handles the case, else to its registrars
    FactKind.DELIVERED: NOTICE,
    FactKind.REPLIED: NOTICE,
    FactKind.CONTESTED: NOTICE,
    FactKind.WITHDRAWN: NOTICE,
    FactKind.ASSIGNED: NOTICE,
    # a letter to whom something was shared with
    FactKind.GRANTED: NOTICE,
}


def react(work: Work, facts: list[FactRow]) -> None:
    """Ask the worker for the consequences of these facts."""
    for fact in facts:
        kind = REACTIONS.get(FactKind(fact.kind))
        if kind == PREVIEW and "version" in fact.details:
            work.later(PREVIEW, {"version": fact.details["version"]})
        elif kind == NOTICE:
            work.later(NOTICE, {"fact": fact.id})
