"""JSON under `/api/v1` for programs, and the resumable door `/uploads/` (tus 1.0.0)."""

from flask import Blueprint, Flask

from workspace.api.resources import GROUPS
from workspace.api.uploads import uploads

PREFIX = "/api/v1"


def register(app: Flask) -> None:
    """Give the app both doors.

    The API knows no cookie, hence nobody can make a browser act here; `http.forgery` minds the resumable door.
    """
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    for group in GROUPS:
        group.register(api)
    app.register_blueprint(api)
    app.register_blueprint(uploads)
