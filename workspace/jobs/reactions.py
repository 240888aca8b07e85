"""When X happened, do Y: every consequence of a fact, on one screen.

Reactions are asked for in the very transaction that gives the facts their place in the log: once each, never for what
was rolled back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, select

from workspace.cases.webhook_sending import anybody_told
from workspace.cases.webhooks import Event
from workspace.cloud.models import Version
from workspace.db.work import Work
from workspace.jobs.kinds import ANNOUNCE, END_HELD, NOTICE, PREVIEW
from workspace.kernel.facts import FactKind
from workspace.render.client import input_limit
from workspace.trust.leaves import Fact

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
    # letters of requests for files: to who asks, and to who sent what was refused
    FactKind.DOCUMENT_SENT: NOTICE,
    FactKind.DOCUMENT_REFUSED: NOTICE,
    # what was held open under a right that may have ended
    FactKind.REVOKED: END_HELD,
    FactKind.GRANT_CHANGED: END_HELD,
    FactKind.OFFICIAL_DISMISSED: END_HELD,
    FactKind.PERSON_DISABLED: END_HELD,
}

# what the document systems of bodies are told of, besides the letters: where a body has a webhook
TOLD_ON = frozenset(FactKind(one) for one in Event)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What the worker is to be asked for, as `Work.later` takes it."""

    kind: str
    payload: dict[str, Any]
    key: str | None = None


def consequences(work: Work, facts: Sequence[Fact]) -> list[Consequence]:
    """What these committed facts ask for. A Work that only reads is enough: nobody who writes waits meanwhile."""
    wanted: dict[str, list[Fact]] = {NOTICE: [], PREVIEW: [], END_HELD: []}
    for fact in facts:
        kind = REACTIONS.get(FactKind(fact.kind))
        if kind is not None:
            wanted[kind].append(fact)
    found = [Consequence(NOTICE, {"fact": fact.id}) for fact in wanted[NOTICE]]
    versions = [one.details["version"] for one in wanted[PREVIEW] if "version" in one.details]
    found += [Consequence(PREVIEW, {"version": version_id}) for version_id in _pictured(work, versions)]
    told = [one for one in facts if one.kind in TOLD_ON]
    if told and anybody_told(work):
        found += [Consequence(ANNOUNCE, {"fact": fact.id}) for fact in told]
    if wanted[END_HELD]:
        found.append(Consequence(END_HELD, {}, END_HELD))
    return found


def ask_for(work: Work, wanted: list[Consequence]) -> None:
    """Ask the worker for them, with the commit of this Work."""
    for one in wanted:
        work.later(one.kind, one.payload, key=one.key)


def _pictured(work: Work, version_ids: list[str]) -> list[str]:
    """Those versions of which a picture can be made at all; most files that programs put in are not among them."""
    if not version_ids:
        return []
    # as one value: each by itself would cost as much as the query
    ids: BindParameter[list[str]] = bindparam("ids", version_ids, expanding=True)
    rows = work.session.execute(select(Version.id, Version.media_type, Version.size).where(Version.id.in_(ids)))
    return [row.id for row in rows if row.size and input_limit(row.media_type)]
