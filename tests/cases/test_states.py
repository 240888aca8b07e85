"""The state of a case is folded from its facts, and only legal moves are facts."""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.cases.procedure import FOLDER, Phase, names, parse, procedure
from workspace.cases.states import CaseState, Event, fold, may, outlook, phase, step, timing
from workspace.kernel.errors import WrongState
from workspace.kernel.facts import FactKind

GENERIC = procedure("generic")
KYIV = "Europe/Kyiv"
START = datetime(2026, 3, 2, 16, 42, tzinfo=UTC)
KINDS = sorted({(one.fact, one.addition) for one in GENERIC.moves})


def event(kind: str, day: int = 0, **details: Any) -> Event:
    return Event(f"{kind}-{day}", kind, START + timedelta(days=day), "someone", details)


def story(*kinds: str) -> CaseState:
    return fold(GENERIC, [event(f"case.{kind}", day) for day, kind in enumerate(kinds)])


def test_the_whole_story_folds() -> None:
    state = fold(
        GENERIC,
        [
            event("case.opened"),
            event("case.document_added", item="i"),
            event("case.delivered", delivery="d1", direction="appeal"),
            event("case.registered", 1, number="01/7-26"),
            event("case.assigned", 1, handler="h"),
            event("case.question_asked", 3, delivery="d2"),
            event("case.replied", 4, delivery="d3"),
            event("case.delivered", 5, delivery="d4", direction="addition"),
            event("case.answered", 9, delivery="d5", outcome="partly"),
        ],
    )
    assert (state.status, state.number, state.handler_id, state.outcome) == ("answered", "01/7-26", "h", "partly")
    assert state.delivery_id == "d1"
    assert state.question is None
    assert phase(GENERIC, state) is Phase.CITIZEN
    assert may(GENERIC, state, FactKind.CONTESTED)
    assert not may(GENERIC, state, FactKind.REPLIED)


def test_a_question_waits_for_the_citizen_and_the_clock_runs_on() -> None:
    state = story("opened", "delivered", "registered", "assigned", "question_asked")
    assert state.status == "question_open"
    assert state.question is not None
    seen = timing(GENERIC, state, START + timedelta(days=60), KYIV)
    assert seen is not None
    assert seen.overdue


def test_an_answer_stops_the_clock_and_contesting_starts_it_anew() -> None:
    answered = story("opened", "delivered", "registered", "answered")
    seen = timing(GENERIC, answered, START + timedelta(days=100), KYIV)
    assert seen is not None
    assert (seen.overdue, seen.used, seen.stopped_on is not None) == (False, 2, True)
    contested = step(GENERIC, answered, event("case.contested", 10))
    again = timing(GENERIC, contested, START + timedelta(days=10), KYIV)
    assert again is not None
    assert (again.used, again.overdue, again.stopped_on) == (0, False, None)
    assert again.due_on > seen.due_on


def test_overdue_begins_when_the_last_day_is_over_and_is_never_stored() -> None:
    state = story("opened", "delivered", "registered")
    delivered = START + timedelta(days=1)
    promised = outlook(GENERIC, delivered, KYIV)
    seen = timing(GENERIC, state, delivered, KYIV)
    assert seen is not None
    assert (seen.due_on, seen.acknowledge_by) == (promised.answer_by, promised.acknowledge_by)
    midnight = datetime.combine(seen.due_on, datetime.min.time(), UTC)
    before = timing(GENERIC, state, midnight + timedelta(hours=20), KYIV)
    after = timing(GENERIC, state, midnight + timedelta(hours=22), KYIV)
    assert before is not None
    assert after is not None
    assert (before.overdue, before.left) == (False, 0)
    assert (after.overdue, after.left) == (True, -1)


def test_nothing_delivered_starts_no_clock() -> None:
    assert timing(GENERIC, story("opened", "document_added"), START, KYIV) is None


@pytest.mark.parametrize(
    "kinds",
    [
        ("delivered",),
        ("opened", "registered"),
        ("opened", "delivered", "delivered"),
        ("opened", "delivered", "answered"),
        ("opened", "delivered", "changed"),
        ("opened", "delivered", "registered", "replied"),
        ("opened", "delivered", "registered", "answered", "withdrawn"),
        ("opened", "delivered", "registered", "answered", "contested", "closed"),
        ("opened", "delivered", "registered", "answered", "accepted", "contested"),
        ("opened", "delivered", "registered", "question_asked", "question_asked"),
    ],
)
def test_a_step_that_may_not_follow_is_refused(kinds: tuple[str, ...]) -> None:
    with pytest.raises(WrongState):
        story(*kinds)


@given(st.lists(st.sampled_from(KINDS), max_size=40))
def test_any_order_of_legal_moves_folds_and_every_other_is_refused(kinds: list[tuple[str, bool]]) -> None:
    state = CaseState()
    taken: list[Event] = []
    for day, (kind, addition) in enumerate([("case.opened", False), *kinds]):
        details = {"direction": "addition" if addition else "appeal"}
        one = event(kind, day, **details)
        if GENERIC.move(state.status, kind, addition=addition) is None:
            with pytest.raises(WrongState):
                step(GENERIC, state, one)
            continue
        state = step(GENERIC, state, one)
        taken.append(one)
        assert state.status in GENERIC.states
        # a stopped clock never runs, a running one never stands
        seen = timing(GENERIC, state, one.at, KYIV)
        assert (seen is None) == (state.delivered_at is None)
        if phase(GENERIC, state) is Phase.OVER and seen is not None:
            assert not seen.overdue
    assert fold(GENERIC, taken) == state


def test_every_procedure_is_whole() -> None:
    for name in names():
        read = procedure(name)
        reachable = {one.to for one in read.moves if one.to}
        assert set(read.states) == reachable
        assert all(FactKind(one.fact) for one in read.moves)
        assert all(set(one.name) == {"en", "uk"} for one in read.states.values())


def test_a_procedure_that_does_not_fit_together_is_refused() -> None:
    data = tomllib.loads((FOLDER / "generic.toml").read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match="nowhere"):
        parse(data | {"moves": [*data["moves"], {"fact": "x", "from": ["nowhere"], "who": "office"}]})
    with pytest.raises(ValueError, match="two moves"):
        parse(data | {"moves": [*data["moves"], data["moves"][0]]})
    with pytest.raises(ValueError, match="lacks clocks"):
        parse({key: value for key, value in data.items() if key != "clocks"})
