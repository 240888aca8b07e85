"""`workspace move`: a grown instance from SQLite and the filesystem to PostgreSQL and S3.

Objects first, then the keys, then all rows in one transaction: killed, the same command goes on, and before its end the
new database is empty. Everything is compared: each object by its SHA-256, read back from where it came to lie, each
table by the number and the content of its rows. What is moved from stays as it is.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select

from workspace.cli.backup.commands import progress
from workspace.cli.backup.restoring import require_empty
from workspace.cli.backup.taking import Tell
from workspace.cli.instance import without_password
from workspace.cli.programs import Programs
from workspace.cli.serving import not_served
from workspace.cloud.models import Part
from workspace.db.dump import (
    Fingerprint,
    NotWhole,
    columns,
    count,
    fingerprint,
    lines,
    load,
    snapshot,
    tables,
    without_foreign_keys,
)
from workspace.db.migrations import begin_anew
from workspace.db.runtime import Runtime
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import StorageUnavailable
from workspace.settings import from_environment, variable
from workspace.storage.copying import Wanted, copy_all
from workspace.storage.key_table import KeyTable
from workspace.storage.sealing import sealed_size


@click.command()
@click.option("--to-database", "database_url", metavar="URL", help="postgresql+psycopg://user:password@host/name")
@click.option("--to-objects", "objects_url", metavar="URL", help="s3://ACCESS:SECRET@HOST:PORT/BUCKET?tls=0")
@click.option("--to-keyring", "keyring_url", metavar="URL", help="postgresql+psycopg://user:password@host/keyring")
@click.pass_obj
def move(programs: Programs, /, **urls: str | None) -> None:
    """Copy tables, objects and keys of this instance to where it is to live from now on, and compare everything.

    Stop `serve` and `worker` first. What is not named stays where it is. Killed, give the same command again.
    """
    wanted = {name: url for name, url in urls.items() if url}
    if not wanted:
        raise click.ClickException("Say what is to be moved: --to-database, --to-objects, --to-keyring.")
    settings = from_environment()
    new = from_environment(dict(os.environ) | {variable(name): url for name, url in wanted.items()})
    with not_served(settings):
        source = programs.open()
        if "database_url" in wanted and not source.database.sqlite:
            raise click.ClickException("Tables are moved from SQLite; to move a PostgreSQL use its own tools.")
        target = programs.wire(new)
        with _standing_still(source), progress() as tell:
            _move(source, target, wanted.keys(), tell)
        target.database.dispose()
    click.echo("Everything is there, and it is the same. Set from now on:")
    for name, url in wanted.items():
        click.echo(f"{variable(name)}={without_password(url)}")
    click.echo("Then run `workspace check --deep` and start `serve` and `worker`. What was moved from is untouched;")
    click.echo("keep it until you have made a backup of the new place, then delete it.")


def _move(source: Runtime, target: Runtime, names: Collection[str], tell: Tell) -> None:
    if "database_url" in names:
        require_empty(target)
    if "objects_url" in names:
        target.ports.objects.ready()
        _objects(source, target, tell)
    if "keyring_url" in names:
        _keys(source, target)
    if "database_url" in names:
        _rows(source, target, tell)


@contextmanager
def _standing_still(source: Runtime) -> Iterator[None]:
    """Nobody writes meanwhile: neither a command of the host nor a server that was started past our back."""
    lock = source.database.write_lock
    if lock is None:
        yield
        return
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _objects(source: Runtime, target: Runtime, tell: Tell) -> None:
    """Every object that a row names, uploads that are under way too."""
    with source.reading(COMMAND) as work:
        parts = work.session.execute(select(Part.object_key, Part.size).order_by(Part.object_key)).all()
    total = sum(sealed_size(size) for _key, size in parts)
    done = 0
    # their hashes are not known: what a killed move has copied is read and compared, too
    wanted = (Wanted(key, sealed_size(size)) for key, size in parts)
    for one in copy_all(source.ports.objects, target.ports.objects, wanted):
        if one.sha256 is None:
            raise StorageUnavailable(f"The store lacks the object {one.key}; `workspace check` says more.")
        done += one.size
        tell("objects", done, total)


def _keys(source: Runtime, target: Runtime) -> None:
    old, new = source.ports.keyring, target.ports.keyring
    assert isinstance(old, KeyTable)
    assert isinstance(new, KeyTable)
    new.adopt(old.rows())
    if {row.space_id: row for row in new.rows()} != {row.space_id: row for row in old.rows()}:
        raise NotWhole("The new keyring holds other keys; it must be empty, or hold what an earlier move left.")


def _rows(source: Runtime, target: Runtime, tell: Tell) -> None:
    with snapshot(source.database.engine) as old, target.writing(COMMAND) as work:
        new = work.session.connection()
        begin_anew(new)
        empty = {table.name: table for table in tables(new)}
        found = tables(old)
        if {table.name for table in found} != empty.keys():
            raise NotWhole("The two databases do not have the same tables.")
        total, done = sum(count(old, table) for table in found), 0
        with without_foreign_keys(new):
            for table in found:
                taken, names = Fingerprint(), columns(table)
                load(new, empty[table.name], names, map(taken.add, lines(old, table)))
                if fingerprint(new, empty[table.name], names) != taken.value:
                    raise NotWhole(f"The rows of {table.name} are not the same on both sides.")
                done += taken.rows
                tell("rows", done, total)
        work.commit()
