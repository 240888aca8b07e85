"""Whoever finds a weakness reads where to report it (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.parts.worlds import embedded_stack
from tests.web.visitor import Site
from tests.world import World


def fields(site: Site) -> dict[str, str]:
    text = site.visitor().get("/.well-known/security.txt").get_data(as_text=True)
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_it_names_a_contact_and_an_end_within_a_year(site: Site) -> None:
    told = fields(site)
    assert told["Contact"] == site.world.settings.base_url + "/about/help"
    until = datetime.fromisoformat(told["Expires"]).astimezone(UTC)
    assert 0 < (until - site.world.clock.now()).days < 365
    assert told["Canonical"].endswith("/.well-known/security.txt")


def test_the_host_names_another_contact(tmp_path: Path) -> None:
    world = World(tmp_path, embedded_stack(tmp_path), security_contact="mailto:security@example.org")
    assert fields(Site(world))["Contact"] == "mailto:security@example.org"
    world.close()
