"""What Flask-Security says, in our words. Each stands in our own catalogue, so that both languages have all of them."""

from flask_babel import gettext

from workspace.accounts.passwords import LONGEST, SHORTEST, Reason


def _(text: str) -> str:
    """Marks a text for the catalogue; Flask-Security translates it when it is needed."""
    return text


NOTE, DONE, BAD = "info", "success", "error"

WRONG = _("The email address or the password is not right. Check both and try again.")
START_OVER = _("This took too long, or it was done already. Start again.")
NO_LINK = _("This link does not work. It may be incomplete, or it was used already. Ask for a new one.")

MESSAGES: dict[str, tuple[str, str]] = {
    "API_ERROR": (START_OVER, BAD),
    "UNAUTHORIZED": (_("You may not open this page."), BAD),
    "UNAUTHENTICATED": (_("Sign in to open this page."), NOTE),
    "REAUTHENTICATION_REQUIRED": (_("This is a delicate step. Confirm that it is you."), NOTE),
    "REAUTHENTICATION_SUCCESSFUL": (_("Thank you. You can go on."), NOTE),
    "GENERIC_AUTHN_FAILED": (WRONG, BAD),
    "USER_DOES_NOT_EXIST": (WRONG, BAD),
    "INVALID_PASSWORD": (_("The password is not right."), BAD),
    "PASSWORD_NOT_PROVIDED": (_("Write your password."), BAD),
    "PASSWORD_MISMATCH": (_("The password is not right."), BAD),
    "PASSWORD_IS_THE_SAME": (_("The new password is the same as the present one. Choose another."), BAD),
    "RETYPE_PASSWORD_MISMATCH": (_("The two passwords differ. Write the same one twice."), BAD),
    "EMAIL_NOT_PROVIDED": (_("Write your email address."), BAD),
    "INVALID_EMAIL_ADDRESS": (_("Write an email address like name@example.org."), BAD),
    "EMAIL_ALREADY_ASSOCIATED": (_("This address cannot be used."), BAD),
    "DISABLED_ACCOUNT": (_("This account is closed. Write to the host of this instance."), BAD),
    "CONFIRMATION_REQUIRED": (
        _("Confirm your email address first: open the letter that we sent you. Ask for a new one if it is lost."),
        BAD,
    ),
    "CONFIRM_REGISTRATION": (
        _("We have sent a letter to %(email)s. Follow the link in it to open your workspace."),
        NOTE,
    ),
    "CONFIRMATION_REQUEST": (
        _("If %(email)s waits to be confirmed, we have sent a letter with a new link there."),
        NOTE,
    ),
    "CONFIRMATION_EXPIRED": (_("That link worked for %(within)s. Ask for a new one here."), BAD),
    "INVALID_CONFIRMATION_TOKEN": (NO_LINK, BAD),
    "ALREADY_CONFIRMED": (_("This address is confirmed already. You can sign in."), NOTE),
    "EMAIL_CONFIRMED": (_("Your address is confirmed. Now sign in."), DONE),
    "PASSWORD_RESET_REQUEST": (_("If there is an account for %(email)s, we have sent a letter there."), NOTE),
    "PASSWORD_RESET_EXPIRED": (_("That link worked for %(within)s. Ask for a new one here."), BAD),
    "INVALID_RESET_PASSWORD_TOKEN": (NO_LINK, BAD),
    "PASSWORD_RESET_NO_LOGIN": (
        _("Your password is changed, and you are signed out everywhere. Now sign in with it."),
        DONE,
    ),
    "PASSWORD_CHANGE": (_("Your password is changed. All your other devices are signed out."), DONE),
    "CHANGE_EMAIL_SENT": (
        _("We have sent a letter to %(email)s. Your address changes when you follow the link in it."),
        NOTE,
    ),
    "CHANGE_EMAIL_EXPIRED": (_("That link worked for %(within)s. Ask for a new one here."), BAD),
    "CHANGE_EMAIL_CONFIRMED": (_("Your address is changed. Sign in with the new one."), DONE),
    "ANONYMOUS_USER_REQUIRED": (_("Sign out first."), NOTE),
    "TWO_FACTOR_INVALID_TOKEN": (_("This code is not right, or it was used already. Wait for the next one."), BAD),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("You are signed in."), NOTE),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _("Two-step sign-in is on. Now make recovery codes, in case you lose your phone."),
        DONE,
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (_("Sign in with your password first."), NOTE),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_("Choose one of the ways."), BAD),
    "TWO_FACTOR_DISABLED": (_("Two-step sign-in is off. Your password alone opens your workspace now."), DONE),
    "TWO_FACTOR_SETUP_EXPIRED": (START_OVER, BAD),
    "INVALID_RECOVERY_CODE": (_("This recovery code is not right, or it was used already."), BAD),
    "NO_RECOVERY_CODES_SETUP": (_("You have no recovery codes yet."), NOTE),
    "INVALID_INPUT": (_("Use letters, digits, spaces, hyphens and underscores only."), BAD),
    "INVALID_INPUT_LENGTH": (_("Write something shorter."), BAD),
    "INVALID_REDIRECT": (_("That address does not belong to this instance."), BAD),
    "WEBAUTHN_EXPIRED": (START_OVER, BAD),
    "WEBAUTHN_NAME_REQUIRED": (_("Give the passkey a name, so that you know it again."), BAD),
    "WEBAUTHN_NAME_INUSE": (_("You have a passkey named %(name)s already. Choose another name."), BAD),
    "WEBAUTHN_NAME_NOT_FOUND": (_("You have no passkey of that name."), BAD),
    "WEBAUTHN_NAME_DISALLOWED_CHARACTERS": (_("Use letters, digits, spaces, hyphens and underscores only."), BAD),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (_("The passkey %(name)s is added."), DONE),
    "WEBAUTHN_CREDENTIAL_DELETED": (_("The passkey %(name)s is removed."), DONE),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (_("This passkey is known already."), BAD),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (
        _("We do not know this passkey. Choose another one, or sign in with your password."),
        BAD,
    ),
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": (
        _("We do not know this passkey. Choose another one, or sign in with your password."),
        BAD,
    ),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (_("This passkey belongs to another account."), BAD),
    "WEBAUTHN_NO_VERIFY": (_("The passkey could not be checked. Try again."), BAD),
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": (_("This passkey is not meant for this step. Use another one."), BAD),
}


def reason_words(reason: Reason) -> str:
    """Why a password is not taken, as a sentence that says how to mend it."""
    words = {
        Reason.TOO_SHORT: gettext(
            "Choose a password of at least %(count)s characters. Several words are good.", count=SHORTEST
        ),
        Reason.TOO_LONG: gettext("Choose a password of at most %(count)s characters.", count=LONGEST),
        Reason.TOO_COMMON: gettext("Many people use this password, so it is guessed first. Choose another."),
        Reason.TELLS_WHO: gettext("Your name and your address are guessed first. Choose another password."),
    }
    return words[reason]
