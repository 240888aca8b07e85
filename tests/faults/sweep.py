"""One operation, struck at point after point; what was found is told in sentences."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.faults.calls import FILES, KILL, NETWORK, Call, Judge, kill_at, let_be, watch
from tests.faults.operations import Operation
from tests.faults.picture import Picture, picture
from tests.faults.soundness import findings
from tests.faults.town import Town


@dataclass
class Result:
    """What came of striking one operation: at how many points, in how many seconds, and what did not hold."""

    operation: str
    points: int = 0
    seconds: float = 0.0
    found: list[str] = field(default_factory=list)


def kill_sweep(town: Town, operation: Operation, most: int | None) -> Result:
    """Kill the operation before each of its calls in turn, until it completes; or before `most` chosen ones."""
    began = time.monotonic()
    result = Result(operation.name)
    expected = reference(town, operation)
    calls = completed(town, operation, expected, result)
    numbers: Iterable[int] = (one.number for one in chosen(calls, most)) if most else range(1, 100_000)
    for number in numbers:
        town.put_back()
        ending = watch(lambda: _act(town, operation), kill_at(number), str(town.place.folder), watched(town))
        if ending.status == 0:
            break  # there is no such call any more: every one of them has been struck
        if ending.status != -9:
            result.found.append(f"{operation.name} ended with {ending.status} before it could be killed")
            break
        result.points += 1
        judge_town(town, operation, expected, f"killed at {ending.calls[-1]}", result)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def reference(town: Town, operation: Operation) -> list[Picture]:
    """How the town looks before the operation and after each step, undisturbed. In a fork: some libraries start threads
    when they are first used, and a process with threads must not be forked any more."""
    town.put_back()
    pictures: list[Picture] = told_by_a_fork(lambda: _pictures(town, operation))
    assert len(pictures) == len(operation.steps) + 1, pictures
    assert operation.changes == (pictures[0] != pictures[-1]), f"does {operation.name} change anything?"
    return pictures


def _pictures(town: Town, operation: Operation) -> list[Picture]:
    town.begin()
    pictures = [picture(town.world, town.people)]
    for step in operation.steps:
        step(town)
        pictures.append(picture(town.world, town.people))
    return pictures


def completed(town: Town, operation: Operation, expected: list[Picture], result: Result) -> list[Call]:
    """The calls of an undisturbed run, which must be sound like every other."""
    town.put_back()
    findings(town, expected[:1])  # here and not in a fork, so that statements are compiled for all forks to come
    town.put_back()
    ending = watch(lambda: _act(town, operation), let_be, str(town.place.folder), watched(town))
    if ending.status != 0:
        result.found.append(f"{operation.name} does not even complete undisturbed ({ending.status})")
    judge_town(town, operation, expected, "undisturbed", result)
    return ending.calls


def judge_town(town: Town, operation: Operation, expected: list[Picture], what: str, result: Result) -> None:
    """Restart in a fresh process and ask for the invariants."""
    town.place.settle()
    done = len(town.ledger.read())
    looks = operation.looks(expected, done)
    for one in told_by_a_fork(lambda: findings(town, looks, operation.goes_on)):
        result.found.append(f"{operation.name}, {what}, {done} of {len(operation.steps)} steps answered: {one}")


def chosen(calls: list[Call], most: int) -> list[Call]:
    """At most so many points, spread over the whole run: each another kind of call or another kind of file while there
    are such; of each the last one, behind which most is done already."""
    if len(calls) <= most:
        return calls
    last = {(call.name, call.about): call for call in calls}.values()
    kinds = sorted(last, key=lambda call: call.number)
    others = [call for call in calls if call not in kinds]
    picked = _spread(kinds, most)
    picked += _spread(others, most - len(picked))
    return sorted(picked, key=lambda call: call.number)


def _spread(calls: list[Call], most: int) -> list[Call]:
    if len(calls) <= most:
        return list(calls)
    return [calls[(2 * place + 1) * len(calls) // (2 * most)] for place in range(most)]


def watched(town: Town) -> tuple[str, ...]:
    """The calls that may change something: files, and on a store behind a network what is sent to it."""
    return FILES if town.place.stack.name == "embedded" else (*FILES, *NETWORK)


def told_by_a_fork(ask: Callable[[], list[Any]]) -> list[Any]:
    """What a fresh process answers; where it dies, one sentence that says so."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        answer: list[Any] = []
        try:
            answer = ask()
        except BaseException as error:
            answer = [f"looking failed: {type(error).__name__}: {error}"]
        finally:
            with os.fdopen(writing, "w") as pipe:
                json.dump(answer, pipe)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    answers: list[Any] = json.loads(text) if text else ["the process that was to look said nothing"]
    return answers


def _act(town: Town, operation: Operation) -> None:
    town.begin()
    operation.run(town)


__all__ = ["KILL", "Judge", "Result", "asdict", "kill_sweep"]
