"""Settings: one frozen, typed value, read once from the environment. A bad one stops the start with one sentence."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MIB = 1 << 20


class SettingsError(Exception):
    """A setting is missing or malformed; the message names it and says what would be right."""


def _setting(default: Any, text: str, example: str = "", *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"help": text, "example": example, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every knob of an instance. The variable of a field is `WORKSPACE_` and its name in capitals.

    Sizes are bytes, times seconds. What may be left out has a default that is safe for one machine.
    """

    instance: Path = _setting(Path("instance"), "Folder with secrets, journal and, by default, all data.")
    base_url: str = _setting(
        "http://localhost:8000", "Address under which people reach the instance; links in letters use it."
    )
    bind: str = _setting("127.0.0.1:8000", "Address and port on which the web server listens.")
    database_url: str = _setting(
        "", "SQLAlchemy address. Empty: SQLite in the instance.", "postgresql+psycopg://user:password@host/name"
    )
    objects_url: str = _setting(
        "",
        "Where sealed bytes live. Empty: the filesystem in the instance.",
        "s3://ACCESS:SECRET@HOST:PORT/BUCKET?tls=0",
    )
    keyring_url: str = _setting(
        "",
        "Store of the space keys, apart from the data. Empty: keyring.db in the instance.",
        "postgresql+psycopg://user:password@host/keyring",
    )
    journal_dir: str = _setting(
        "", "Folder of the journal of revocations and erasures. Empty: journal in the instance."
    )
    master_key: str = _setting(
        "",
        "The master key that wraps the space keys, base64 of 32 bytes, where it shall not lie in a file. Two with a"
        " space between them, the newer first, while it is rotated.",
        "the output of: openssl rand -base64 32",
        secret=True,
    )
    master_key_file: str = _setting(
        "", "File with the master key that wraps the space keys. Empty: secrets/master.key in the instance."
    )
    backup_key_file: str = _setting(
        "", "File with the key that seals backups. Empty: secrets/backup.key in the instance."
    )
    mail_url: str = _setting(
        "",
        "Mail server. Empty: letters become .eml files in the instance.",
        "smtp://user:password@host:587?tls=starttls",
    )
    mail_from: str = _setting("", "Sender of the instance's letters. Empty: workspace@ the host of the base URL.")
    security_contact: str = _setting(
        "",
        "Where weaknesses are reported, in security.txt. Empty: the page of help.",
        "mailto:security@example.org",
    )
    trusted_proxies: int = _setting(0, "How many reverse proxies stand in front and set X-Forwarded-For.")
    webhook_networks: str = _setting(
        "", "Networks that are not public and yet may be told by webhooks, with commas.", "10.20.0.0/16,fd00:20::/32"
    )
    webhook_ports: str = _setting("443,8443", "Ports that webhooks may reach, with commas.")
    webhook_ca_file: str = _setting("", "Certificates (PEM) that webhooks trust besides the system's.")
    workers: int = _setting(2, "Web server processes.")
    threads: int = _setting(8, "Threads in each web server process.")
    quota: int = _setting(10 * 1000**3, "Room of a new personal cloud, in bytes.")
    upload_limit: int = _setting(64 * 1000**3, "Largest single file, in bytes.")
    inline_limit: int = _setting(16 * 1024, "Sealed blobs up to this size live in the database row, in bytes.")
    grace: int = _setting(24 * 3600, "How long bytes outlive the last reference to them, in seconds.")
    trash_days: int = _setting(30, "After how many days trash is emptied by itself.")
    lean: int = _setting(
        1, "1: plain requests take the short way through the web server. 0: all go through gunicorn's own parser."
    )
    patience: int = _setting(
        30, "A connection on which nothing moves for this long in the middle of a request is given up, in seconds."
    )
    slowest: int = _setting(
        1024, "A request's body that comes slower than this on average, its first half minute aside, in bytes a second."
    )
    session_idle: int = _setting(14 * 24 * 3600, "A sign-in ends after this long without use, in seconds.")
    session_life: int = _setting(60 * 24 * 3600, "A sign-in ends after this long in any case, in seconds.")
    timezone: str = _setting("Europe/Kyiv", "Time zone in which days are counted and shown.")
    language: str = _setting("uk", "Language of people who have not chosen one: en or uk.")
    password_hash_cost: int = _setting(3, "argon2id time cost; tests lower it.")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR.")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.instance.absolute() / 'workspace.db'}"

    @property
    def objects(self) -> str:
        return self.objects_url or f"file://{self.instance.absolute() / 'objects'}"

    @property
    def keyring(self) -> str:
        return self.keyring_url or f"sqlite:///{self.instance.absolute() / 'keyring' / 'keyring.db'}"

    @property
    def journal(self) -> Path:
        return Path(self.journal_dir) if self.journal_dir else self.instance / "journal"

    @property
    def secrets(self) -> Path:
        return self.instance / "secrets"

    @property
    def master_key_path(self) -> Path:
        return Path(self.master_key_file) if self.master_key_file else self.secrets / "master.key"

    @property
    def backup_key(self) -> Path:
        return Path(self.backup_key_file) if self.backup_key_file else self.secrets / "backup.key"

    @property
    def letters(self) -> Path:
        return self.instance / "letters"

    @property
    def sender(self) -> str:
        return self.mail_from or f"workspace@{urlsplit(self.base_url).hostname}"

    @property
    def secure(self) -> bool:
        """Whether people reach the instance over TLS (then cookies are `Secure` and `__Host-`)."""
        return self.base_url.startswith("https://")


def variable(name: str) -> str:
    """The environment variable of a field: `base_url` → `WORKSPACE_BASE_URL`."""
    return f"WORKSPACE_{name.upper()}"


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings. Raises SettingsError with one sentence."""
    environment = os.environ if environment is None else environment
    known = {variable(one.name): one for one in fields(Settings)}
    values: dict[str, Any] = {}
    for name, one in known.items():
        # the master key's file has a form of its own, and `master_key_file` names it
        text = environment.get(name, "").strip() if f"{name}_FILE" in known else _text(environment, name)
        if text:
            values[one.name] = _convert(name, text, one.default)
    settings = Settings(**values)
    _check(settings)
    return settings


def _text(environment: Mapping[str, str], name: str) -> str:
    """The value of a variable, or the content of the file that `NAME_FILE` names: a secret need not be a variable."""
    text, file = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if text or not file:
        return text
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{name}_FILE is {file!r}; it takes a text file that this process may read.") from None


def _convert(name: str, text: str, default: Any) -> Any:
    if isinstance(default, Path):
        return Path(text)
    if isinstance(default, int):
        if not text.isdecimal():
            raise SettingsError(f"{name} is {text!r}; it takes a whole number, {default} for example.")
        return int(text)
    return text


def _check(settings: Settings) -> None:
    base = urlsplit(settings.base_url)
    if base.scheme not in ("http", "https") or not base.hostname or base.path.strip("/"):
        raise SettingsError(
            "WORKSPACE_BASE_URL takes http:// or https://, a host and no path, https://cloud.example.org for example."
        )
    if settings.language not in ("en", "uk"):
        raise SettingsError(f"WORKSPACE_LANGUAGE is {settings.language!r}; it takes en or uk.")
    _check_scheme("WORKSPACE_DATABASE_URL", settings.database, ("sqlite", "postgresql+psycopg"))
    _check_scheme("WORKSPACE_OBJECTS_URL", settings.objects, ("file", "s3"))
    _check_scheme("WORKSPACE_KEYRING_URL", settings.keyring, ("sqlite", "postgresql+psycopg"))
    if settings.mail_url:
        _check_scheme("WORKSPACE_MAIL_URL", settings.mail_url, ("smtp", "smtps"))
    _check_webhooks(settings)
    if settings.security_contact and not settings.security_contact.startswith(("https://", "mailto:", "tel:")):
        raise SettingsError(
            "WORKSPACE_SECURITY_CONTACT takes https://, mailto: or tel:, mailto:security@example.org for example."
        )
    host, _, port = settings.bind.rpartition(":")
    if not port.isdecimal() or not host:
        raise SettingsError(f"WORKSPACE_BIND is {settings.bind!r}; it takes address:port, 127.0.0.1:8000 for example.")
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise SettingsError(f"WORKSPACE_BIND is {settings.bind!r}; its address must be an IP address.") from None
    if settings.inline_limit > 1 * MIB:
        raise SettingsError("WORKSPACE_INLINE_LIMIT may be 1048576 at most; larger blobs belong in the object store.")


def _check_webhooks(settings: Settings) -> None:
    for one in filter(None, (text.strip() for text in settings.webhook_networks.split(","))):
        try:
            ipaddress.ip_network(one)
        except ValueError:
            raise SettingsError(
                f"WORKSPACE_WEBHOOK_NETWORKS holds {one!r}; it takes networks with commas, 10.20.0.0/16 for example."
            ) from None
    for one in settings.webhook_ports.split(","):
        if not one.strip().isdecimal() or not 0 < int(one) < 1 << 16:
            raise SettingsError(f"WORKSPACE_WEBHOOK_PORTS holds {one.strip()!r}; it takes ports with commas, 443,8443.")
    if settings.webhook_ca_file and not Path(settings.webhook_ca_file).is_file():
        raise SettingsError("WORKSPACE_WEBHOOK_CA_FILE names no file that this process may read.")


def _check_scheme(name: str, url: str, schemes: tuple[str, ...]) -> None:
    if urlsplit(url).scheme not in schemes:
        allowed = " or ".join(f"{scheme}://" for scheme in schemes)
        raise SettingsError(
            f"{name} begins with {urlsplit(url).scheme + '://' if '://' in url else 'no scheme'}; it takes {allowed}."
        )


def example() -> str:
    """Every variable with its meaning and default, as a file for `env_file`. Committed as deploy/env.example."""
    blocks = [
        "# Every setting of an instance. What is commented out shows the default, or an example of the form.\n"
        "# A name with _FILE behind it takes the path of a file that holds the value: the place for secrets.\n"
    ]
    for one in fields(Settings):
        value = str(one.default) or one.metadata["example"]
        blocks.append(f"# {one.metadata['help']}\n#{variable(one.name)}={value}\n")
    return "\n".join(blocks)
