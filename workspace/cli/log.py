"""The transparency log, checked by the host."""

import click

from workspace.cli.programs import Programs
from workspace.kernel.actors import COMMAND
from workspace.trust.log import head
from workspace.trust.verify import verify_log


@click.group()
def log() -> None:
    """The transparency log."""


@log.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Check every entry, node, head and the journal. Status 0: all holds; 1: findings, one a line."""
    programs: Programs = context.obj
    runtime = programs.open()
    with runtime.reading(COMMAND) as work:
        newest = head(work)
        found = verify_log(work, runtime.ports.journal)
    for sentence in found:
        click.echo(sentence)
    if found:
        context.exit(1)
    if newest is None:
        click.echo("The log is empty.")
    else:
        signed = f"{newest.signed_at:%Y-%m-%d %H:%M:%S} UTC"
        click.echo(f"The log holds: {newest.size} entries, root {newest.root.hex()}, signed {signed}.")
