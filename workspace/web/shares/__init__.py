"""Pages of sharing: give, change and end access; secret links; everything that is shared, in both directions."""

from workspace.web.shares import links, overview, share
from workspace.web.shares.blueprint import shares
from workspace.web.shares.words import level_words

__all__ = ["level_words", "links", "overview", "share", "shares"]
