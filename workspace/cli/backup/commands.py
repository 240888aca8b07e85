"""`workspace backup`, `backups`, `restore`; those for the keyring stand in `keyring.py`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from workspace.cli.backup.pruning import examine, prune
from workspace.cli.backup.restoring import Restored
from workspace.cli.backup.restoring import restore as put_back
from workspace.cli.backup.taking import Tell, make_snapshot
from workspace.cli.backup.vault import Vault
from workspace.cli.instance import prepare
from workspace.cli.programs import Programs
from workspace.cli.serving import not_served
from workspace.settings import from_environment
from workspace.storage.backup_key import load_backup_key

FOLDER = click.Path(file_okay=False, path_type=Path)
MIB = 1 << 20


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--keep", type=click.IntRange(min=1), help="Afterwards keep this many snapshots, the newest.")
@click.pass_context
def backup(context: click.Context, folder: Path, keep: int | None) -> None:
    """Add a snapshot of the data to DIR: tables, sealed objects, journal. Never the keys.

    Run it while the instance is at work. What DIR has is not copied again; killed, give the same command again.
    Status 1 where the store lacks objects that rows name: the snapshot stands; `workspace check` says what is wrong.
    """
    programs: Programs = context.obj
    runtime = programs.open()
    vault = Vault(folder, load_backup_key(runtime.settings.backup_key))
    with vault.alone():
        with progress() as tell:
            made = make_snapshot(runtime, vault, tell)
        click.echo(
            f"{made.snapshot}: {sum(made.rows.values())} rows, {made.objects} objects, {made.bytes / MIB:.1f} MiB."
        )
        if keep is not None:
            gone, objects = prune(vault, keep)
            click.echo(f"{gone} older snapshots and {objects} objects are gone.")
    for key in made.missing:
        click.echo(f"The store lacks the object {key}, or has it cut.", err=True)
    context.exit(1 if made.missing else 0)


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--verify", is_flag=True, help="Read every byte and compare it with what was written.")
@click.pass_context
def backups(context: click.Context, folder: Path, verify: bool) -> None:
    """List the snapshots in DIR, oldest first. With --verify, status 1 where something is not as it was written."""
    vault = Vault(folder, load_backup_key(from_environment().backup_key))
    wrong: list[str] = []
    for snapshot in vault.snapshots():
        one = vault.manifest(snapshot)
        size = f"{sum(one.rows.values())} rows, {one.objects} objects, {one.bytes / MIB:.1f} MiB"
        click.echo(f"{snapshot}  {one.made_at[:19]} UTC  {one.database}  {size}")
        if verify:
            wrong += vault.differing(one)
    if verify:
        with progress() as tell:
            wrong += examine(vault, tell)
        for name in wrong:
            click.echo(f"{name} is missing or not as it was written.")
        click.echo(f"{len(wrong)} findings." if wrong else "Everything is as it was written.")
    context.exit(1 if wrong else 0)


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--snapshot", help="Which one; the newest, unless it is said.")
@click.option(
    "--suspend", is_flag=True, help="The journal at hand may lack its end: suspend every share and app password."
)
@click.pass_obj
def restore(programs: Programs, folder: Path, snapshot: str | None, suspend: bool) -> None:
    """Put a snapshot from DIR into this instance, which must be empty and not served.

    Put the secrets, the keyring and the newest journal in their places first. Killed, give the same command again.
    """
    settings = from_environment()
    vault = Vault(folder, load_backup_key(settings.backup_key))
    known = vault.snapshots()
    if not known:
        raise click.ClickException(f"There is no snapshot in {folder}.")
    manifest = vault.manifest(snapshot or known[-1])
    with not_served(settings):
        prepare(settings)
        runtime = programs.wire(settings)
        runtime.ports.objects.ready()
        with progress() as tell:
            done = put_back(runtime, vault, manifest, tell, suspend=suspend)
        ended = programs.recover(runtime)
        runtime.database.dispose()
    _say(done, ended, manifest.made_at)


def _say(done: Restored, ended: int, made_at: str) -> None:
    click.echo(f"Restored as of {made_at[:19]} UTC: {done.rows} rows, {done.objects} objects.")
    if ended:
        click.echo(f"The journal knew {ended} endings since then; they hold again.")
    if done.suspended is not None:
        click.echo(
            f"{done.suspended} shares and app passwords are suspended, since nobody knows which of them had ended."
            " An administrator decides: Administration, Restored from a backup."
        )
    if done.keyless:
        click.echo(f"The keyring lacks the keys of {done.keyless} clouds; `workspace restore-keyring` brings them.")
    click.echo("Now run `workspace check --deep`, then start `serve` and `worker`.")


@contextmanager
def progress() -> Iterator[Tell]:
    """Progress bars on standard error, one for rows and one for objects; nothing where that is no terminal."""
    bars: dict[str, Any] = {}
    quiet = not sys.stderr.isatty()

    def tell(what: str, done: int, of: int) -> None:
        if what not in bars:
            for one in bars.values():
                one.render_finish()
            bars[what] = click.progressbar(
                length=max(1, of), label=what, file=sys.stderr, hidden=quiet, update_min_steps=max(1, of // 200)
            )
        bars[what].update(done - bars[what].pos)

    try:
        yield tell
    finally:
        for one in bars.values():
            one.render_finish()
