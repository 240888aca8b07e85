"""The master key, from the command line of the host: under which key how much lies, and a new one for all of it."""

import json

import click

from workspace.cli.programs import Programs
from workspace.kernel.actors import COMMAND
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE
from workspace.settings import Settings
from workspace.storage.key_table import KeyTable
from workspace.storage.keyring import open_keyring
from workspace.storage.master import MasterKeys, open_master_keys
from workspace.storage.rotation import rotate_in_file, rotate_to_newest


@click.group()
def keys() -> None:
    """The master key, under which the keys of all clouds lie."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="One object on standard output, for programs.")
@click.pass_obj
def list_keys(programs: Programs, as_json: bool) -> None:
    """Show the ids of the master keys, the newest first, and how many keys of clouds lie under each."""
    masters, keyring = _opened(programs.open().settings)
    rows = keyring.rows_under()
    destroyed = rows.pop("", 0)
    absent = sorted(set(rows) - set(masters.ids))
    if as_json:
        found = [
            {"id": one, "clouds": rows.get(one, 0), "at_hand": one in masters.ids} for one in [*masters.ids, *absent]
        ]
        click.echo(json.dumps({"keys": found, "destroyed": destroyed}))
        return
    for number, one in enumerate(masters.ids):
        click.echo(f"{one}  {'older' if number else 'newest'}  {rows.get(one, 0)} clouds")
    for one in absent:
        click.echo(f"{one}  not at hand  {rows[one]} clouds that nobody can open without it")
    if destroyed:
        click.echo(f"Destroyed for good: {destroyed}.")
    if len(masters.ids) > 1:
        click.echo("A rotation has not ended; `workspace keys rotate` goes on with it.")


@keys.command()
@click.pass_obj
def rotate(programs: Programs) -> None:
    """Make a new master key, wrap the keys of all clouds anew under it, forget the old one.

    Everything may go on running. Stopped in the middle, the same command goes on.
    """
    runtime = programs.open()
    masters, keyring = _opened(runtime.settings)
    bar = _Bar()
    if runtime.settings.master_key:
        done = rotate_to_newest(keyring, masters, bar.begin, bar.reach)
    else:
        done = rotate_in_file(keyring, runtime.settings.master_key_path, bar.begin, bar.reach)
    bar.end()
    with runtime.writing(COMMAND) as work:
        work.record(FactKind.INSTANCE_CHANGED, INSTANCE, what=["master_key"], master_key=done.key_id)
        work.commit()
    click.echo(f"The keys of all clouds lie under {done.key_id}; {done.wrapped} were wrapped anew.")
    for one in done.dropped:
        click.echo(
            f"The old master key {one} is forgotten. Backups of the keyring made before open only with its copies."
        )
    for one in done.idle:
        click.echo(f"Take the old master key {one} out of WORKSPACE_MASTER_KEY, and restart everything.")
    click.echo("Keep a copy of the new master key in a safe place, and make a backup of the keyring now.")


class _Bar:
    """A progress bar on a terminal, a line on anything else."""

    def __init__(self) -> None:
        self._done = 0
        self._bar = click.progressbar(length=0)

    def begin(self, key_id: str, count: int, resumed: bool) -> None:
        """Say what begins."""
        click.echo(f"{'Going on with the rotation to' if resumed else 'Rotating to'} the master key {key_id}.")
        self._bar = click.progressbar(length=count, label="Keys wrapped anew", show_pos=True)
        self._bar.__enter__()

    def reach(self, done: int) -> None:
        """So many are done."""
        self._bar.update(done - self._done)
        self._done = done

    def end(self) -> None:
        """Leave the line."""
        self._bar.render_finish()


def _opened(settings: Settings) -> tuple[MasterKeys, KeyTable]:
    masters = open_master_keys(settings.master_key, settings.master_key_path)
    return masters, open_keyring(settings.keyring, masters)
