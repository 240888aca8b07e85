"""Ways through the house: to a file or folder as links, and back to where a form was."""

from collections.abc import Iterable

from flask import request, url_for
from flask_babel import gettext as _

from workspace.cloud.views import Crumb


def way_back(otherwise: str) -> str:
    """Where the form came from, if that is a path of this site; nobody is led elsewhere by what a form says."""
    back = request.form.get("back", "")
    inside = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    return back if inside else otherwise


def trail(path: Iterable[Crumb]) -> list[tuple[str, str]]:
    """Label and address of each step, the beginning of the cloud as "My files"; what is shared begins with "Shared"."""
    steps = list(path)
    begins_here = bool(steps) and not steps[0].name
    first = [] if begins_here else [(_("Shared with me"), url_for("shares.index", tab="with-me"))]
    return first + [(step.name or _("My files"), _address(step)) for step in steps]


def _address(step: Crumb) -> str:
    return url_for("files.folder", folder_id=step.id) if step.name else url_for("files.index")
