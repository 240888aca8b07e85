"""Cases as an administrator sees them: numbers, and bodies where cases wait for nobody. Never whose or about what."""

from dataclasses import dataclass

from sqlalchemy import exists, func, select

from workspace.bodies.models import Body, Official
from workspace.cases.models import Case, Delivery, RegisterEntry
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action

OVER = (FactKind.CLOSED.value, FactKind.WITHDRAWN.value)


@dataclass(frozen=True, slots=True)
class CaseNumbers:
    """How many case folders are still with citizens, were delivered to bodies, have been answered at least once."""

    drafts: int
    delivered: int
    answered: int


@dataclass(frozen=True, slots=True)
class UnattendedBody:
    """A body to which cases were delivered and in which nobody works who could register them."""

    slug: str
    name: str
    cases: int


def case_numbers(work: Work) -> CaseNumbers:
    """Counts over the instance."""
    authorize(work, Action.ADMINISTER, INSTANCE)
    folders = work.session.scalar(select(func.count()).select_from(Case)) or 0
    sent = select(func.count(Delivery.case_id.distinct()))
    delivered = work.session.scalar(sent.where(Delivery.direction == "appeal")) or 0
    answered = work.session.scalar(sent.where(Delivery.direction == "answer")) or 0
    return CaseNumbers(folders - delivered, delivered, answered)


def unattended_bodies(work: Work) -> list[UnattendedBody]:
    """Bodies without officials in which delivered cases wait to be registered, the most cases first."""
    authorize(work, Action.ADMINISTER, INSTANCE)
    cases = func.count(Delivery.case_id.distinct())
    rows = work.session.execute(
        select(Body.slug, Body.name, cases)
        .join(Delivery, Delivery.body_id == Body.id)
        .where(
            Delivery.direction == "appeal",
            ~exists().where(Official.body_id == Body.id, Official.dismissed_at.is_(None)),
            ~exists().where(RegisterEntry.case_id == Delivery.case_id),
            ~exists().where(FactRow.case_id == Delivery.case_id, FactRow.kind.in_(OVER)),
        )
        .group_by(Body.slug, Body.name)
        .order_by(cases.desc(), Body.name)
    )
    return [UnattendedBody(slug, name, count) for slug, name, count in rows]
