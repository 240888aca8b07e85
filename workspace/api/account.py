"""The person's own account, as far as a program may go: name, language, app passwords, sessions.

Making an app password asks in the browser for a fresh proof of who one is. A program has none to give: one that got
into the wrong hands could make itself successors that outlive it. So it may see and end them, and not make any.
"""

from workspace.accounts import app_passwords, service, sessions
from workspace.api.me import show_me
from workspace.api.operations import Answer, Operations
from workspace.api.shapes import people as shapes
from workspace.http.request import current_actor, current_work

operations = Operations("account")


@operations("PATCH", "/me", "Change name, language or letters", request=shapes.MeChange, response=shapes.Me)
def change_me(body: shapes.MeChange) -> shapes.Me:
    """What is left out stays."""
    work = current_work()
    if body.name is not None:
        service.change_name(work, body.name)
    if body.language is not None:
        service.change_language(work, body.language)
    if body.weekly_letter is not None:
        service.want_weekly_letter(work, body.weekly_letter)
    work.session.flush()
    return show_me()


@operations("GET", "/me/app-passwords", "The person's app passwords, newest first", response=shapes.AppPasswords)
def list_app_passwords() -> shapes.AppPasswords:
    """There are fifty at most. Secrets are never shown again."""
    present = current_actor().app_password_id
    return shapes.AppPasswords(
        items=[
            shapes.AppPassword(
                id=one.id,
                label=one.label,
                made_at=one.made_at,
                last_used_at=one.last_used_at,
                present=one.id == present,
            )
            for one in app_passwords.app_passwords(current_work())
        ]
    )


@operations("DELETE", "/me/app-passwords/{app_password_id}", "End an app password at once", status=204)
def end_app_password(app_password_id: str) -> Answer:
    """Also the very one that asks."""
    app_passwords.revoke_app_password(current_work(), app_password_id)
    return Answer()


@operations("GET", "/me/sessions", "Where the person is signed in, last used first", response=shapes.Sessions)
def list_sessions() -> shapes.Sessions:
    """Browsers; programs have app passwords instead."""
    return shapes.Sessions(
        items=[
            shapes.Session(
                id=one.id,
                agent=one.agent,
                address=one.address,
                made_at=one.made_at,
                last_seen_at=one.last_seen_at,
            )
            for one in sessions.see_sessions(current_work())
        ]
    )


@operations("DELETE", "/me/sessions/{session_id}", "Sign a browser out at once", status=204)
def end_session(session_id: str) -> Answer:
    sessions.end_session(current_work(), session_id)
    return Answer()


@operations("DELETE", "/me/sessions", "Sign all browsers out at once", response=shapes.EndedSessions)
def end_sessions() -> shapes.EndedSessions:
    return shapes.EndedSessions(ended=sessions.end_others(current_work(), ""))
