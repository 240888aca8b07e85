"""Flask-Security's forms where ours differ: sign in, sign up, forgotten password, codes."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.confirmable import requires_confirmation
from flask_security.forms import (
    ChangePasswordForm,
    EmailValidation,
    ForgotPasswordForm,
    Form,
    LoginForm,
    RegisterFormV2,
    ResetPasswordForm,
    SendConfirmationForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    email_required,
    password_required,
    unique_user_email,
)
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import get_message, validate_redirect_url
from wtforms import EmailField, Field, PasswordField, StringField
from wtforms.validators import DataRequired, ValidationError

from workspace.accounts import passwords, proofs
from workspace.accounts.addresses import normal_email
from workspace.accounts.guesses import Secret, clear, shut
from workspace.accounts.models import Person
from workspace.accounts.people import NAME_LIMIT, clean_name
from workspace.http.request import current_work
from workspace.kernel.errors import NotAcceptable
from workspace.kernel.ids import new_id
from workspace.mail.outbox import JOB
from workspace.web.security.datastore import PeopleStore
from workspace.web.security.letters import notice

_people = PeopleStore()


def right_password(person: Person | None, typed: str) -> bool:
    """Whether this is the person's password; the same work for nobody as for somebody. Clears the tries if it is.

    After the tenth wrong one its owner gets a letter.
    """
    work = current_work()
    cost = work.settings.password_hash_cost
    known = person.password if person is not None else None
    right = passwords.verify_password(typed, known, cost)
    if not right or person is None or known is None:
        proofs.refused(work, person.id if person is not None else None, "password")
        if person is not None and shut(work, Secret.PASSWORD, person.email):
            notice(person, "many_tries")
        return False
    if passwords.is_stale(known, cost):
        person.password = passwords.hash_password(typed, cost)
    clear(work, Secret.PASSWORD, person.email)
    return True


class SignInForm(LoginForm):
    """One sentence for a wrong address and a wrong password; the true reason only to who knows the password."""

    email = EmailField(validators=[DataRequired()])
    password = PasswordField(validators=[DataRequired()])
    # sessions are rows; there is no second cookie that would bring one back
    remember = None  # type: ignore[assignment]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.password.description = ""  # our page has its own way to a forgotten password

    def validate_next(self, field: Field) -> None:
        """An address elsewhere is dropped, not argued about."""
        if field.data and not validate_redirect_url(field.data):
            field.data = ""

    def validate(self, **rest: Any) -> bool:
        if not Form.validate(self, **rest):
            for one in (self.email, self.password):
                one.errors = []
            self.form_errors = [_l("Write your email address and your password.")]
            return False
        self.user = person = _people.find_user(email=self.email.data)
        if not right_password(person, self.password.data or "") or person is None:
            self.form_errors = [get_message("GENERIC_AUTHN_FAILED")[0]]
            return False
        if not person.is_active:
            self.form_errors = [get_message("DISABLED_ACCOUNT")[0]]
            return False
        self.requires_confirmation = requires_confirmation(person)
        if self.requires_confirmation:
            self.form_errors = [get_message("CONFIRMATION_REQUIRED")[0]]
            return False
        return True


class ConfirmItIsYouForm(VerifyForm):
    """The password once more, before a delicate step."""

    password = PasswordField(validators=[DataRequired(_l("Write your password."))])

    def validate_next(self, field: Field) -> None:
        if field.data and not validate_redirect_url(field.data):
            field.data = ""

    def validate(self, **rest: Any) -> bool:
        if not Form.validate(self, **rest):
            return False
        if not right_password(self.user, self.password.data or ""):  # type: ignore[arg-type]
            self.password.errors = [get_message("INVALID_PASSWORD")[0]]
            return False
        return True


class SignUpForm(RegisterFormV2):
    """A name, an address, a password. Who has an account already is told by letter, never by the page."""

    name = StringField(validators=[DataRequired(_l("Write your name."))])
    email = EmailField(validators=[email_required, EmailValidation(verify=True), unique_user_email])
    password = PasswordField(validators=[password_required])

    def validate_name(self, field: Field) -> None:
        try:
            field.data = clean_name(field.data or "")
        except NotAcceptable:
            raise ValidationError(
                _l("Write a name on one line, of at most %(count)s characters.", count=NAME_LIMIT)
            ) from None


class ForgottenForm(ForgotPasswordForm):
    """Does the same work whether anybody has the address or not."""

    email = EmailField()

    def validate(self, **rest: Any) -> bool:
        if not _look_for(self):
            return False
        known = self.user is not None and self.user.is_active
        if known:
            # the page hashes once for an address it does not know
            passwords.hash_password("alike", current_work().settings.password_hash_cost)
        return _letter_either_way(known)


class NewConfirmationForm(SendConfirmationForm):
    """Does the same work whether anybody waits for a letter or not."""

    email = EmailField()

    def validate(self, **rest: Any) -> bool:
        return _look_for(self) and _letter_either_way(
            self.user is not None and self.user.is_active and self.user.confirmed_at is None
        )


class NewPasswordForm(ChangePasswordForm):
    """The present password and a new one; typed once, since it can be shown."""

    new_password = PasswordField(validators=[DataRequired(_l("Write the new password."))])
    new_password_confirm = None  # type: ignore[assignment]


class ResetForm(ResetPasswordForm):
    """A new password in place of a forgotten one."""

    password = PasswordField(validators=[DataRequired(_l("Write the new password."))])
    password_confirm = None  # type: ignore[assignment]


class CodeForm(TwoFactorVerifyCodeForm):
    """A one-time code; spaces inside are ours to remove."""

    code = StringField(
        validators=[DataRequired(_l("Write the code that the application shows."))],
        filters=[lambda text: "".join(text.split()) if text else text],
    )


class RecoveryCodeForm(MfRecoveryForm):
    """A recovery code, in whatever way it was copied."""

    code = StringField(validators=[DataRequired(_l("Write one of your recovery codes."))])


def _look_for(form: Any) -> bool:
    """Find whoever has the address; only an address that is none is spoken of."""
    if not Form.validate(form):
        return False
    try:
        form.email.data = normal_email(form.email.data or "")
    except NotAcceptable:
        form.form_errors = [get_message("INVALID_EMAIL_ADDRESS")[0]]
        return False
    form.user = _people.find_user(email=form.email.data)
    return True


def _letter_either_way(known: bool) -> bool:
    """A letter is asked for in any case; for an unknown address it is one that is nowhere to be found."""
    if not known:
        current_work().later(JOB, {"letter": new_id()})
    return known
