"""People, from the command line of the host."""

import sys

import click

from workspace.accounts.addresses import normal_email
from workspace.accounts.app_passwords import make_app_password
from workspace.accounts.people import row_by_email
from workspace.accounts.queries import person_by_email
from workspace.accounts.service import add_person
from workspace.cli.programs import Programs
from workspace.cloud.erasure import erase_person
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import WrongState


@click.group()
def user() -> None:
    """People and their app passwords."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The name as it stands in receipts.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
@click.option("--admin", is_flag=True, help="Make them an administrator.")
@click.pass_obj
def add(programs: Programs, email: str, name: str, password_stdin: bool, admin: bool) -> None:
    """Add a person. Without a password they choose one through "I have forgotten my password"."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    runtime = programs.open()
    with runtime.writing(COMMAND) as work:
        person = add_person(work, email, name, password=password, administrator=admin)
        work.commit()
    click.echo(person.id)


@user.command("app-password")
@click.argument("email")
@click.option("--label", required=True, help="Which program it is for.")
@click.pass_obj
def app_password(programs: Programs, email: str, label: str) -> None:
    """Make an app password and print it, alone, on standard output. It is shown this once."""
    runtime = programs.open()
    with runtime.writing(COMMAND) as work:
        person = person_by_email(work, email)
        if person is None:
            raise click.ClickException(f"Nobody here has the address {email}.")
        made = make_app_password(work, label, person.id)
        work.commit()
    click.echo(made.secret)


OBSTACLES = {
    "in_office": "They hold a post in a body; dismiss them first.",
    "last_administrator": "They are the only administrator; make somebody else one first.",
}


@user.command()
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase(programs: Programs, email: str, yes: bool) -> None:
    """Erase a person at once and for good: the key of their cloud is destroyed. Bodies keep what they received."""
    runtime = programs.open()
    with runtime.reading(COMMAND) as work:
        row = row_by_email(work, normal_email(email))
    if row is None:
        raise click.ClickException(f"Nobody here has the address {email}.")
    if not yes:
        click.echo(
            "Their files, previews, stories, notes and letters can then be opened by nobody, from no backup either."
        )
        if click.prompt("Write the address again to go on").strip().lower() != row.email:
            raise click.ClickException("That is another address; nothing was done.")
    try:
        with runtime.writing(COMMAND) as work:
            erase_person(work, row.id)
            work.commit()
    except WrongState as refusal:
        raise click.ClickException(OBSTACLES[refusal.details["reason"]]) from refusal
    click.echo("The key is destroyed. The worker clears rows and bytes away.")
    click.echo(
        "Remnants of the key are gone once `workspace keys rotate` was run and old backups of the keyring are deleted."
    )
