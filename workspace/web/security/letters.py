"""Letters about accounts: in the person's language, with links to the configured address, put into the outbox."""

from contextlib import nullcontext
from typing import Any

from flask import g, render_template, url_for
from flask_babel import force_locale
from flask_security import MailUtil
from flask_security.mail_util import EmailValidateException
from flask_security.utils import get_message

from workspace.accounts.addresses import normal_email
from workspace.accounts.models import Person
from workspace.http.request import current_work, runtime
from workspace.kernel.errors import NotAcceptable
from workspace.mail.outbox import post

FOLDER = "security/email"


class Letters(MailUtil):
    """Where Flask-Security would speak to a mail server: the letter goes into the outbox of this Work."""

    def normalize(self, email: str) -> str:
        try:
            return normal_email(email)
        except NotAcceptable:
            raise EmailValidateException(get_message("INVALID_EMAIL_ADDRESS")[0]) from None

    def validate(self, email: str) -> str:
        return self.normalize(email)

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: str | None, html: str | None, **about: Any
    ) -> None:
        """`body` begins with its subject, since only there its language is known."""
        _send(body or "", str(recipient), about.get("user"))


def render(template: str, **context: Any) -> str:
    """Stands where Flask-Security renders templates: pages in the reader's language, letters in their recipient's."""
    if not template.endswith(".txt"):
        return render_template(template, **context)
    with _in_language_of(context.get("user")):
        return render_template(template, **context)


def notice(person: Person, kind: str, recipient: str = "", **more: Any) -> None:
    """Tell somebody that the way into their account has changed, in case it was not they."""
    body = render(f"{FOLDER}/notice.txt", user=person, kind=kind, **more)
    _send(body, recipient or person.email, person)


def public_url(endpoint: str, **values: Any) -> str:
    """An address for letters: under the configured one, whatever the Host header of this request says."""
    return runtime().settings.base_url.rstrip("/") + url_for(endpoint, **values)


def language_of(person: Person | None) -> str:
    """The language of somebody's letters."""
    return (person.language if person is not None else None) or runtime().settings.language


def _in_language_of(person: Any) -> Any:
    return force_locale(language_of(person)) if person is not None else nullcontext()


def _send(text: str, recipient: str, person: Person | None) -> None:
    subject, _, body = text.strip().partition("\n")
    row: Person | None = getattr(person, "_get_current_object", lambda: person)()
    values = g.get("instance_values")
    name = f" – {values.name}" if values is not None else ""
    post(
        current_work(),
        recipient=recipient,
        subject=subject.strip() + name,
        body=body.strip() + "\n",
        language=language_of(row),
        person_id=row.id if row is not None else None,
    )
