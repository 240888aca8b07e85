"""The way on through a long list: an address in `next`, the same again in the Link field (RFC 8288)."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from workspace.api.values import PageQuery
from workspace.cloud.listing import read_cursor, write_cursor
from workspace.kernel.errors import NotAcceptable

Line = TypeVar("Line")


def next_link(cursor: str | None) -> str | None:
    """The address of the next page of this very list, or None at its end."""
    if cursor is None:
        return None
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.path}?{urlencode([*kept, ('cursor', cursor)])}"


def paged(lines: Sequence[Line], query: PageQuery, identify: Callable[[Line], str]) -> tuple[list[Line], str | None]:
    """A page of a list that its read gives whole (one person's, one item's), and the address of the next.

    The cursor names the last line and its place: where that line has gone, the place counts. Raises NotAcceptable.
    """
    start = 0
    if query.cursor is not None:
        place, last = read_cursor(query.cursor, 2)
        if not isinstance(place, int) or isinstance(place, bool) or place < 0 or not isinstance(last, str):
            raise NotAcceptable(field="cursor")
        start = next((at + 1 for at, one in enumerate(lines) if identify(one) == last), min(place, len(lines)))
    page = list(lines[start : start + query.limit])
    end = start + len(page)
    return page, next_link(write_cursor(end, identify(page[-1])) if page and end < len(lines) else None)
