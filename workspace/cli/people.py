"""People, from the command line of the host."""

import sys

import click

from workspace.accounts.app_passwords import make_app_password
from workspace.accounts.queries import person_by_email
from workspace.accounts.service import add_person
from workspace.cli.programs import Programs
from workspace.kernel.actors import COMMAND


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
