"""What a check of an instance finds, and how it may be mended."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND

Mend = Callable[[], str]
"""Mends a finding, losing nothing, and says what it did. Raises DomainError where it cannot be done now."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: a stable word for programs, the id it concerns, a sentence.

    `mend` where a program may mend it: nothing that could be the only copy goes by it. Else `advice`: what a person
    has to decide or bring.
    """

    kind: str
    id: str
    text: str
    advice: str = ""
    mend: Mend | None = field(default=None, repr=False, compare=False)


@dataclass(slots=True)
class Course:
    """One run of the checks. `deep`: every byte is read and every seal opened. `counted`: what was looked at.
    `recover` ends again what the journal knows as ended, `outstanding` counts it."""

    runtime: Runtime
    deep: bool
    counted: Counter[str] = field(default_factory=Counter)
    recover: Callable[[Runtime], int] = lambda runtime: 0
    outstanding: Callable[[Runtime], int] = lambda runtime: 0

    def mending(self, did: str, act: Callable[[Work, str], object], one: str) -> Mend:
        """A Mend that calls `act` with `one` in a Work of its own and says `did`."""

        def mend() -> str:
            with self.runtime.writing(COMMAND) as work:
                act(work, one)
                work.commit()
            return did

        return mend


Check = Callable[[Course], Iterator[Finding]]
