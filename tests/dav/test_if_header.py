"""The `If` header, read as RFC 4918 section 10.4 has it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.dav.if_header import Condition, ConditionList, Kind, MalformedIf, parse, tokens_in

LOCK = "urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2"


def token(value: str, negated: bool = False) -> Condition:
    return Condition(Kind.LOCK, value, negated)


def tag(value: str, negated: bool = False) -> Condition:
    return Condition(Kind.ETAG, value, negated)


EXAMPLES = {
    # sections 10.4.6 to 10.4.11, in their order
    f'(<{LOCK}> ["I am an ETag"]) (["I am another ETag"])': (
        ConditionList(None, (token(LOCK), tag('"I am an ETag"'))),
        ConditionList(None, (tag('"I am another ETag"'),)),
    ),
    f"(Not <{LOCK}> <urn:uuid:58f202ac>)": (ConditionList(None, (token(LOCK, True), token("urn:uuid:58f202ac"))),),
    f"(<{LOCK}>) (Not <DAV:no-lock>)": (
        ConditionList(None, (token(LOCK),)),
        ConditionList(None, (token("DAV:no-lock", True),)),
    ),
    f'</resource1> (<{LOCK}> [W/"A weak ETag"]) (["strong ETag"])': (
        ConditionList("/resource1", (token(LOCK), tag('W/"A weak ETag"'))),
        ConditionList("/resource1", (tag('"strong ETag"'),)),
    ),
    f"<http://www.example.com/specs/> (<{LOCK}>)": (ConditionList("http://www.example.com/specs/", (token(LOCK),)),),
    '</specs/rfc2518.doc> (["4217"])': (ConditionList("/specs/rfc2518.doc", (tag('"4217"'),)),),
    '</specs/rfc2518.doc> (Not ["4217"])': (ConditionList("/specs/rfc2518.doc", (tag('"4217"', True),)),),
    f"</a>(<{LOCK}>)</b>(not<{LOCK}>)": (
        ConditionList("/a", (token(LOCK),)),
        ConditionList("/b", (token(LOCK, True),)),
    ),
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_what_the_standard_shows_is_read(text: str) -> None:
    assert parse(text) == EXAMPLES[text]


def test_a_token_is_submitted_wherever_it_stands() -> None:
    assert tokens_in(parse(f'(Not <{LOCK}>) (<urn:x> ["e"])')) == {LOCK, "urn:x"}


@pytest.mark.parametrize(
    "text",
    ["", " ", "()", "(", ")", f"<{LOCK}>", f"(<{LOCK}>", "(<a b>)", '(["a)', "(x)", "(Not)", "(Not Not <a>)",
     "<a> <b> (<c>)", "(<a>) </b> (<c>)", "((<a>))", "(<>)", "(<a>)," , "(<a>) " * 400],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(MalformedIf):
        parse(text)


uris = st.from_regex(r"[a-z]{1,5}:[!-;=?-Z]{0,8}", fullmatch=True).filter(lambda one: ">" not in one)
tags = st.from_regex(r'(W/)?"[a-z0-9 ()<>]{0,8}"', fullmatch=True)
conditions = st.builds(token, uris, st.booleans()) | st.builds(tag, tags, st.booleans())


def written(lists: list[tuple[Condition, ...]]) -> str:
    def one(condition: Condition) -> str:
        value = f"<{condition.value}>" if condition.kind is Kind.LOCK else f"[{condition.value}]"
        return f"Not {value}" if condition.negated else value

    return " ".join(f"({' '.join(map(one, each))})" for each in lists)


@given(st.lists(st.lists(conditions, min_size=1, max_size=4).map(tuple), min_size=1, max_size=4))
def test_what_is_written_is_read_back(lists: list[tuple[Condition, ...]]) -> None:
    assert parse(written(lists)) == tuple(ConditionList(None, each) for each in lists)


@given(st.text(alphabet='<>()[]"W/Not a:', max_size=30))
def test_nothing_else_happens_to_any_text(text: str) -> None:
    with suppress(MalformedIf):
        assert parse(text)
