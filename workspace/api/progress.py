"""Where cases stand and what comes next: what waits for somebody, every day of a deadline, what may be chosen."""

from workspace.api.operations import Operations
from workspace.api.shapes import progress as shapes
from workspace.cases.deadlines import days
from workspace.cases.needs import needs
from workspace.cases.procedure import GENERIC, Label, procedure
from workspace.cases.queries import case
from workspace.cases.views import Need
from workspace.http.request import current_work, writes

operations = Operations("progress")


@operations("GET", "/needs", "What waits for the person now", response=shapes.Needs, conditional=True)
def list_needs() -> shapes.Needs:
    """As a citizen and as an official; the most urgent first, five at most."""
    return shapes.Needs(items=[_need(one) for one in needs(current_work())])


@operations("GET", "/cases/{case_id}/days", "Every day of the deadline", response=shapes.Days, conditional=True)
@writes  # a look by anybody but the applicant is written down first
def list_days(case_id: str) -> shapes.Days:
    """Counted or skipped, and why. Empty before the delivery."""
    work = current_work()
    view = case(work, case_id)
    counted = days(view.rules.calendar, view.rules.answer, view.timing.began_on) if view.timing else ()
    return shapes.Days(
        zone=work.settings.timezone,
        items=[shapes.Day(date=one.date, counted=one.counted, number=one.number, why=one.why.value) for one in counted],
    )


@operations(
    "GET", "/procedure", "What kinds of case and outcomes there are", response=shapes.ProcedureWords, conditional=True
)
def show_procedure() -> shapes.ProcedureWords:
    rules = procedure(GENERIC)
    return shapes.ProcedureWords(
        kinds=[_choice(one) for one in rules.kinds.values()],
        outcomes=[_choice(one) for one in rules.outcomes.values()],
    )


def _choice(one: Label) -> shapes.Choice:
    return shapes.Choice(id=one.id, name=dict(one.name))


def _need(one: Need) -> shapes.Need:
    return shapes.Need(
        kind=one.kind.value,
        at=one.at,
        case=one.case_id or None,
        title=one.title,
        number=one.number,
        text=one.text,
        outcome=one.outcome,
        due_on=one.due_on,
        body=one.body_slug or None,
        body_name=one.body,
        count=one.count,
    )
