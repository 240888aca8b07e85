"""The cases of an erased citizen: drafts go; what was delivered is the body's as well, and stays with it, withdrawn."""

from dataclasses import dataclass

from sqlalchemy import Select, delete, exists, func, or_, select

from workspace.bodies.models import Body
from workspace.cases.history import state_of, tell
from workspace.cases.models import Case, Delivery
from workspace.cases.procedure import procedure
from workspace.cases.states import may
from workspace.cases.things import locate_case
from workspace.cloud.erasure import erased_spaces
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize, require_signed_in
from workspace.sharing.rule import Action
from workspace.trust.leaves import NO_SALT
from workspace.trust.log import erase

# what says that there was an erasure is not erased itself
STAYS = (FactKind.ERASED.value, FactKind.PERSON_ERASED.value)


@dataclass(frozen=True, slots=True)
class KeptBy:
    """A body that keeps what the actor delivered to it."""

    body: str
    cases: int


def kept_by(work: Work) -> list[KeptBy]:
    """The bodies to which the actor has delivered something, by name."""
    person_id = require_signed_in(work.actor)
    rows = work.session.execute(
        select(Body.name, func.count(Case.id.distinct()))
        .join(Delivery, Delivery.body_id == Body.id)
        .join(Case, Case.id == Delivery.case_id)
        .where(Case.applicant_id == person_id)
        .group_by(Body.id, Body.name)
        .order_by(Body.name)
    )
    return [KeptBy(name, count) for name, count in rows]


def end_cases_of(work: Work, person_id: str) -> None:
    """Delete the drafts of an erased person, withdraw what bodies still work on, let go of the stories."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    delivered = exists().where(Delivery.case_id == Case.id)
    work.session.execute(
        delete(Case).where(Case.applicant_id == person_id, ~delivered).execution_options(synchronize_session=False)
    )
    for case_id in list(work.session.scalars(select(Case.id).where(Case.applicant_id == person_id))):
        case, thing = locate_case(work, case_id)
        case.story_id = None
        if may(procedure(case.procedure), state_of(work, case), FactKind.WITHDRAWN):
            tell(work, case, thing, FactKind.WITHDRAWN, erased=True)
    work.session.flush()


def erase_facts_of(work: Work, person_id: str, limit: int = 200) -> int:
    """Blank some facts about an erased person and their cloud, each leaving its entry in the log; returns how many.

    Facts of delivered cases are the body's record, too, and stay, like those about the things of others: they name an
    account that leads to nobody any more. Facts that the log has not taken yet come next time.
    """
    authorize(work, Action.MAINTAIN, INSTANCE)
    facts = list(work.session.scalars(_erasable(work, person_id).order_by(FactRow.id).limit(limit)))
    for fact in facts:
        erase(work, fact)
    work.session.flush()
    return len(facts)


def _erasable(work: Work, person_id: str) -> Select[FactRow]:
    delivered = select(Delivery.case_id).join(Case, Case.id == Delivery.case_id).where(Case.applicant_id == person_id)
    return select(FactRow).where(
        or_(FactRow.space_id.in_(erased_spaces(work, person_id)), FactRow.thing_id == person_id),
        or_(FactRow.case_id.is_(None), FactRow.case_id.not_in(delivered)),
        FactRow.kind.not_in(STAYS),
        FactRow.salt != NO_SALT,
        FactRow.leaf.is_not(None),
    )
