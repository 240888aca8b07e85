"""The history of a file: make an old version the newest again."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from workspace.cloud.versions import restore_version
from workspace.http.request import current_work
from workspace.web.files.blueprint import files


@files.post("/item/<item_id>/versions/<version_id>/restore")
def restore_old(item_id: str, version_id: str) -> Response:
    """As a new version, so that nothing of the history is lost."""
    made = restore_version(current_work(), item_id, version_id)
    flash(_("The old content is back, as version %(number)s. Nothing was lost.", number=made.number), "ok")
    return redirect(url_for("files.item", item_id=item_id), code=303)
