"""Check a file against a fingerprint: the browser works it out, or the server does, keeping nothing."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from workspace.cloud import queries
from workspace.http.bodies import only_hashes, uploaded_digest
from workspace.http.request import current_work
from workspace.web.files.blueprint import files
from workspace.web.files.standing import stand, way_to


@files.route("/item/<item_id>/check", methods=["GET", "POST"])
@only_hashes
def check(item_id: str) -> Any:
    """Choose a file and see whether its bytes are these."""
    chosen = uploaded_digest("file") if request.method == "POST" else None
    standing = stand(item_id)
    work = current_work()
    view = queries.item(work, item_id)
    history = queries.versions(work, item_id)
    wrong = _("Choose a file first.") if request.method == "POST" and chosen is None else ""
    page = render_template(
        "files/check.html",
        view=view,
        history=history,
        chosen=chosen,
        match=next((one for one in history if chosen is not None and one.sha256 == chosen.sha256), None),
        wrong=wrong,
        errors=[("file", wrong)] if wrong else None,
        way_here=way_to(view.path, standing, _("Check a file")),
    )
    return page, 422 if wrong else 200
