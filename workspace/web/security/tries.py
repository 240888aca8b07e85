"""Before a page of signing in looks at a secret: the try is counted, and what cannot be right is sent away."""

from datetime import timedelta
from typing import Any

from flask import abort, current_app, g, redirect, render_template, request, session, url_for

from workspace.accounts.addresses import normal_email
from workspace.accounts.guesses import Secret, try_once
from workspace.accounts.instance import SignUp
from workspace.http.request import runtime
from workspace.kernel.errors import NotAcceptable

HALF_WAY = timedelta(minutes=10)
BEGAN = "tf_began"


def watch() -> Any:
    """Runs before every page of Flask-Security, while no Work has begun. Raises TooManyTries."""
    if request.blueprint != "security":
        return None
    if request.is_json:
        abort(415)
    _forget_half_way()
    if request.endpoint == "security.register" and not may_join():
        return render_template("security/closed.html", sign_up=g.instance_values.sign_up.value), 403
    if request.method == "POST":
        counted = _counted()
        if counted is not None:
            try_once(runtime(), *counted)
    return None


def confirm_first(text: str, view: Any) -> Any:
    """Put a page with a button before a view that changes something when its link is followed: mail programs follow
    links, too, and a GET changes nothing (RFC 9110 section 9.2.1)."""

    def ask(**values: Any) -> Any:
        if request.method == "POST":
            return view(**values)
        return render_template("security/confirm_link.html", what=text)

    return ask


def may_join() -> bool:
    """Whether anybody may open a workspace by themselves."""
    return bool(g.instance_values.sign_up is SignUp.ANYONE)


def rescue() -> Any:
    """Who has lost the phone has recovery codes; nobody is written to on behalf of somebody half signed in."""
    return redirect(url_for("security.mf_recovery"))


def not_while_signed_in(view: Any) -> Any:
    """Lead who is signed in already home. Flask-Security would sign them out: a link could do that to anybody."""

    def ask(**values: Any) -> Any:
        if g.person is not None and session.get("tf_state") != "validating_profile":
            return redirect(url_for("home.index"))
        return view(**values)

    return ask


def _counted() -> tuple[Any, ...] | None:
    """Which secret this request tries: its kind, whose it is, and, where not ten, how many tries it has."""
    form, values = request.form, request.view_args or {}
    half_way = str(session.get("tf_user_id", ""))
    person = g.person
    match (request.endpoint or "").removeprefix("security."):
        case "login":
            return Secret.PASSWORD, _address(form.get("email", ""))
        case "verify" | "change_password" if person is not None:
            return Secret.PASSWORD, person.email
        case "two_factor_token_validation" if half_way:
            return Secret.CODE, half_way
        case "mf_recovery" if half_way:
            return Secret.RECOVERY, half_way
        case "forgot_password" | "send_confirmation":
            return Secret.LETTER, _address(form.get("email", ""))
        case "register":
            return Secret.LETTER, _address(form.get("email", ""))
        case "reset_password":
            # a link is a payload, a time and a signature: whoever guesses signatures keeps the payload
            return Secret.RESET, str(values.get("token", "")).partition(".")[0]
        case "confirm_email" | "change_email_confirm":
            return Secret.CONFIRM, str(values.get("token", "")).partition(".")[0]
        case "wan_signin_response" | "wan_verify_response":
            # a challenge is answered once
            return Secret.PASSKEY, str(values.get("token", "")), 1
    return None


def _address(text: str) -> str:
    try:
        return normal_email(text)
    except NotAcceptable:
        return text.strip().lower()[:254]


def _forget_half_way() -> None:
    """Who has given a password and no code within ten minutes begins again: the cookie says so, and it is signed."""
    if "tf_user_id" not in session:
        session.pop(BEGAN, None)
        return
    now = current_app.extensions["workspace"].clock.now()
    began = session.setdefault(BEGAN, now.timestamp())
    if now.timestamp() - began > HALF_WAY.total_seconds():
        for key in [key for key in session if key.startswith("tf_")]:
            session.pop(key)
