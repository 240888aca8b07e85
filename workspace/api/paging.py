"""The way on through a long list: an address in `next`, the same again in the Link field (RFC 8288)."""

from urllib.parse import urlencode

from flask import request


def next_link(cursor: str | None) -> str | None:
    """The address of the next page of this very list, or None at its end."""
    if cursor is None:
        return None
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.path}?{urlencode([*kept, ('cursor', cursor)])}"
