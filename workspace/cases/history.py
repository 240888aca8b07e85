"""The facts of cases as events, and the one way to add another."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, func, select

from workspace.cases.models import Case
from workspace.cases.procedure import Procedure, procedure
from workspace.cases.states import CaseState, Event, fold, may
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.errors import WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import id_after
from workspace.kernel.things import Located

KINDS = tuple(kind.value for kind in FactKind if kind.value.startswith("case."))


def events_of(work: Work, case_ids: Iterable[str] | Select[str]) -> dict[str, list[Event]]:
    """The events of these cases, oldest first, in one query."""
    wanted = case_ids if isinstance(case_ids, Select) else list(case_ids)
    rows = work.session.execute(
        select(FactRow.case_id, FactRow.id, FactRow.kind, FactRow.at, FactRow.person_id, FactRow.details)
        .where(FactRow.case_id.in_(wanted), FactRow.kind.in_(KINDS))
        .order_by(FactRow.id)
    )
    found: dict[str, list[Event]] = {}
    for case_id, fact_id, kind, at, person_id, details in rows:
        found.setdefault(str(case_id), []).append(Event(fact_id, kind, at, person_id, details))
    return found


def state_of(work: Work, case: Case) -> CaseState:
    """Where a case stands now."""
    return fold(procedure(case.procedure), events_of(work, [case.id]).get(case.id, ()))


def require_move(case: Case, state: CaseState, kind: FactKind, *, addition: bool = False) -> Procedure:
    """Raises WrongState where this fact may not come next. Returns the procedure."""
    rules = procedure(case.procedure)
    if not may(rules, state, kind, addition=addition):
        raise WrongState(status=state.status, fact=kind.value)
    return rules


def tell(
    work: Work, case: Case, thing: Located, kind: FactKind, *, body_id: str | None = None, **details: Any
) -> FactRow:
    """Write the fact that something happened in the case. Its id sorts after all others of the case."""
    work.session.flush()
    newest = work.session.scalar(select(func.max(FactRow.id)).where(FactRow.case_id == case.id))
    fact = work.record(kind, thing, body_id=body_id, space_id=case.space_id, case_id=case.id, **details)
    fact.id = id_after(newest, fact.id)
    case.changed_at = work.now
    work.session.flush()
    return fact
