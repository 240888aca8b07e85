"""What Flask-Security is told: which of its doors are open, at which addresses, for how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

from workspace.accounts.secrets import WebSecrets
from workspace.settings import Settings
from workspace.web.i18n import TRANSLATIONS
from workspace.web.security.messages import MESSAGES

ADDRESSES = {
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "REGISTER_URL": "/sign-up",
    "CONFIRM_URL": "/confirm-address",
    "RESET_URL": "/reset-password",
    "CHANGE_URL": "/settings/password",
    "CHANGE_EMAIL_URL": "/settings/address",
    "VERIFY_URL": "/confirm-it-is-you",
    "TWO_FACTOR_SETUP_URL": "/settings/two-step",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
    "TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
    "TWO_FACTOR_SELECT_URL": "/sign-in/second-step",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/settings/recovery-codes",
    "MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
    "WAN_REGISTER_URL": "/settings/passkeys",
    "WAN_DELETE_URL": "/settings/passkeys/remove",
    "WAN_SIGNIN_URL": "/sign-in/passkey",
    "WAN_VERIFY_URL": "/confirm-it-is-you/passkey",
}
OPEN = ("REGISTERABLE", "CONFIRMABLE", "RECOVERABLE", "CHANGEABLE", "CHANGE_EMAIL", "TWO_FACTOR", "WEBAUTHN")
AFTER = {
    "POST_LOGIN_VIEW": "/",
    "POST_LOGOUT_VIEW": "security.login",
    "POST_REGISTER_VIEW": "invitation.check_mail",
    "POST_CONFIRM_VIEW": "security.login",
    "POST_RESET_VIEW": "security.login",
    "POST_CHANGE_VIEW": "settings.index",
    "POST_CHANGE_EMAIL_VIEW": "security.login",
    "POST_VERIFY_VIEW": "settings.index",
    "TWO_FACTOR_POST_SETUP_VIEW": "settings.index",
}
# how long a proof counts before delicate steps, and how long a series of such steps may take
PROOF_LASTS = timedelta(minutes=15)
FRESH = {"within": lambda: PROOF_LASTS, "grace": lambda: PROOF_LASTS}
SERIALIZERS = ("CONFIRM", "RESET", "LOGIN", "CHANGE", "REMEMBER", "CHANGE_EMAIL", "TWO_FACTOR_SETUP", "WAN")


def configuration(settings: Settings, secrets: WebSecrets) -> dict[str, Any]:
    """The values of `app.config` for Flask-Security."""
    values: dict[str, Any] = {
        **ADDRESSES,
        **AFTER,
        **dict.fromkeys(OPEN, True),
        **{f"{name}_SALT": secrets.derive(f"link {name.lower()}") for name in SERIALIZERS},
        **{f"MSG_{name}": value for name, value in MESSAGES.items()},
        "STATIC_FOLDER": None,
        "USERNAME_ENABLE": False,
        "PASSWORD_SINGLE_HASH": True,
        "RETURN_GENERIC_RESPONSES": True,
        "PASSWORD_CONFIRM_REQUIRED": False,
        "LOGOUT_CSRF": True,
        "API_ENABLED_METHODS": ["session"],
        "EMAIL_HTML": False,
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "DATETIME_FACTORY": lambda: datetime.now(UTC),
        "I18N_DOMAIN": "messages",
        "I18N_DIRNAME": [str(TRANSLATIONS)],
        "CONFIRM_EMAIL_WITHIN": timedelta(days=2),
        "RESET_PASSWORD_WITHIN": timedelta(hours=2),
        "CHANGE_EMAIL_WITHIN": timedelta(hours=2),
        "FRESHNESS": PROOF_LASTS,
        "FRESHNESS_GRACE_PERIOD": PROOF_LASTS,
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "TOTP_SECRETS": {"1": secrets.codes.hex()},
        "TOTP_ISSUER": "Citizen Workspace",
        "WAN_RP_NAME": "Citizen Workspace",
        "WAN_ALLOW_USER_HINTS": False,
        "WAN_SIGNIN_WITHIN": timedelta(minutes=5),
        "WAN_SIGNIN_TIMEOUT": 300_000,
        "WAN_REGISTER_TIMEOUT": 300_000,
    }
    return {f"SECURITY_{name}": value for name, value in values.items()}
