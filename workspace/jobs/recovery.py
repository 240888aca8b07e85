"""After a restored backup: what the journal knows as ended is ended again, before anybody is let in."""

import logging
from collections.abc import Iterator
from typing import TypeVar

from sqlalchemy import select

from workspace.accounts.models import Person
from workspace.bodies.models import Official
from workspace.bodies.things import as_thing
from workspace.db.epochs import raise_epoch
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.kernel.ports import Journal
from workspace.kernel.things import Located, ThingKind
from workspace.sharing.models import Grant
from workspace.trust.journal import DISABLED, DISMISSED, ENABLED, REVOKED

log = logging.getLogger(__name__)

BATCH = 500
Row = TypeVar("Row", Grant, Person, Official)


def recover(runtime: Runtime) -> int:
    """Revoke grants, disable people and dismiss officials whom only the journal knows as such; returns how many.

    A change whose transaction failed after its journal entry was written is made good here, too: to end an access that
    somebody has asked to end is the safe side.
    """
    grants, people, officials = _ended(runtime.ports.journal)
    with runtime.reading(WORKER) as work:
        lost = (_alive(work, Grant, grants), _alive(work, Person, people), _alive(work, Official, officials))
    count = sum(map(len, lost))
    if count:
        with runtime.writing(WORKER) as work:
            for grant_id in lost[0]:
                _revoke(work, work.session.get_one(Grant, grant_id))
            for person_id in lost[1]:
                _disable(work, work.session.get_one(Person, person_id))
            for official_id in lost[2]:
                _dismiss(work, work.session.get_one(Official, official_id))
            work.commit()
        log.warning("the journal knew %d endings that the database did not; they hold again", count)
    return count


def _ended(journal: Journal) -> tuple[set[str], set[str], set[str]]:
    grants: set[str] = set()
    people: set[str] = set()
    officials: set[str] = set()
    for entry in journal.entries():
        kind, values = entry["kind"], entry["values"]
        if kind == REVOKED and "grant" in values:
            grants.add(values["grant"])
        elif kind == DISABLED:
            people.add(values["person_id"])
        elif kind == ENABLED:
            people.discard(values["person_id"])
        elif kind == DISMISSED:
            officials.add(values["official"])
    return grants, people, officials


def _alive(work: Work, table: type[Row], ids: set[str]) -> list[str]:
    """Those of the rows that have not ended."""
    ended = {Grant: Grant.revoked_at, Person: Person.disabled_at, Official: Official.dismissed_at}[table]
    return [
        found
        for batch in _batches(sorted(ids))
        for found in work.session.scalars(select(table.id).where(table.id.in_(batch), ended.is_(None)))
    ]


def _revoke(work: Work, row: Grant) -> None:
    row.revoked_at = work.now
    raise_epoch(work, Principal(SubjectKind(row.subject_kind), row.subject_id))
    thing = Located(ThingKind(row.thing_kind), row.thing_id, None, (row.thing_id,), row.space_id)
    work.record(FactKind.REVOKED, thing, space_id=row.space_id, grant_id=row.id, recovered=True)


def _disable(work: Work, row: Person) -> None:
    row.disabled_at = work.now
    raise_epoch(work, Principal(SubjectKind.PERSON, row.id))
    thing = Located(ThingKind.PERSON, row.id, Principal(SubjectKind.PERSON, row.id), (row.id,))
    work.record(FactKind.PERSON_DISABLED, thing, recovered=True)


def _dismiss(work: Work, row: Official) -> None:
    row.dismissed_at = work.now
    raise_epoch(work, Principal(SubjectKind.PERSON, row.person_id))
    work.record(
        FactKind.OFFICIAL_DISMISSED,
        as_thing(row.body_id),
        body_id=row.body_id,
        person=row.person_id,
        role=row.role,
        official=row.id,
        recovered=True,
    )


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
