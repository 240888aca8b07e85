"""Where people come from, with and without a proxy in front: only our own proxies are believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.web.visitor import PASSWORD, Site, Visitor
from workspace.accounts.models import SignIn
from workspace.app import create_app
from workspace.kernel.actors import COMMAND


@pytest.mark.parametrize(
    ("proxies", "said", "believed"),
    [
        (0, "203.0.113.7", "127.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7", "198.51.100.1"),
    ],
)
def test_a_sign_in_keeps_the_address_that_a_proxy_of_ours_saw(
    site: Site, proxies: int, said: str, believed: str
) -> None:
    olena = site.person("Olena")
    runtime = replace(site.world.runtime, settings=replace(site.world.settings, trusted_proxies=proxies))
    visitor = Visitor(create_app(runtime), headers={"X-Forwarded-For": said})
    assert visitor.sign_in(olena.email, PASSWORD).status_code == 302
    with site.world.reading(COMMAND) as work:
        assert work.session.query(SignIn).one().address == believed
