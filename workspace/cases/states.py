"""The state of a case, folded from its facts. Pure: the same facts give the same state, always."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from workspace.cases.deadlines import day_number, days_left, due, end_of, local_day
from workspace.cases.procedure import Phase, Procedure
from workspace.kernel.errors import WrongState
from workspace.kernel.facts import FactKind


@dataclass(frozen=True, slots=True)
class Event:
    """A fact of a case as the fold sees it."""

    id: str
    kind: str
    at: datetime
    person_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def addition(self) -> bool:
        """A delivery that adds to what was delivered before."""
        return self.kind == FactKind.DELIVERED.value and self.details.get("direction") == "addition"

    @property
    def delivery_id(self) -> str | None:
        return self.details.get("delivery")


@dataclass(frozen=True, slots=True)
class CaseState:
    """Where a case stands. What is None has not happened (yet, or since it was undone by a later fact)."""

    status: str = ""
    opened_at: datetime | None = None
    delivered_at: datetime | None = None
    delivery_id: str | None = None
    registered_at: datetime | None = None
    number: str = ""
    handler_id: str | None = None
    question: Event | None = None
    answered_at: datetime | None = None
    answer: Event | None = None
    outcome: str = ""
    accepted_at: datetime | None = None
    contested_at: datetime | None = None
    closed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    clock_from: datetime | None = None
    clock_stopped: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks of a case at an instant. Days are working days of the procedure; dates are local.

    `left` is negative once the deadline is over. `stopped_on`: the day on which the answer stopped the clock.
    """

    began_on: date
    due_on: date
    total: int
    used: int
    left: int
    overdue: bool
    stopped_on: date | None
    acknowledge_by: date
    acknowledge_overdue: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What happens when, if a case were delivered now."""

    acknowledge_by: date
    answer_by: date


def fold(procedure: Procedure, events: Iterable[Event]) -> CaseState:
    """The state after these events, in their order. Raises WrongState for one that may not follow."""
    state = CaseState()
    for event in events:
        state = step(procedure, state, event)
    return state


def step(procedure: Procedure, state: CaseState, event: Event) -> CaseState:
    """The state after one more event. Raises WrongState (`details`: `status`, `fact`)."""
    move = procedure.move(state.status, event.kind, addition=event.addition)
    if move is None:
        raise WrongState(status=state.status, fact=event.kind)
    status = move.to or state.status
    changes: dict[str, Any] = {"status": status, "changed_at": event.at} | _effects(state, event)
    starts = event.kind == procedure.answer.start and not event.addition
    if starts or event.kind in procedure.answer.restart:
        changes |= {"clock_from": event.at, "clock_stopped": None}
    elif event.kind in procedure.answer.stop or procedure.states[status].phase is Phase.OVER:
        changes["clock_stopped"] = state.clock_stopped or event.at
    return replace(state, **changes)


def may(procedure: Procedure, state: CaseState, kind: FactKind, *, addition: bool = False) -> bool:
    """Whether a fact of this kind may come next."""
    return procedure.move(state.status, kind.value, addition=addition) is not None


def phase(procedure: Procedure, state: CaseState) -> Phase:
    """With whom the case lies."""
    return procedure.states[state.status].phase


def timing(procedure: Procedure, state: CaseState, now: datetime, zone: str) -> Timing | None:
    """The clocks at `now`, or None before the delivery."""
    if state.clock_from is None or state.delivered_at is None:
        return None
    calendar, clock = procedure.calendar, procedure.answer
    began, today = local_day(state.clock_from, zone), local_day(now, zone)
    last = due(calendar, clock, began)
    stopped = state.clock_stopped
    until = local_day(stopped, zone) if stopped else today
    acknowledge_by = due(calendar, procedure.acknowledge, local_day(state.delivered_at, zone))
    waiting = state.registered_at is None and stopped is None
    return Timing(
        began_on=began,
        due_on=last,
        total=clock.days,
        used=day_number(calendar, clock, began, until),
        left=days_left(calendar, clock, until, last),
        overdue=stopped is None and now >= end_of(last, zone),
        stopped_on=until if stopped else None,
        acknowledge_by=acknowledge_by,
        acknowledge_overdue=waiting and now >= end_of(acknowledge_by, zone),
    )


def outlook(procedure: Procedure, now: datetime, zone: str) -> Outlook:
    """The dates to promise before the button is pressed."""
    today = local_day(now, zone)
    return Outlook(
        due(procedure.calendar, procedure.acknowledge, today), due(procedure.calendar, procedure.answer, today)
    )


def _effects(state: CaseState, event: Event) -> dict[str, Any]:
    at, details = event.at, event.details
    match event.kind:
        case FactKind.CASE_OPENED:
            return {"opened_at": at}
        case FactKind.DELIVERED if not event.addition:
            return {"delivered_at": at, "delivery_id": event.delivery_id}
        case FactKind.REGISTERED:
            return {"registered_at": at, "number": str(details.get("number", ""))}
        case FactKind.ASSIGNED:
            return {"handler_id": details.get("handler")}
        case FactKind.QUESTION_ASKED:
            return {"question": event}
        case FactKind.REPLIED:
            return {"question": None}
        case FactKind.ANSWERED:
            outcome = str(details.get("outcome", ""))
            return {"answered_at": at, "answer": event, "outcome": outcome, "question": None, "contested_at": None}
        case FactKind.ACCEPTED:
            return {"accepted_at": at}
        case FactKind.CONTESTED:
            return {"contested_at": at, "answered_at": None}
        case FactKind.CLOSED:
            return {"closed_at": at}
        case FactKind.WITHDRAWN:
            return {"withdrawn_at": at, "question": None}
    return {}
