"""The guides say what is there: settings, commands, files and pictures that exist."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from workspace.cli import cli
from workspace.settings import Settings, variable

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs").glob("*.md"))
HOSTS = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
PAIRS = ("citizens", "officials", "programs", "who-can-see")
LINK = re.compile(r"\]\(([^)#:]+)\)")
NAMES = "init|serve|worker|up|demo|settings|check|log|user|body|keys|move|(?:backup|restore)(?:-keyring)?|backups"
COMMAND = re.compile(rf"workspace ((?:{NAMES})(?![a-z-])(?: [a-z-]+)?)")


def commands(group: click.Group, before: tuple[str, ...] = ()) -> set[str]:
    """Every command by its whole name: `user add`."""
    found = set()
    for name, one in group.commands.items():
        found.add(" ".join((*before, name)))
        if isinstance(one, click.Group):
            found |= commands(one, (*before, name))
    return found


def test_the_guide_for_hosts_names_every_setting_and_no_other() -> None:
    named = set(re.findall(r"^\| `(WORKSPACE_[A-Z_]+)`", HOSTS, re.MULTILINE))
    assert named == {variable(one.name) for one in fields(Settings)}
    for one in fields(Settings):
        line = next(line for line in HOSTS.splitlines() if line.startswith(f"| `{variable(one.name)}`"))
        assert one.metadata["help"] in line
        assert (f"`{one.default}`" if str(one.default) else "empty") in line


def test_every_command_of_the_guides_exists() -> None:
    known = commands(cli)
    for guide in GUIDES:
        for said in COMMAND.findall(guide.read_text(encoding="utf-8")):
            words = said.split()
            assert said in known or words[0] in known - {"user", "body", "log", "keys"}, (
                f"{guide.name}: workspace {said}"
            )


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_what_a_guide_links_to_is_there(guide: Path) -> None:
    for target in LINK.findall(guide.read_text(encoding="utf-8")):
        assert target.startswith("pictures/") or (guide.parent / target).exists(), target


@pytest.mark.parametrize("name", PAIRS)
def test_both_languages_have_the_same_parts_and_pictures(name: str) -> None:
    english, ukrainian = ((ROOT / "docs" / f"{name}{part}.md").read_text(encoding="utf-8") for part in ("", ".uk"))
    assert re.findall(r"^#+", english, re.MULTILINE) == re.findall(r"^#+", ukrainian, re.MULTILINE)
    pictures = [re.findall(r"pictures/([\w-]+)\.", text) for text in (english, ukrainian)]
    assert pictures[0] == pictures[1]
    assert pictures[0] or name == "programs"
    assert re.findall(r"^\d\.", english, re.MULTILINE) == re.findall(r"^\d\.", ukrainian, re.MULTILINE)
