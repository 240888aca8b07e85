"""Preparing an instance, filling it with a demo, showing its settings."""

import os
import re
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import click

from workspace.accounts.secrets import create_web_secrets
from workspace.cli.demo.make import Account, make_demo
from workspace.cli.programs import Programs
from workspace.db.database import Database
from workspace.db.migrations import present, upgrade
from workspace.db.runtime import Runtime
from workspace.kernel.durable import make_folder
from workspace.settings import Settings, SettingsError, example, from_environment, variable
from workspace.storage.backup_key import create_backup_key
from workspace.storage.master import create_master_key
from workspace.trust.signing import Ed25519Signer

ACCOUNTS = "demo-accounts.txt"
_PASSWORD = re.compile(r"(://[^:/@]*):[^@]*@")


def prepare(settings: Settings) -> bool:
    """Make what is missing: folder, secrets (mode 600), tables. Returns whether the instance is new.

    Doing it again changes nothing; a secret that is there is never replaced. Raises SettingsError where the data are
    there and a secret is gone.
    """
    make_folder(settings.instance)
    log_key = settings.secrets / "log.key"
    database = Database(settings.database)
    try:
        fresh = present(database) is None
        if not fresh:
            _require(*([] if settings.master_key else [settings.master_key_path]), log_key)
        if not settings.master_key:
            create_master_key(settings.master_key_path)
        create_web_secrets(settings.secrets)
        create_backup_key(settings.backup_key)
        with suppress(FileExistsError):  # asked each time: it clears up behind a start that was killed
            Ed25519Signer.create(log_key)
        upgrade(database)
    finally:
        database.dispose()
    return fresh


def _require(*secrets: Path) -> None:
    """Where there are data there must be the secrets they were written under: fresh ones would open nothing."""
    for path in secrets:
        if not path.exists():
            raise SettingsError(f"There are data, but {path} is missing; restore it from its backup.")


@click.command()
@click.pass_obj
def init(programs: Programs) -> None:
    """Prepare the instance: secrets, tables, stores. Doing it again changes nothing."""
    settings = from_environment()
    fresh = prepare(settings)
    runtime = programs.wire(settings)
    runtime.ports.objects.ready()
    runtime.database.dispose()
    click.echo(f"The instance {settings.instance} is {'ready' if fresh else 'ready, as before'}.")
    if fresh:
        place = "WORKSPACE_MASTER_KEY" if settings.master_key else settings.master_key_path
        click.echo(f"Keep a copy of {place} in a safe place: without it no file can be opened.")
        click.echo(f"Keep {settings.backup_key} beside it: without it no backup can be restored.")


@click.command()
@click.pass_obj
def demo(programs: Programs) -> None:
    """Fill an empty instance with a small demo city, and print the accounts."""
    runtime = programs.open()
    click.echo(account_lines(fill(runtime)))


def fill(runtime: Runtime) -> list[Account]:
    """Make the demo and keep its accounts in a file that only its owner can read."""
    accounts = make_demo(runtime)
    path = runtime.settings.instance / ACCOUNTS
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(account_lines(accounts) + "\n")
    return accounts


def account_lines(accounts: list[Account]) -> str:
    """One line for each account: address, password, who it is."""
    width = max(len(one.email) for one in accounts)
    return "\n".join(f"{one.email:<{width}}  {one.password}  {one.who}" for one in accounts)


def kept_accounts(instance: Path) -> str:
    """The lines of the demo's accounts, or nothing where there is no demo."""
    try:
        return (instance / ACCOUNTS).read_text(encoding="utf-8").rstrip("\n")
    except FileNotFoundError:
        return ""


def without_password(url: str) -> str:
    """An address as it may be shown."""
    return _PASSWORD.sub(r"\1:…@", url)


@click.command()
@click.option("--example", "as_example", is_flag=True, help="All variables with their meaning, as a file.")
def settings(as_example: bool) -> None:
    """Show the settings as they are now; passwords are left out."""
    if as_example:
        click.echo(example(), nl=False)
        return
    present_values = from_environment()
    for one in fields(Settings):
        value = without_password(str(getattr(present_values, one.name)))
        click.echo(f"{variable(one.name)}={'…' if one.metadata['secret'] and value else value}")
