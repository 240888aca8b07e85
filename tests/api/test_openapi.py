"""openapi.yaml says what the API is: valid, committed, and true to the routes."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from openapi_spec_validator import validate

from tests.api.conftest import V1
from workspace.api import openapi

COMMITTED = Path(openapi.__file__).with_name("openapi.yaml")


def test_the_committed_description_is_the_present_one() -> None:
    present = COMMITTED.read_text(encoding="utf-8")
    assert present == openapi.text(), "the API has changed: run `make openapi` and read the difference"


def test_it_is_valid_openapi_3_1() -> None:
    described = openapi.document()
    validate(described)
    assert described["openapi"].startswith("3.1")


def test_it_names_every_route_and_no_other(embedded_app: Flask) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in embedded_app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = openapi.document()["paths"]
    assert {(path, method.upper()) for path, methods in described.items() for method in methods} == routes


def test_anybody_may_read_it(embedded_app: Flask) -> None:
    answer = embedded_app.test_client().get(f"{V1}/openapi.yaml")
    assert (answer.status_code, answer.data) == (200, COMMITTED.read_bytes())
