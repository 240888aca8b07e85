"""Requests that another origin makes a browser send (CSRF): refused before the view, whatever the view is.

The browser's session opens the web's door only. There, what changes something must come from a page of ours: by what
the browser says of the origin (Fetch Metadata, Origin), and, for forms, by the token of the session as well.
"""

from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from workspace.http.doors import door_of
from workspace.http.request import spans_bytes
from workspace.kernel.actors import Door
from workspace.kernel.errors import StaleForm

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask) -> None:
    """Set up tokens and the check. Goes after identity, so that a program's request is known as one."""
    app.config.setdefault("WTF_CSRF_ENABLED", True)
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    CSRFProtect(app)
    app.before_request(check)


def check() -> None:
    """Raises StaleForm for what another origin made up, or what carries no token of this session."""
    if request.method in SAFE or door_of(request.path) is not Door.WEB or request.endpoint is None:
        return
    if g.actor.app_password_id is not None:
        return  # a program at the uploads: no browser adds an Authorization by itself
    if g.actor.anonymous and request.path.startswith("/uploads/"):
        return  # nobody has no session to misuse; they are asked to sign in
    ours = _is_ours()
    if ours is False:
        raise StaleForm()
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return
    if spans_bytes() and ours:
        return  # a token in the body would mean reading the file before its view does
    try:
        current_app.extensions["csrf"].protect()
    except CSRFError:
        raise StaleForm() from None


def _is_ours() -> bool | None:
    """Whether the browser says that a page of ours sent this; None where it says nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.host
    return True if site == "same-origin" else None
