"""The `If` header (RFC 4918 section 10.4): conditions on entity tags and lock tokens of one or several resources. Pure.

If: </a> (<opaquelocktoken:1> ["etag"]) (Not <DAV:no-lock>)   ->   two lists for /a; one of them has to hold
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

MOST = 500
_WORD = re.compile(
    r"""\s* (?: <(?P<uri>[^<>\s]+)> | \[(?P<tag>(?:W/)?"[^"]*")\] | (?P<not>Not\b) | (?P<mark>[()]) ) \s*""",
    re.VERBOSE | re.IGNORECASE,
)


class Kind(Enum):
    """What a condition is about."""

    LOCK = "lock"
    ETAG = "etag"


@dataclass(frozen=True, slots=True)
class Condition:
    """`value`: a lock token (any URI), or an entity tag with its quotes. `negated`: it must not be the state."""

    kind: Kind
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class ConditionList:
    """Conditions that all have to hold, of the resource at an address; None: of the one that the request is about."""

    address: str | None
    conditions: tuple[Condition, ...]


class MalformedIf(ValueError):
    """This is no If header."""


def parse(text: str) -> tuple[ConditionList, ...]:
    """The lists of an If header, of which at least one has to hold. Raises MalformedIf."""
    words = _Words(text)
    lists: list[ConditionList] = []
    address: str | None = None
    tagged = words.kind == "uri"
    while words.kind:
        if words.kind == "uri":
            if not tagged:
                raise MalformedIf("an address among lists without one")
            address = words.take()
            if words.kind != "mark":
                raise MalformedIf("an address without a list")
        lists.append(ConditionList(address, tuple(_conditions(words))))
    if not lists:
        raise MalformedIf("no list")
    return tuple(lists)


def tokens_in(lists: tuple[ConditionList, ...]) -> frozenset[str]:
    """All lock tokens that a request submits by naming them (section 10.4.1)."""
    return frozenset(one.value for each in lists for one in each.conditions if one.kind is Kind.LOCK)


class _Words:
    """The header, word by word, with the kind of the next one at hand; empty at the end."""

    def __init__(self, text: str) -> None:
        self._found = self._split(text)
        self.kind, self._value = "", ""
        self.take()

    def take(self) -> str:
        taken = self._value
        self.kind, self._value = next(self._found, ("", ""))
        return taken

    @staticmethod
    def _split(text: str) -> Iterator[tuple[str, str]]:
        position = count = 0
        while position < len(text):
            word = _WORD.match(text, position)
            count += 1
            if word is None or count > MOST:
                raise MalformedIf("a word that means nothing here")
            position = word.end()
            yield str(word.lastgroup), str(word[str(word.lastgroup)])


def _conditions(words: _Words) -> Iterator[Condition]:
    if words.take() != "(":
        raise MalformedIf("a list begins with (")
    if words.kind == "mark":
        raise MalformedIf("an empty list")
    while words.kind not in ("mark", ""):
        negated = words.kind == "not"
        if negated:
            words.take()
        if words.kind not in ("uri", "tag"):
            raise MalformedIf("a condition is a token or an entity tag")
        kind = Kind.LOCK if words.kind == "uri" else Kind.ETAG
        yield Condition(kind, words.take(), negated)
    if words.take() != ")":
        raise MalformedIf("a list ends with )")
