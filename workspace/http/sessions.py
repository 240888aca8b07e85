"""The browser's session: a signed cookie that carries a token; `accounts.sessions` decides whether it still holds."""

from datetime import timedelta
from typing import cast

from flask import Flask, g, request, session

from workspace.accounts import sessions
from workspace.accounts.models import SignIn
from workspace.accounts.secrets import WebSecrets
from workspace.cloud.spaces import open_personal_space
from workspace.http.request import current_work
from workspace.kernel.ids import new_id
from workspace.sharing.links import Entered

TOKEN = "sid"  # noqa: S105 - the name under which it lies in the cookie
LINKS = "links"
VISITOR = "visitor"
MOST_LINKS = 40


def install(app: Flask) -> None:
    """Set the cookie up. The app holds its instance already."""
    settings = app.extensions["workspace"].settings
    secrets = WebSecrets.load(settings.secrets)
    app.config.update(
        SECRET_KEY=secrets.derive("cookies and links"),
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # the row ends it earlier; sent again only when it changes, so that pages without news set no cookie
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=settings.session_life),
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.extensions["workspace_secrets"] = secrets


def begin(person_id: str, via: str) -> None:
    """Sign in: a new row, a new token, and nothing left over of the cookie that was there before.

    The links that the browser has entered stay. Raises Forbidden for an account that is closed or not proven.
    """
    work = current_work()
    begun = sessions.begin_session(
        work, person_id, agent=request.user_agent.string, address=request.remote_addr or "", via=via
    )
    open_personal_space(work, person_id)
    kept = {
        key: session[key]
        for key in (LINKS, VISITOR, "_user_id", "_id", "_fresh", "_flashes", "fs_paa")
        if key in session
    }
    session.clear()
    session.update(kept)
    g.pop("csrf_token", None)
    session[TOKEN] = begun.token
    session.permanent = True
    g.sign_in_id = begun.id


def present() -> str:
    """The id of the session of this request; empty where there is none."""
    if "sign_in_id" in g:
        return cast(str, g.sign_in_id)
    known = cast("SignIn | None", g.get("sign_in"))
    return known.id if known is not None else ""


def end() -> None:
    """Sign out: the row ends, whatever copies of the cookie there are; entered links are forgotten."""
    if g.get("sign_in") is not None:
        sessions.sign_out(current_work(), g.sign_in.id)
    session.clear()


def remember_link(link_id: str, entry: int) -> None:
    """Note that this browser has entered a link; whether the link still holds is asked of `sharing` each time."""
    kept = [[known, at] for known, at in entered_links() if known != link_id]
    session[LINKS] = [*sorted(kept), [link_id, entry]][-MOST_LINKS:]
    session.setdefault(VISITOR, new_id())
    session.permanent = True


def entered_links() -> frozenset[Entered]:
    """The links that this browser has entered, as they were then."""
    return frozenset((one[0], one[1]) for one in session.get(LINKS, ()) if isinstance(one, list) and len(one) == 2)


def visitor() -> str | None:
    """What this browser is called while nobody is signed in: made when it enters its first link."""
    return cast("str | None", session.get(VISITOR))
