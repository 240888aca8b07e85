"""Government bodies and their officials, from the command line of the host."""

import click
from sqlalchemy import select

from workspace.accounts.queries import person_by_email
from workspace.bodies.kinds import BodyKind
from workspace.bodies.models import Body
from workspace.bodies.service import add_body, appoint
from workspace.bodies.values import BodyValues
from workspace.cli.programs import Programs
from workspace.kernel.actors import COMMAND, Role


@click.group()
def body() -> None:
    """Government bodies and those who work there."""


@body.command()
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--email", required=True, help="Where letters reach the body while nobody works here for it.")
@click.option(
    "--kind", default=BodyKind.DEPARTMENT.value, show_default=True, type=click.Choice([one.value for one in BodyKind])
)
@click.option("--superior", default="", help="The slug of the body above it.")
@click.option("--territory", default="")
@click.option("--competence", default="", help="What it is in charge of, in words.")
@click.pass_obj
def add(
    programs: Programs, slug: str, name: str, email: str, kind: str, superior: str, territory: str, competence: str
) -> None:
    """Add a body to the directory. SLUG is its short, stable name in addresses."""
    values = BodyValues(slug, name, kind, email, superior, territory, competence)
    with programs.open().writing(COMMAND) as work:
        added = add_body(work, values)
        work.commit()
    click.echo(added.id)


@body.command()
@click.argument("slug")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice([one.value for one in Role]))
@click.pass_obj
def staff(programs: Programs, slug: str, email: str, role: str) -> None:
    """Give a person a post in a body."""
    with programs.open().writing(COMMAND) as work:
        body_id = work.session.scalar(select(Body.id).where(Body.slug == slug))
        person = person_by_email(work, email)
        if body_id is None:
            raise click.ClickException(f"There is no body {slug} in the directory.")
        if person is None:
            raise click.ClickException(f"Nobody here has the address {email}.")
        post = appoint(work, body_id, person.id, Role(role))
        work.commit()
    click.echo(post.id)
