"""An administrator at a browser."""

from __future__ import annotations

from dataclasses import dataclass

from tests.web.visitor import Site, Visitor
from tests.world import Someone


@dataclass
class Office:
    """The administration of a site, with somebody signed in to it."""

    site: Site
    keeper: Someone
    visitor: Visitor

    def text(self, path: str) -> str:
        answer = self.visitor.get(path)
        assert answer.status_code == 200, path
        return answer.get_data(as_text=True)

    def send(self, page: str, action: str, **values: str) -> str:
        """Fill a form of a page in, follow where it leads, give the text back."""
        answer = self.visitor.fill(page, values, action=action, follow_redirects=True)
        assert answer.status_code == 200, (page, answer.status_code)
        return answer.get_data(as_text=True)


def keep(site: Site) -> Office:
    """A keeper, signed in."""
    keeper = site.person("Nadiia Keeper", administrator=True)
    visitor = site.visitor()
    visitor.sign_in(keeper.email)
    return Office(site, keeper, visitor)
