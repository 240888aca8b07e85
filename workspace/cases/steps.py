"""The one next step of whoever looks at a case."""

from datetime import datetime

from workspace.cases.deadlines import local_day
from workspace.cases.models import Case
from workspace.cases.procedure import Phase, Procedure
from workspace.cases.states import CaseState, Timing, may, phase
from workspace.cases.views import Next
from workspace.kernel.actors import Actor, Role
from workspace.kernel.facts import FactKind
from workspace.sharing.rule import ROLES, Action


def citizen_step(rules: Procedure, state: CaseState, clock: Timing | None, *, has_story: bool, has_body: bool) -> Next:
    """What the citizen can do about it now; `NOTHING` while the body has its time."""
    here = phase(rules, state)
    if here is Phase.DRAFT:
        return Next.WRITE if not has_story else Next.DELIVER if has_body else Next.CHOOSE_BODY
    if here is Phase.OVER:
        return Next.OVER
    if state.question is not None:
        return Next.REPLY
    if state.answered_at is not None:
        return Next.JUDGE
    return Next.COMPLAIN if clock is not None and clock.overdue else Next.NOTHING


def office_step(actor: Actor, rules: Procedure, state: CaseState, case: Case, now: datetime, zone: str) -> Next:
    """What this official can do next, by role; `NOTHING` where it is somebody else's turn."""
    roles = actor.roles_in(case.body_id or "")
    if phase(rules, state) is Phase.OVER:
        closes = state.closed_at is None and may(rules, state, FactKind.CLOSED) and ROLES[Action.CLOSE] & roles
        return Next.CLOSE if closes else Next.OVER
    if state.registered_at is None:
        return Next.REGISTER if ROLES[Action.REGISTER] & roles else Next.NOTHING
    if state.answered_at is not None:
        waited_out = closes_in(rules, state, now, zone) <= 0
        return Next.CLOSE if waited_out and ROLES[Action.CLOSE] & roles else Next.NOTHING
    if state.handler_id is None and ROLES[Action.ASSIGN] & roles:
        return Next.ASSIGN
    mine = state.handler_id in (None, actor.person_id) or Role.HEAD in roles
    return Next.ANSWER if mine and ROLES[Action.ANSWER] & roles else Next.NOTHING


def closes_in(rules: Procedure, state: CaseState, now: datetime, zone: str) -> int:
    """After how many more days a case may be closed whose answer the citizen says nothing to; 0 once accepted."""
    if state.accepted_at is not None or state.answered_at is None:
        return 0
    waited = local_day(now, zone) - local_day(state.answered_at, zone)
    return max(0, rules.close_after_answer_days - waited.days)
