"""Composing a message (RFC 5322, RFC 2045): plain text, UTF-8, every header one line."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from workspace.kernel.errors import NotAcceptable

_BREAKS = re.compile("[\r\n\0\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def one_line(text: str, field: str) -> str:
    """The text, if it is one line. Raises NotAcceptable: a line break in a header would begin another header."""
    if _BREAKS.search(text):
        raise NotAcceptable(f"A letter's {field} is one line.", field=field)
    return text


def compose(
    *,
    sender: str,
    sender_name: str = "",
    recipient: str,
    subject: str,
    body: str,
    language: str,
    message_id: str,
    at: datetime,
) -> bytes:
    """The bytes of a message, with CRLF line ends. Raises NotAcceptable for line breaks in what becomes a header."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=one_line(sender_name, "sender"), addr_spec=one_line(sender, "sender"))
    message["To"] = Address(addr_spec=one_line(recipient, "recipient"))
    message["Subject"] = one_line(subject, "subject")
    message["Date"] = format_datetime(at)
    message["Message-ID"] = one_line(message_id, "message_id")
    # nobody answers, and nobody's holiday notice starts a loop (RFC 3834)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    # after the content, which clears whatever is named Content-…
    message["Content-Language"] = one_line(language, "language")
    return message.as_bytes()
