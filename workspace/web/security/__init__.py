"""Flask-Security, fitted into the house: its views, our words, our rows, our limits."""

from typing import Any

from flask import Flask, g, request, session
from flask_login import LoginManager, current_user
from flask_security import Security
from flask_security.utils import set_request_attr

from workspace.accounts.models import Person
from workspace.http.request import current_work
from workspace.kernel.errors import SignInRequired
from workspace.web.security import forms, letters, proofs, signals, tries
from workspace.web.security.config import configuration
from workspace.web.security.datastore import PeopleStore

FORMS: dict[str, Any] = {
    "login_form": forms.SignInForm,
    "verify_form": forms.ConfirmItIsYouForm,
    "register_form": forms.SignUpForm,
    "forgot_password_form": forms.ForgottenForm,
    "send_confirmation_form": forms.NewConfirmationForm,
    "reset_password_form": forms.ResetForm,
    "change_password_form": forms.NewPasswordForm,
    "two_factor_verify_code_form": forms.CodeForm,
    "mf_recovery_form": forms.RecoveryCodeForm,
}


def register(app: Flask) -> None:
    """Set Flask-Security up on the app, which has its instance, its session cookie and its languages already."""
    settings = app.extensions["workspace"].settings
    secrets = app.extensions["workspace_secrets"]
    app.config.update(configuration(settings, secrets))
    security = Security(
        app,
        PeopleStore(),
        mail_util_cls=letters.Letters,
        password_util_cls=proofs.Passwords,
        totp_cls=proofs.Codes,
        mf_recovery_codes_util_cls=proofs.RecoveryCodes,
        webauthn_util_cls=proofs.Passkeys,
        render_template=letters.render,
        **FORMS,
    )
    security.pwd_context = proofs.Hashing(settings.password_hash_cost)
    security.hashing_context = proofs.Fingerprints(secrets.derive("fingerprints in links"))
    security.want_json(lambda _request: False)
    security.unauthn_handler(_sign_in_first)
    security.login_context_processor(lambda: {"may_join": tries.may_join()})
    security.wan_register_context_processor(lambda: {"person_passkeys": _present().webauthn})
    security.mf_recovery_codes_context_processor(lambda: {"codes_left": len(_present().mf_recovery_codes or ())})
    _identify(app, security.login_manager)
    _ask_before_links(app)
    app.before_request(tries.watch)
    app.jinja_env.globals.update(public_url=letters.public_url, anchored=anchored)
    signals.connect(app)


def anchored(form: Any, anchor: str) -> list[tuple[str, str]]:
    """What is wrong with a form as a whole, tied to the field where mending begins."""
    return [(anchor, str(one)) for one in form.form_errors]


def _identify(app: Flask, manager: LoginManager) -> None:
    """Flask-Login learns from `http.identity` who asks, and from nowhere else."""
    manager.user_loader(_load)
    manager.request_loader(lambda _request: None)
    manager.session_protection = None
    # Flask-Principal would look the person up before every request, files included; our rule of access is another
    hooks: list[Any] = app.before_request_funcs[None]
    hooks[:] = [one for one in hooks if getattr(one, "__name__", "") != "_on_before_request"]
    # there is no cookie that remembers, hence none to look after
    after: list[Any] = app.after_request_funcs[None]
    after[:] = [one for one in after if getattr(one, "__name__", "") != "_update_remember_cookie"]
    processors = app.template_context_processors[None]
    processors[:] = [one for one in processors if getattr(one, "__name__", "") != "_user_context_processor"]


def _load(fs_uniquifier: str) -> Person | None:
    person: Person | None = g.get("person")
    if person is None or person.fs_uniquifier != fs_uniquifier or g.get("sign_in") is None:
        return None
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    if request.blueprint in ("security", "settings"):
        return current_work().session.get(Person, person.id)
    return person


def _present() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _sign_in_first(*_: Any, **__: Any) -> Any:
    raise SignInRequired()


def _ask_before_links(app: Flask) -> None:
    views = app.view_functions
    views["security.confirm_email"] = tries.confirm_first("address", views["security.confirm_email"])
    change = tries.confirm_first("new_address", views["security.change_email_confirm"])
    views["security.change_email_confirm"] = change
    address = app.config["SECURITY_CHANGE_EMAIL_URL"]
    app.add_url_rule(f"{address}/<token>", "security.change_email_confirm", change, methods=["POST"])
    code = "security.two_factor_token_validation"
    views[code] = tries.not_while_signed_in(views[code])
    views["security.two_factor_rescue"] = tries.rescue
