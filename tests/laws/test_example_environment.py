"""deploy/env.example names every variable of Settings, with its meaning and default: a host never guesses."""

from __future__ import annotations

from dataclasses import fields

from tests.laws.tree import ROOT
from workspace.settings import Settings, example, variable

EXAMPLE = ROOT / "deploy" / "env.example"


def test_the_committed_example_is_what_the_settings_say() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == example()


def test_every_setting_stands_in_the_example_with_its_meaning() -> None:
    text = example()
    for one in fields(Settings):
        assert f"{variable(one.name)}=" in text
        assert one.metadata["help"] in text.replace("\n# ", " ")
