"""E-mail addresses as we keep them: checked for form (RFC 5321), lower case, domain in ASCII."""

import email_validator

from workspace.kernel.errors import NotAcceptable

LIMIT = 254


def normal_email(text: str) -> str:
    """The one way an address is written here. Raises NotAcceptable (field `email`).

    Nothing is looked up: whether somebody reads there is proven by the letter of confirmation. The part before the @
    is lowered too; no mail provider of weight tells `Olena@` from `olena@`, and people do not either.
    """
    try:
        found = email_validator.validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, globally_deliverable=False
        )
    except email_validator.EmailNotValidError as error:
        raise NotAcceptable("Write an address like name@example.org.", field="email") from error
    if found.ascii_email is None or len(found.ascii_email) > LIMIT:
        raise NotAcceptable("Write an address like name@example.org.", field="email")
    return found.ascii_email.lower()
