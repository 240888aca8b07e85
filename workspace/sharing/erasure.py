"""What an erased person gave and was given: doors that lead to nothing any more."""

from sqlalchemy import delete, select, update

from workspace.db.epochs import raise_epoch
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE, Located, ThingKind
from workspace.sharing.authorize import authorize
from workspace.sharing.models import Access, Download, Grant, Link, OwnReads
from workspace.sharing.rule import Action, Level


def forget_sharing(work: Work, person_id: str, space_ids: list[str]) -> None:
    """Delete grants and links on the things of erased spaces, with their words; end what the person held of others.

    What a delivery gave a body stays: the case is the body's, too.
    """
    authorize(work, Action.MAINTAIN, INSTANCE)
    given = (Grant.space_id.in_(space_ids), Grant.level != Level.HANDLE.word)
    for kind, subject_id in work.session.execute(select(Grant.subject_kind, Grant.subject_id).where(*given).distinct()):
        raise_epoch(work, Principal(SubjectKind(kind), subject_id))
    ids = select(Grant.id).where(*given)
    links = list(work.session.scalars(select(Grant.subject_id).where(*given, Grant.subject_kind == "link")))
    for statement in (
        delete(Download).where(Download.grant_id.in_(ids)),
        delete(Grant).where(*given),
        delete(Link).where(Link.id.in_(links)),
        delete(OwnReads).where(OwnReads.space_id.in_(space_ids)),
    ):
        work.session.execute(statement.execution_options(synchronize_session=False))
    theirs = update(Grant).where(Grant.subject_kind == SubjectKind.PERSON.value, Grant.subject_id == person_id)
    work.session.execute(theirs.values(addressed_to=None).execution_options(synchronize_session=False))
    held = select(Grant).where(
        Grant.subject_kind == SubjectKind.PERSON.value, Grant.subject_id == person_id, Grant.revoked_at.is_(None)
    )
    for row in work.session.scalars(held):
        row.revoked_at = work.now
        thing = Located(ThingKind(row.thing_kind), row.thing_id, None, (row.thing_id,), row.space_id)
        work.record(FactKind.REVOKED, thing, space_id=row.space_id, grant_id=row.id, erased=True)


def forget_looks(work: Work, space_ids: list[str], limit: int = 500) -> int:
    """Delete some of the counters of who looked into erased spaces; returns how many. Looks at cases stay."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    some = (
        select(Access.fact_id)
        .join(FactRow, FactRow.id == Access.fact_id)
        .where(FactRow.space_id.in_(space_ids), FactRow.case_id.is_(None))
        .limit(limit)
    )
    ids = list(work.session.scalars(some))
    work.session.execute(delete(Access).where(Access.fact_id.in_(ids)))
    return len(ids)
