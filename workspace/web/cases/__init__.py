"""Pages of a citizen's cases, one module a noun, all on one blueprint: `cases`."""

from workspace.web.cases import draft, pages, papers
from workspace.web.cases.blueprint import cases

__all__ = ["cases", "draft", "pages", "papers"]
