"""A site: an instance with its web application, and visitors to it."""

import pytest

from tests.web.keeper import Office, keep
from tests.web.visitor import Site
from tests.world import World


@pytest.fixture
def site(embedded_world: World) -> Site:
    """On SQLite and the filesystem."""
    return Site(embedded_world)


@pytest.fixture
def either_site(world: World) -> Site:
    """Once on each stack."""
    return Site(world)


@pytest.fixture
def office(site: Site) -> Office:
    """An administrator, signed in."""
    return keep(site)
