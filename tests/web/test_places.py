"""Ways through the house never lead out of it."""

from __future__ import annotations

import pytest
from flask import Flask

from workspace.web.places import way_back


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "", "/a\nb"])
def test_a_form_leads_nobody_to_another_site(back: str) -> None:
    with Flask(__name__).test_request_context(method="POST", data={"back": back}):
        assert way_back("/files") == "/files"


def test_a_form_leads_back_to_where_it_was() -> None:
    with Flask(__name__).test_request_context(method="POST", data={"back": "/shared?tab=by-me"}):
        assert way_back("/files") == "/shared?tab=by-me"
