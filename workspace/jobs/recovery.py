"""After a restored backup: what the journal knows as ended is ended again, before anybody is let in."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import select

from workspace.accounts.models import AppPassword, Person
from workspace.bodies.models import Official
from workspace.bodies.things import as_thing
from workspace.cloud.erasure import erase_again, shredded
from workspace.db.epochs import raise_epoch
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.kernel.ports import Journal, Keyring
from workspace.kernel.things import Located, ThingKind
from workspace.sharing.models import Grant
from workspace.trust.journal import DISABLED, DISMISSED, ENABLED, ERASED, REVOKED

log = logging.getLogger(__name__)

BATCH = 500
Row = TypeVar("Row", Grant, AppPassword, Person, Official)


def recover(runtime: Runtime) -> int:
    """Revoke grants and app passwords, disable people, dismiss officials and erase citizens whom only the journal knows
    as such; returns how many. The key of an erased citizen that a restored keyring brought back is destroyed again.

    A change whose transaction failed after its journal entry was written is made good here, too: to end an access that
    somebody has asked to end is the safe side.
    """
    _shred(runtime.ports.keyring, _ended(runtime.ports.journal).erased)
    lost = _lost(runtime)
    count = lost.count()
    if count:
        with runtime.writing(WORKER) as work:
            for grant_id in lost.grants:
                _revoke(work, work.session.get_one(Grant, grant_id))
            for app_password_id in lost.app_passwords:
                _revoke_app_password(work, work.session.get_one(AppPassword, app_password_id))
            for person_id in lost.people:
                _disable(work, work.session.get_one(Person, person_id))
            for official_id in lost.officials:
                _dismiss(work, work.session.get_one(Official, official_id))
            for person_id in lost.erased:
                erase_again(work, person_id)
            work.commit()
        log.warning("the journal knew %d endings that the database did not; they hold again", count)
    return count


def outstanding(runtime: Runtime) -> int:
    """How many endings the journal knows that do not hold here; `recover` makes them hold."""
    alive = [one for spaces in _ended(runtime.ports.journal).erased.values() for one in spaces]
    return _lost(runtime).count() + sum(not shredded(runtime.ports.keyring, one) for one in alive)


def _lost(runtime: Runtime) -> "_Ended":
    """What the journal knows as ended and the database does not."""
    ended = _ended(runtime.ports.journal)
    with runtime.reading(WORKER) as work:
        return _Ended(
            grants=set(_alive(work, Grant, ended.grants)),
            app_passwords=set(_alive(work, AppPassword, ended.app_passwords)),
            people=set(_alive(work, Person, ended.people)),
            officials=set(_alive(work, Official, ended.officials)),
            erased={one: ended.erased[one] for one in _back(work, ended.erased)},
        )


@dataclass(slots=True)
class _Ended:
    """Ids of what the journal knows as ended; of erased people with their spaces."""

    grants: set[str] = field(default_factory=set)
    app_passwords: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    officials: set[str] = field(default_factory=set)
    erased: dict[str, list[str]] = field(default_factory=dict)

    def count(self) -> int:
        return sum(map(len, (self.grants, self.app_passwords, self.people, self.officials, self.erased)))


def _ended(journal: Journal) -> _Ended:
    found = _Ended()
    for entry in journal.entries():
        kind, values = entry["kind"], entry["values"]
        if kind == REVOKED and "grant" in values:
            found.grants.add(values["grant"])
        elif kind == REVOKED and "app_password" in values:
            found.app_passwords.add(values["app_password"])
        elif kind == DISABLED:
            found.people.add(values["person_id"])
        elif kind == ENABLED:
            found.people.discard(values["person_id"])
        elif kind == DISMISSED:
            found.officials.add(values["official"])
        elif kind == ERASED and "person" in values:
            found.erased[values["person"]] = list(values["spaces"])
    return found


def _shred(keyring: Keyring, erased: dict[str, list[str]]) -> None:
    """Destroy the keys of erased spaces that are there again."""
    back = [one for spaces in erased.values() for one in spaces if not shredded(keyring, one)]
    for space_id in back:
        keyring.destroy(space_id)
    if back:
        log.warning("%d keys of erased clouds were there again and are destroyed", len(back))


def _back(work: Work, erased: dict[str, list[str]]) -> list[str]:
    """Those of the erased people whom the database knows by name again."""
    alive = select(Person.id).where(Person.erased_at.is_(None))
    batches = _batches(sorted(erased))
    return [one for batch in batches for one in work.session.scalars(alive.where(Person.id.in_(batch)))]


def _alive(work: Work, table: type[Row], ids: set[str]) -> list[str]:
    """Those of the rows that have not ended."""
    ended = {
        Grant: Grant.revoked_at,
        AppPassword: AppPassword.revoked_at,
        Person: Person.disabled_at,
        Official: Official.dismissed_at,
    }[table]
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


def _revoke_app_password(work: Work, row: AppPassword) -> None:
    row.revoked_at = work.now
    owner = Principal(SubjectKind.PERSON, row.person_id)
    raise_epoch(work, owner)
    thing = Located(ThingKind.PERSON, row.person_id, owner, (row.person_id,))
    work.record(FactKind.APP_PASSWORD_REVOKED, thing, app_password=row.id, recovered=True)


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
