"""The rooms of government bodies, one module a noun, all on one blueprint: `office`."""

from workspace.web.office import answer, desk, letters
from workspace.web.office.blueprint import office

__all__ = ["answer", "desk", "letters", "office"]
