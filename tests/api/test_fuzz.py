"""Whatever a program sends, it gets an answer that says what is wrong: never a server error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.api.conftest import V1, Program
from tests.api.ground import Ground
from tests.world import Someone, World
from workspace.api.operations import Operation
from workspace.api.resources import GROUPS

Programs = Callable[[Someone], Program]
OPERATIONS = [one for group in GROUPS for one in group]
WITH_BODY = [one for one in OPERATIONS if one.request]
WITH_QUERY = [one for one in OPERATIONS if one.query]
# each has broken somebody's database, path or header before
SPICE = [
    "\x00",
    "\ud800",
    "../..",
    "a" * 300,
    "\u202eexe",
    "ß" * 200,
    "e\u0301",
    "é",
    "CON",
    "'; --",
    "%00",
    "\r\nX: y",
    "",
]
TIMES = ["2027-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2027-01-01"]
CURSORS = [
    "WyJuYW1lIixmYWxzZSxmYWxzZSwiXHVkODAwIiwiMDFrIl0",
    "W10",
    "bnVsbA",
    "WyJcdWQ4MDAiLCIwMW04MmVzMTJkZnk4ODE2YjczODg1NDc5MCJd",
]
WORDS = ["view", "edit", "evidence", "accept", "contest", "granted", "appeal", "uk", "asc", "size", "mine"]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(SPICE),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=9), inside, max_size=4),
    max_leaves=12,
)
pytestmark = pytest.mark.slow
fuzzed = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def path(ground: Ground, data: st.DataObject, operation: Operation) -> str:
    """The address of an operation with ids in it, more often than not such as there are."""
    found = V1 + operation.path
    for name in operation.parameters:
        choices = ground.known.get(name, ground.ids)
        value = data.draw(st.sampled_from([*choices, *choices, *ground.ids, *SPICE]), label=name)
        found = found.replace(f"{{{name}}}", quote(value.encode("utf-8", "surrogatepass"), safe=""))
    return found


def value(ground: Ground) -> st.SearchStrategy[Any]:
    """What a member of a body might hold: plausible more often than not, so that verbs are reached."""
    text = st.sampled_from([*ground.ids, *ground.emails, ground.slug, *WORDS, *TIMES, *SPICE])
    subject = st.fixed_dictionaries(
        {"kind": st.sampled_from(["person", "body", "office"])}, optional={"email": text, "slug": text, "id": text}
    )
    return text | st.just(True) | st.lists(text, max_size=3) | subject | anything


@pytest.fixture
def ground(world: World, program: Programs) -> Ground:
    return Ground(world, program)


def is_an_answer(answer: TestResponse) -> None:
    assert answer.status_code < 500 or answer.status_code == 507, answer.get_data(as_text=True)
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"
        assert {"type", "title", "status", "code", "detail"} <= answer.get_json().keys()


@fuzzed
@given(data=st.data())
def test_any_body_gets_an_answer(ground: Ground, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(WITH_BODY), label="operation")
    assert operation.request is not None
    members = st.fixed_dictionaries({}, optional={name: value(ground) for name in operation.request.model_fields})
    body = data.draw(members | members | members | anything, label="body")
    raw = json.dumps(body).encode()
    is_an_answer(
        ground.program.send(operation.method, path(ground, data, operation), data=raw, content_type="application/json")
    )


@fuzzed
@given(data=st.data())
def test_any_query_gets_an_answer(ground: Ground, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(WITH_QUERY), label="operation")
    assert operation.query is not None
    text = st.sampled_from([*WORDS, *TIMES, *SPICE, *CURSORS, *ground.ids, "1", "-1", "999999999999"]) | st.text(
        max_size=20
    )
    names = st.sampled_from([*operation.query.model_fields]) | st.text(max_size=5)
    query = data.draw(st.dictionaries(names, text, max_size=4), label="query")
    pairs = [
        (name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")) for name, value in query.items()
    ]
    asked = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    is_an_answer(ground.program.send(operation.method, f"{path(ground, data, operation)}?{asked}"))


@settings(fuzzed, max_examples=40)
@given(data=st.data())
def test_any_name_and_any_words_of_tus_get_an_answer(ground: Ground, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SPICE) | st.text(max_size=30), label="name").encode("utf-8", "surrogatepass")
    folder = ground.known["item_id"][1]
    address = f"{V1}/items/{folder}/files/{quote(name, safe='')}"
    is_an_answer(ground.program.send("PUT", address, data=data.draw(st.binary(max_size=20))))
    printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
    fields = (
        "Upload-Length",
        "Upload-Metadata",
        "Upload-Offset",
        "Upload-Checksum",
        "Repr-Digest",
        "Range",
        "If-Match",
    )
    headers = {one: data.draw(printable | st.just("5"), label=one) for one in fields} | {"Tus-Resumable": "1.0.0"}
    is_an_answer(ground.program.send("POST", "/uploads/", headers=headers, data=b"hello"))
    is_an_answer(ground.program.send("PUT", address, headers=headers, data=b"hello"))
