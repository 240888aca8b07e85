"""What a check of an instance finds."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workspace.db.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: a stable word for programs, the id it concerns, a sentence."""

    kind: str
    id: str
    text: str


@dataclass(slots=True)
class Course:
    """One run of the checks. `deep`: every byte is read and every seal opened. `counted`: what was looked at."""

    runtime: Runtime
    deep: bool
    counted: Counter[str] = field(default_factory=Counter)


Check = Callable[[Course], Iterator[Finding]]
