"""The public directory: which bodies there are, what they are in charge of, who works in them."""

from typing import Any

from flask import Blueprint, render_template, request

from workspace.bodies import queries
from workspace.cases.procedure import GENERIC, procedure
from workspace.cases.webhooks import may_manage
from workspace.http.request import current_work
from workspace.web.words import kind_words, role_words

bodies = Blueprint("bodies", __name__, url_prefix="/bodies")


@bodies.get("/")
def index() -> str:
    """All bodies that receive letters, narrowed by words and kind."""
    work, kinds = current_work(), kind_words()
    text, kind = request.args.get("q", "").strip()[:100], request.args.get("kind", "")
    kind = kind if kind in kinds else ""
    lines = queries.directory(work, text, kind)
    present = {one.kind for one in lines} if not (text or kind) else {one.kind for one in queries.directory(work)}
    return render_template(
        "bodies/index.html",
        lines=lines,
        text=text,
        kind=kind,
        kinds=kinds,
        present=[(name, word) for name, word in kinds.items() if name in present],
    )


@bodies.get("/<slug>")
def body(slug: str) -> Any:
    """One body: how to reach it, who answers there, how long an answer takes."""
    work = current_work()
    view = queries.body(work, slug)
    return render_template(
        "bodies/body.html",
        view=view,
        kinds=kind_words(),
        roles=role_words(),
        rules=procedure(GENERIC),
        manages=may_manage(work, view.id),
    )
