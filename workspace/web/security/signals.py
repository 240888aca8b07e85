"""When Flask-Security says that something happened, the verbs of `accounts` draw the consequences, in the same Work."""

from typing import Any

from flask import Flask, g, request
from flask_login import user_logged_out
from flask_security import signals

from workspace.accounts import proofs
from workspace.accounts.guesses import Secret, clear, shut
from workspace.accounts.models import Person
from workspace.http import sessions
from workspace.http.headers import sign_out_cleared
from workspace.http.request import current_work
from workspace.web.security.letters import notice

VIA = {
    "security.two_factor_token_validation": "code",
    "security.mf_recovery": "recovery",
    "security.wan_signin_response": "passkey",
}


def connect(app: Flask) -> None:
    """Listen to the signals of this app."""
    for signal, listener in (
        (signals.user_authenticated, _signed_in),
        (user_logged_out, _signed_out),
        (signals.user_confirmed, _confirmed),
        (signals.password_changed, _password_changed),
        (signals.password_reset, _password_reset),
        (signals.change_email_confirmed, _address_changed),
        (signals.tf_profile_changed, _codes_on),
        (signals.tf_disabled, _codes_off),
        (signals.wan_registered, _passkey_added),
        (signals.wan_deleted, _passkey_removed),
        (signals.user_failed_authn, _refused),
    ):
        signal.connect(listener, app)


def _row(user: Any) -> Person:
    row: Person = user._get_current_object() if hasattr(user, "_get_current_object") else user
    return row


def _signed_in(_app: Flask, user: Any, **_: Any) -> None:
    work, person = current_work(), _row(user)
    sessions.begin(person.id, VIA.get(request.endpoint or "", "password"))
    clear(work, Secret.CODE, person.fs_uniquifier)
    clear(work, Secret.RECOVERY, person.fs_uniquifier)


def _signed_out(_app: Flask, **_: Any) -> None:
    if g.sign_in is not None:
        sessions.end()
        sign_out_cleared()


def _confirmed(_app: Flask, user: Any, **_: Any) -> None:
    proofs.address_proven(current_work(), _row(user).id)


def _password_changed(_app: Flask, user: Any, **_: Any) -> None:
    proofs.password_changed(current_work(), sessions.present())


def _password_reset(_app: Flask, user: Any, **_: Any) -> None:
    proofs.password_reset(current_work(), _row(user).id)


def _address_changed(_app: Flask, user: Any, old_email: str, **_: Any) -> None:
    person = _row(user)
    proofs.address_changed(current_work(), person.id)
    notice(person, "address", recipient=old_email)


def _codes_on(_app: Flask, user: Any, **_: Any) -> None:
    proofs.factor_changed(current_work(), "codes_on", sessions.present())
    notice(_row(user), "codes_on")


def _codes_off(_app: Flask, user: Any, **_: Any) -> None:
    row = _row(user)
    row.mf_recovery_codes = []
    proofs.factor_changed(current_work(), "codes_off", sessions.present())
    notice(row, "codes_off")


def _passkey_added(_app: Flask, user: Any, **_: Any) -> None:
    proofs.factor_changed(current_work(), "passkey_added", sessions.present())
    notice(_row(user), "passkey_added")


def _passkey_removed(_app: Flask, user: Any, **_: Any) -> None:
    proofs.factor_changed(current_work(), "passkey_removed", sessions.present())
    notice(_row(user), "passkey_removed")


def _refused(_app: Flask, user: Any = None, **_: Any) -> None:
    if user is None:
        return
    work, person = current_work(), _row(user)
    proofs.refused(work, person.id, "code")
    if shut(work, Secret.CODE, person.fs_uniquifier):
        notice(person, "many_codes")
