"""The lock files pin every part by hash and never say where it came from: a mirror must do as well as the registry."""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.laws.tree import ROOT

ADDRESS = re.compile(r"https?:|file:|git\+|--(?:extra-)?index-url|--find-links|--trusted-host|\"resolved\"")
LOCKS = ("requirements.lock", "requirements-test.lock", "package-lock.json")


def addresses(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    # npm notes where an author asks for donations; nothing is fetched from there.
    return [line for line in lines if ADDRESS.search(line) and not line.startswith('"url": ')]


def pinned(text: str) -> dict[str, int]:
    """Package → number of hashes, of a pip lock."""
    found: dict[str, int] = {}
    for block in re.split(r"\n(?=\S)", text):
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[.*?\])?==", block):
            found[_canonical(match[1])] = block.count("--hash=sha256:")
    return found


def required(section: str, option: str) -> set[str]:
    """Packages that setup.cfg asks for in one option."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = (line.strip() for line in config[section][option].splitlines())
    return {_canonical(re.split(r"[\[<>=!~; ]", line)[0]) for line in lines if line and not line.startswith("#")}


def unhashed(lock: dict[str, Any]) -> list[str]:
    """Packages of an npm lock without integrity."""
    return [name for name, package in lock["packages"].items() if name and "integrity" not in package]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _read(name: str) -> str:
    return Path(ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_no_address(name: str) -> None:
    assert addresses(_read(name)) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_every_python_package_is_pinned_with_a_hash(name: str) -> None:
    assert [package for package, hashes in pinned(_read(name)).items() if not hashes] == []


def test_every_npm_package_is_pinned_with_a_hash() -> None:
    assert unhashed(json.loads(_read("package-lock.json"))) == []


def test_the_locks_hold_what_setup_asks_for() -> None:
    runtime, tests = pinned(_read("requirements.lock")), pinned(_read("requirements-test.lock"))
    assert required("options", "install_requires") - set(runtime) == set()
    assert required("options.extras_require", "test") - set(tests) == set()
    assert set(runtime) - set(tests) == set()


def test_an_address_or_a_missing_hash_is_found() -> None:
    assert addresses('--index-url https://pypi.example/simple\n"resolved": "x"\nflask==1\n') == [
        "--index-url https://pypi.example/simple",
        '"resolved": "x"',
    ]
    assert pinned("flask==3.1 \\\n    --hash=sha256:00\njinja2==3.1\n    # via flask\n") == {"flask": 1, "jinja2": 0}
    assert unhashed({"packages": {"": {}, "node_modules/x": {"version": "1"}}}) == ["node_modules/x"]
