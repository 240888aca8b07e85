"""The keyring's own backup, apart from the data's: with a key, a place and a life of its own.

Its rows are space keys wrapped by the master key, and the file is sealed once more under a key derived from the master
key. So whoever steals data and backup key has nothing of it, and all of it dies when the master key is rotated and the
old one dropped. It is short-lived: a key destroyed with its cloud lives on in these files until the last one is gone.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from workspace.cli.backup.commands import FOLDER
from workspace.cli.backup.vault import write_durably
from workspace.cli.programs import Programs
from workspace.cli.serving import not_served
from workspace.kernel.canonical import canonical
from workspace.kernel.clock import SystemClock
from workspace.kernel.durable import sync_folder
from workspace.kernel.ids import new_id
from workspace.settings import from_environment
from workspace.storage.backup_key import derived
from workspace.storage.filesystem import refusal
from workspace.storage.key_table import KeyRow, KeyTable
from workspace.storage.keyring import open_keyring
from workspace.storage.master import MasterKeys, open_master_keys
from workspace.storage.sealing import open_small, seal_small

FORMAT = "citizen-workspace keyring v1"
KEEP_DAYS = 14


@click.command("backup-keyring")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--keep-days", default=KEEP_DAYS, show_default=True, type=click.IntRange(min=1), help="Older ones go.")
@click.pass_obj
def backup_keyring(programs: Programs, folder: Path, keep_days: int) -> None:
    """Write the keys of all clouds to DIR, sealed under the master key. Never into the folder of the data's backups."""
    if (folder / "snapshots").exists():
        raise click.ClickException(f"{folder} holds backups of the data; the keys must lie elsewhere.")
    keyring, masters = _open()
    now = SystemClock().now()
    rows = keyring.rows()
    name = f"{now:%Y%m%dT%H%M%SZ}-{new_id()[-6:]}.{masters.current.id}.keyring"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(folder / name, _seal(masters, name, [one.as_values() for one in rows]))
        sync_folder(folder)
    except OSError as error:
        raise refusal(error) from error
    if _unseal(masters, folder / name) != rows:
        raise click.ClickException(f"The disk does not give {name} back as it was written.")
    gone = [
        one for one in folder.glob("*.keyring") if one.name[:16] < f"{now - timedelta(days=keep_days):%Y%m%dT%H%M%SZ}"
    ]
    for one in gone:
        one.unlink()
    click.echo(f"{name}: {len(rows)} keys; {len(gone)} older files are gone.")


@click.command("restore-keyring")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore_keyring(programs: Programs, file: Path) -> None:
    """Bring back the keys in FILE that the keyring lacks. What it has, and what was destroyed, stays as it is."""
    keyring, masters = _open()
    with not_served(from_environment()):
        added = keyring.adopt(_unseal(masters, file))
    click.echo(f"{added} keys are back.")


def _open() -> tuple[KeyTable, MasterKeys]:
    settings = from_environment()
    masters = open_master_keys(settings.master_key, settings.master_key_path)
    return open_keyring(settings.keyring, masters), masters


def _seal(masters: MasterKeys, name: str, rows: list[dict[str, Any]]) -> bytes:
    key = derived(masters.current.key, f"{FORMAT} {name}")
    return seal_small(key, name, canonical({"format": FORMAT, "rows": rows}))


def _unseal(masters: MasterKeys, file: Path) -> list[KeyRow]:
    """Raises ClickException, StorageUnavailable (another master key), Damaged."""
    parts = file.name.split(".")
    if len(parts) != 3 or parts[2] != "keyring":
        raise click.ClickException(f"{file} is no backup of a keyring under its own name.")
    key = derived(masters.find(parts[1]).key, f"{FORMAT} {file.name}")
    kept = json.loads(open_small(key, file.name, file.read_bytes()))
    return [KeyRow.from_values(one) for one in kept["rows"]]
