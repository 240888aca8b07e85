"""The rooms of the house and what their navigation holds. A room is a look and a menu, never a permission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from werkzeug.routing import BuildError


@dataclass(frozen=True)
class Way:
    """A line of a menu: `count` names the number in `g.counts` that stands beside it."""

    label: LazyString
    endpoint: str
    count: str = ""
    count_label: LazyString | str = ""
    blueprint: str = ""


@dataclass(frozen=True)
class NavItem:
    """A line of the menu, ready to draw. `current`: "page" here, "true" somewhere below it, "" elsewhere."""

    label: str
    url: str
    current: str
    count: int
    count_label: str


ROOMS: dict[str, tuple[Way, ...]] = {
    "citizen": (
        Way(_l("Home"), "home.index"),
        Way(_l("Files"), "files.index"),
        Way(_l("Cases"), "cases.index"),
        Way(_l("Shared"), "shares.index"),
        Way(_l("Who opened"), "ledger.index"),
    ),
    "office": (
        Way(_l("Inbox"), "office.inbox", "new", _l("new")),
        Way(_l("My cases"), "office.mine", "mine", _l("open")),
        Way(_l("Shared"), "office.shared"),
        Way(_l("Public page"), "office.public"),
    ),
    "admin": (
        Way(_l("Overview"), "admin.index"),
        Way(_l("People"), "admin_people.index"),
        Way(_l("Bodies"), "admin_bodies.index"),
        Way(_l("Letters"), "admin_letters.index"),
        Way(_l("Jobs"), "admin_jobs.index", "failed", _l("failed")),
        Way(_l("Settings"), "admin_settings.index"),
    ),
    "plain": (),
}
FRONT = {"citizen": "home.index", "office": "office.inbox", "admin": "admin.index", "plain": "home.index"}


def way(endpoint: str, **values: Any) -> str:
    """The address of a page, or "" where there is none: not in this instance, or not without knowing which body."""
    if endpoint not in current_app.view_functions:
        return ""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return ""


def room_here() -> str:
    """The room of this request: `g.room`, else by blueprint, else the citizen's; plain for nobody."""
    chosen: str = g.get("room", "")
    if chosen:
        return chosen
    blueprint = request.blueprint or ""
    for room in ("office", "admin"):
        if blueprint == room or blueprint.startswith(f"{room}_"):
            return room
    actor = g.get("actor")
    return "citizen" if actor is not None and actor.person_id else "plain"


def navigation(room: str) -> list[NavItem]:
    """The menu of a room. Office pages belong to one body: its `slug` in the address is carried along."""
    counts = g.get("counts") or {}
    values = {"slug": g.body.slug} if room == "office" and g.get("body") else {}
    items = []
    for one in ROOMS.get(room, ()):
        url = way(one.endpoint, **values)
        if url:
            count = int(counts.get(one.count, 0))
            items.append(NavItem(str(one.label), url, _current(one), count, str(one.count_label)))
    return items


def _current(one: Way) -> str:
    here = g.get("nav") or request.endpoint or ""
    if here == one.endpoint:
        return "page" if here == request.endpoint else "true"
    blueprint = one.endpoint.partition(".")[0]
    alone = sum(way.endpoint.startswith(f"{blueprint}.") for room in ROOMS.values() for way in room) == 1
    return "true" if alone and request.blueprint == blueprint and not g.get("nav") else ""
