"""Putting a snapshot back into an empty instance.

Order: the objects, then everything else in one transaction: the tables at the revision of the backup, their rows, the
migrations since, and what must be true before anybody is let in (a new log that continues the old one, nobody signed
in, no upload under way, and, where the journal is missing, no share and no app password that holds). So an instance
is empty or restored, never half; killed, it is begun again, and objects that are there need not be copied again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import Connection, Table, inspect, select, text, update

from workspace.accounts.instance import renew_data_fingerprint
from workspace.accounts.restored import end_every_session, suspend_app_passwords
from workspace.cli.backup.taking import Tell, parsed
from workspace.cli.backup.vault import JOURNAL, OBJECTS, ROWS, Manifest, Vault
from workspace.cloud.models import Space, Upload
from workspace.cloud.uploads import end_old_uploads
from workspace.db.dump import NotWhole, load, tables, without_foreign_keys
from workspace.db.migrations import begin_anew, go_on
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import KeyDestroyed, StorageUnavailable
from workspace.sharing.suspension import suspend_grants
from workspace.storage.copying import copy_all
from workspace.trust.journal import FolderJournal
from workspace.trust.log import continue_log


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `suspended`: grants and app passwords that wait for an administrator, None where the journal
    knew what had ended. `keyless`: clouds whose keys the keyring does not have."""

    rows: int
    objects: int
    suspended: int | None
    keyless: int


def require_empty(runtime: Runtime) -> None:
    """Raises ClickException where anything has happened in this instance."""
    with runtime.database.engine.connect() as connection:
        known = inspect(connection).get_table_names()
        for name in ("person", "fact", "blob", "space"):
            if name in known and connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1")):  # noqa: S608 - a fixed name
                raise click.ClickException("There are data in this instance; a backup is restored into an empty one.")


def restore(runtime: Runtime, vault: Vault, manifest: Manifest, tell: Tell, *, suspend: bool = False) -> Restored:
    """Put a snapshot back. `suspend`: treat the journal as missing, since it may not reach to the end.

    Raises ClickException (not empty, a journal of somebody else), Damaged, NotWhole, StorageFull, StorageUnavailable.
    """
    require_empty(runtime)
    missing = _journal_is_missing(runtime, manifest)
    objects = _objects(runtime, vault, manifest, tell)
    if missing:
        _put_journal_back(runtime, vault, manifest)
    suspended = None
    with runtime.writing(COMMAND) as work:
        rows = _rows(work, vault, manifest, tell)
        continue_log(work, manifest.snapshot)
        end_every_session(work)
        renew_data_fingerprint(work)
        _end_uploads(work)
        if missing or suspend:
            suspended = suspend_grants(work) + suspend_app_passwords(work)
        work.commit()
    return Restored(rows, objects, suspended, _keyless(runtime))


def _objects(runtime: Runtime, vault: Vault, manifest: Manifest, tell: Tell) -> int:
    count = size = 0
    wanted = map(parsed, vault.lines(manifest, OBJECTS))
    for one in copy_all(vault.objects, runtime.ports.objects, wanted):
        if one.sha256 is None:
            raise StorageUnavailable(f"The backup lacks the object {one.key}, or has it cut; nothing was restored.")
        count, size = count + 1, size + one.size
        tell("objects", size, manifest.bytes)
    return count


def _rows(work: Work, vault: Vault, manifest: Manifest, tell: Tell) -> int:
    connection = work.session.connection()
    begin_anew(connection, manifest.revision)
    empty = {table.name: table for table in tables(connection)}
    total, done = sum(manifest.rows.values()), 0
    lines = _Told(vault.lines(manifest, ROWS), total, tell)
    with without_foreign_keys(connection):
        for header in lines:
            about = json.loads(header)
            count = _load(connection, empty, about, lines)
            if count != manifest.rows[about["table"]]:
                raise NotWhole(f"The table {about['table']} came back with {count} rows.")
            done += count
    if done != total:
        raise NotWhole(f"{done} rows of {total} came back.")
    go_on(connection)
    return done


def _load(connection: Connection, empty: dict[str, Table], about: dict[str, Any], lines: Iterator[bytes]) -> int:
    table = empty.get(about["table"])
    if table is None:
        raise NotWhole(f"The backup has a table {about['table']} that its revision does not know.")
    return load(connection, table, about["columns"], iter(lambda: next(lines, b""), b""))


class _Told:
    """Lines as they pass, telling how many."""

    def __init__(self, lines: Iterator[bytes], total: int, tell: Tell) -> None:
        self._lines, self._total, self._tell, self._done = lines, total, tell, 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        line = next(self._lines)
        self._done += line.startswith(b"[")
        if self._done % 1000 == 0:
            self._tell("rows", self._done, self._total)
        return line


def _journal_is_missing(runtime: Runtime, manifest: Manifest) -> bool:
    """Whether the journal at hand does not reach to the moment of the backup."""
    journal = _journal(runtime)
    if not manifest.journal or journal.reaches(manifest.journal):
        return False
    if next(journal.kept(), None) is not None:
        raise click.ClickException(
            f"The journal in {runtime.settings.journal} is not the one of this backup, or an older copy of it. Put the"
            " newest one there; if there is none, move what is there away: then every share and app password is"
            " suspended until an administrator has looked."
        )
    return True


def _put_journal_back(runtime: Runtime, vault: Vault, manifest: Manifest) -> None:
    kept = (line.partition(b" ") for line in vault.lines(manifest, JOURNAL))
    _journal(runtime).put_back((name.decode(), line) for name, _space, line in kept)


def _journal(runtime: Runtime) -> FolderJournal:
    journal = runtime.ports.journal
    assert isinstance(journal, FolderJournal)
    return journal


def _end_uploads(work: Work) -> None:
    """What had been sent of unfinished uploads is in no backup; clients begin them again."""
    work.session.execute(update(Upload).values(expires_at=work.now - timedelta(days=1)))
    while end_old_uploads(work):
        pass


def _keyless(runtime: Runtime) -> int:
    """How many clouds nobody can open, since the keyring does not know them. A destroyed key is as it should be."""
    with runtime.reading(COMMAND) as work:
        spaces = work.session.scalars(select(Space.id).where(Space.erased_at.is_(None))).all()
    lacking = 0
    for space_id in spaces:
        try:
            runtime.ports.keyring.key(space_id)
        except KeyDestroyed:
            continue
        except StorageUnavailable:
            lacking += 1
    return lacking
