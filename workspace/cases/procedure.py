"""Procedures: what may follow what in a case, who may move it and by when. Read from data files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).parent / "procedures"
GENERIC = "generic"

Words = Mapping[str, str]


class Phase(StrEnum):
    """With whom a case lies."""

    DRAFT = "draft"
    OFFICE = "office"
    CITIZEN = "citizen"
    OVER = "over"


class Side(StrEnum):
    """Who may make a move."""

    CITIZEN = "citizen"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days count. `weekend`: ISO weekdays (Monday is 1); `holidays`: local dates and their names."""

    version: str
    weekend: frozenset[int]
    holidays: Mapping[date, Words]


@dataclass(frozen=True, slots=True)
class Clock:
    """A time limit in days, working or calendar, and the facts that start, restart and stop it."""

    name: str
    days: int
    working: bool
    start: str
    restart: frozenset[str]
    stop: frozenset[str]


@dataclass(frozen=True, slots=True)
class State:
    """A state as people read it. `office_name` where the body should read other words than the citizen."""

    id: str
    phase: Phase
    tone: str
    name: Words
    office_name: Words


@dataclass(frozen=True, slots=True)
class Label:
    """A kind of case or an outcome as people read it."""

    id: str
    name: Words
    tone: str = "calm"
    index: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A fact is possible in these states and leads to `to`; with `to` None the state stays."""

    fact: str
    addition: bool
    sources: frozenset[str]
    to: str | None
    who: Side


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure, whole. `version` and the calendar's stand in every proof of a deadline."""

    id: str
    version: str
    name: Words
    ground: Words
    calendar: Calendar
    acknowledge: Clock
    answer: Clock
    close_after_answer_days: int
    states: Mapping[str, State]
    kinds: Mapping[str, Label]
    outcomes: Mapping[str, Label]
    moves: tuple[Move, ...]

    def move(self, status: str, fact: str, *, addition: bool = False) -> Move | None:
        """The move that a fact makes from a state, or None where it may not happen."""
        candidates = (one for one in self.moves if one.fact == fact and one.addition == addition)
        return next((one for one in candidates if status in one.sources), None)

    def ending_facts(self) -> frozenset[str]:
        """The facts after which a case is over."""
        return frozenset(one.fact for one in self.moves if one.to and self.states[one.to].phase is Phase.OVER)


@cache
def procedure(name: str) -> Procedure:
    """The procedure of this name. Raises KeyError for one that is not there, ValueError for a broken file."""
    if name not in names():
        raise KeyError(name)
    return parse(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))


@cache
def names() -> tuple[str, ...]:
    """The names of all procedures."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def parse(data: Mapping[str, Any]) -> Procedure:
    """A procedure from its file's data. Raises ValueError with a sentence on what does not fit together."""
    try:
        read = Procedure(
            id=data["id"],
            version=data["version"],
            name=_words(data["name"]),
            ground=_words(data["ground"]),
            calendar=_calendar(data["calendar"]),
            acknowledge=_clock("acknowledge", data["clocks"]["acknowledge"]),
            answer=_clock("answer", data["clocks"]["answer"]),
            close_after_answer_days=int(data["close"]["after_answer_days"]),
            states=MappingProxyType({key: _state(key, one) for key, one in data["states"].items()}),
            kinds=_labels(data["kinds"]),
            outcomes=_labels(data["outcomes"]),
            moves=tuple(_move(one) for one in data["moves"]),
        )
    except KeyError as error:
        raise ValueError(f"the procedure lacks {error.args[0]}") from error
    _check(read)
    return read


def _check(read: Procedure) -> None:
    named = {state for one in read.moves for state in {*one.sources, one.to or ""}} - {""}
    if unknown := named - set(read.states):
        raise ValueError(f"the moves of {read.id} name states that it does not describe: {', '.join(sorted(unknown))}")
    pairs = [(source, one.fact, one.addition) for one in read.moves for source in one.sources]
    if len(pairs) != len(set(pairs)):
        raise ValueError(f"{read.id} has two moves for the same fact in the same state")
    if read.move("", "case.opened") is None:
        raise ValueError(f"{read.id} has no beginning: no move for case.opened")


def _words(data: Mapping[str, str]) -> Words:
    return MappingProxyType({"en": data["en"], "uk": data["uk"]})


def _calendar(data: Mapping[str, Any]) -> Calendar:
    holidays = {one["date"]: _words(one["name"]) for one in data.get("holidays", ())}
    return Calendar(data["version"], frozenset(data["weekend"]), MappingProxyType(holidays))


def _clock(name: str, data: Mapping[str, Any]) -> Clock:
    return Clock(
        name, data["days"], data["working"], data["start"], frozenset(data.get("restart", ())), frozenset(data["stop"])
    )


def _state(key: str, data: Mapping[str, Any]) -> State:
    name = _words(data["name"])
    office = _words(data["office_name"]) if "office_name" in data else name
    return State(key, Phase(data["phase"]), data["tone"], name, office)


def _labels(data: Mapping[str, Any]) -> Mapping[str, Label]:
    return MappingProxyType(
        {
            key: Label(key, _words(one["name"]), one.get("tone", "calm"), one.get("index", ""))
            for key, one in data.items()
        }
    )


def _move(data: Mapping[str, Any]) -> Move:
    return Move(data["fact"], data.get("addition", False), frozenset(data["from"]), data.get("to"), Side(data["who"]))
