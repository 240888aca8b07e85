"""What every template may count on.

From `http.identity`: `g.actor` (kernel Actor), `g.person` (with `name`, `email`, `language`), `g.instance_values`. From
views, where they have it: `g.body` (the body whose room this is: `name`, `slug`, `territory`), `g.counts` (numbers of
the menu), `g.room`, `g.nav` (the endpoint to mark in the menu).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, url_for
from sqlalchemy.exc import OperationalError

from workspace.bodies.queries import BodyName, own_bodies
from workspace.http.request import runtime
from workspace.kernel.actors import ANONYMOUS
from workspace.web.fields import shown, wrongs, wrongs_title
from workspace.web.formats import language
from workspace.web.look import Look, current_look, stylesheet
from workspace.web.rail import rail
from workspace.web.rooms import FRONT, navigation, room_here, way

STATIC = Path(__file__).parent / "static"


@lru_cache(maxsize=256)
def _stamp(path: Path, modified: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file under static/, stamped with its content so that browsers may keep it for good."""
    path = STATIC / name
    stamp = _stamp(path, path.stat().st_mtime) if path.is_file() else None
    return url_for("static", filename=name, v=stamp)


def look_url(look: Look) -> str:
    """The address of the instance's colours; changes when they change."""
    return way("look.instance_css", v=hashlib.sha256(stylesheet(look).encode()).hexdigest()[:12])


def room_name(room: str, look: Look) -> tuple[str, str]:
    """Title and second line of the header."""
    body = g.get("body")
    if room == "office" and body is not None:
        return body.name, getattr(body, "territory", "") or look.name
    return look.name, look.line


def _posts() -> list[BodyName]:
    """The bodies that the person works for, for the menu. A page of an error must not fail for want of them."""
    actor = g.get("actor") or ANONYMOUS
    if not actor.appointments:
        return []
    if "work" in g:
        return own_bodies(g.work)
    try:
        with runtime().reading(actor) as work:
            return own_bodies(work)
    except OperationalError:
        return []


def _values() -> dict[str, Any]:
    look = current_look()
    return {
        "instance": look,
        "actor": g.get("actor") or ANONYMOUS,
        "person": g.get("person"),
        "body": g.get("body"),
        "posts": _posts(),
        "locale": language(),
        "default_room": room_here(),
    }


def register(app: Flask) -> None:
    """Give the templates their values and functions."""
    app.context_processor(_values)
    app.jinja_env.globals.update(
        asset=asset,
        way=way,
        navigation=navigation,
        room_name=room_name,
        look_url=look_url,
        front=FRONT,
        shown=shown,
        wrongs=wrongs,
        wrongs_title=wrongs_title,
        rail=rail,
        has_csrf=lambda: "csrf_token" in current_app.jinja_env.globals,
    )
