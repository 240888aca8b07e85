"""How letters leave: to a mail server (SMTP, RFC 5321), or, without one, as `.eml` files in the instance."""

import os
import smtplib
import ssl
from email import message_from_bytes
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from workspace.kernel.durable import make_folder, sync_folder
from workspace.kernel.ids import new_id
from workspace.kernel.ports import Mailer
from workspace.settings import Settings, SettingsError

TIMEOUT = 30  # seconds


class FolderMailer:
    """Lays every letter as a file into a folder only its owner can read; for hosts that have no mail server yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, sender: str, recipient: str, message: bytes) -> None:
        make_folder(self._folder)
        # named after its Message-ID, so that a second attempt replaces the first
        name = _name_of(str(message_from_bytes(message)["Message-ID"] or "")) or new_id()
        draft = self._folder / f".{name}.{new_id()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(message)
            file.flush()
            os.fsync(descriptor)
        os.replace(draft, self._folder / f"{name}.eml")
        sync_folder(self._folder)

    def forget(self, message_id: str) -> None:
        name = _name_of(message_id)
        for path in (self._folder / f"{name}.eml", *self._folder.glob(f".{name}.*")) if name else ():
            path.unlink(missing_ok=True)


class SmtpMailer:
    """Hands letters to a mail server. `tls`: `starttls` (must succeed), `implicit`, or `0` (a server close by)."""

    def __init__(self, host: str, port: int, *, user: str = "", password: str = "", tls: str = "starttls") -> None:
        self._host, self._port, self._user, self._password, self._tls = host, port, user, password, tls

    def send(self, sender: str, recipient: str, message: bytes) -> None:
        context = ssl.create_default_context()
        if self._tls == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        with server:
            if self._tls == "starttls":
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
            server.sendmail(sender, [recipient], message)

    def forget(self, message_id: str) -> None:
        """Nothing is kept here; what the mail server and the recipient hold is theirs."""


def _name_of(message_id: str) -> str:
    """The file of a letter, without its ending; empty for a Message-ID that is none of ours."""
    name = message_id.strip("<>").partition("@")[0]
    return name if name.isalnum() else ""


def open_mailer(settings: Settings) -> Mailer:
    """The mailer that the settings ask for. Raises SettingsError."""
    if not settings.mail_url:
        return FolderMailer(settings.letters)
    url = urlsplit(settings.mail_url)
    tls = parse_qs(url.query).get("tls", ["implicit" if url.scheme == "smtps" else "starttls"])[0]
    if not url.hostname or tls not in ("starttls", "implicit", "0"):
        raise SettingsError(
            "WORKSPACE_MAIL_URL takes smtp://user:password@host:587?tls=starttls, where tls is starttls, implicit or 0."
        )
    port = url.port or (465 if tls == "implicit" else 587)
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return SmtpMailer(url.hostname, port, user=user, password=password, tls=tls)
