"""The folder in which backups lie: sealed objects, each once, and snapshots that name them.

DIR/objects/            sealed objects, as a filesystem store keeps them, however many snapshots name them
DIR/snapshots/<id>/     about.json, in the clear: format, name of the key, time
                        manifest: sealed; what belongs to the snapshot, with the hash of every file
                        rows.0000 … objects.0000 … journal.0000 …: sealed streams
DIR/snapshots/.<id>     a snapshot that is being made; it counts once it has its name
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from workspace.kernel.canonical import canonical
from workspace.kernel.durable import sync_folder
from workspace.kernel.ids import is_id
from workspace.storage.backup_key import BackupKey
from workspace.storage.filesystem import FilesystemStore
from workspace.storage.sealed_stream import SealedFile, StreamWriter, file_hash, part_name, read_lines
from workspace.storage.sealing import open_small, seal_small

FORMAT = "citizen-workspace backup v1"
ROWS, OBJECTS, JOURNAL = "rows", "objects", "journal"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one snapshot is. `journal`: the hash of its last line then, empty where there was none. `missing`: objects
    that rows name and that the store did not have, or not whole."""

    snapshot: str
    made_at: str
    revision: str
    database: str
    rows: dict[str, int]
    objects: int
    bytes: int
    journal: str
    missing: list[str] = field(default_factory=list)
    streams: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def files(self, stream: str) -> list[SealedFile]:
        return [SealedFile(**one) for one in self.streams[stream]]


class Vault:
    """One folder of backups, opened with the key that seals them."""

    def __init__(self, folder: Path, key: BackupKey) -> None:
        self.folder, self._key = folder, key
        self._snapshots = folder / "snapshots"
        self.objects = FilesystemStore(folder.absolute() / "objects")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One program at a time writes here. Raises ClickException where another does."""
        try:
            self._snapshots.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise click.ClickException(f"{self.folder} cannot be written to: {error.strerror}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise click.ClickException(f"Another backup is being made in {self.folder}.") from None
        finally:
            os.close(descriptor)

    def snapshots(self) -> list[str]:
        """The ids of all whole snapshots, oldest first."""
        try:
            return sorted(one.name for one in self._snapshots.iterdir() if is_id(one.name))
        except FileNotFoundError:
            return []

    # making one --------------------------------------------------------------------------------------------------
    def begin(self, snapshot: str) -> Path:
        """The folder of a new snapshot; what killed ones left behind goes."""
        for left in self._snapshots.glob(".*"):
            shutil.rmtree(left)
        draft = self._snapshots / f".{snapshot}"
        draft.mkdir(mode=0o700)
        return draft

    def writer(self, snapshot: str, stream: str) -> StreamWriter:
        folder = self._snapshots / f".{snapshot}"
        return StreamWriter(folder, stream, self._key.of(snapshot), f"{snapshot}/{stream}")

    def complete(self, manifest: Manifest) -> None:
        """Seal the manifest and give the snapshot its name; from here on it counts."""
        draft = self._snapshots / f".{manifest.snapshot}"
        key = self._key.of(manifest.snapshot)
        sealed = seal_small(key, f"{manifest.snapshot}/manifest", canonical(asdict(manifest)))
        about = {"format": FORMAT, "snapshot": manifest.snapshot, "key": self._key.id, "made_at": manifest.made_at}
        write_durably(draft / "manifest", sealed)
        write_durably(draft / "about.json", canonical(about) + b"\n")
        sync_folder(draft)
        draft.rename(self._snapshots / manifest.snapshot)
        sync_folder(self._snapshots)

    # reading -----------------------------------------------------------------------------------------------------
    def made_at(self, snapshot: str) -> datetime:
        return datetime.fromisoformat(self._about(snapshot)["made_at"])

    def manifest(self, snapshot: str) -> Manifest:
        """Raises ClickException where another key is needed, Damaged where the seal does not hold."""
        about = self._about(snapshot)
        if about["format"] != FORMAT:
            raise click.ClickException(f"The snapshot {snapshot} is a {about['format']}; this program reads {FORMAT}.")
        if about["key"] != self._key.id:
            raise click.ClickException(
                f"The snapshot {snapshot} was sealed with the backup key {about['key']}, not with {self._key.id}."
            )
        sealed = (self._snapshots / snapshot / "manifest").read_bytes()
        return Manifest(**json.loads(open_small(self._key.of(snapshot), f"{snapshot}/manifest", sealed)))

    def lines(self, manifest: Manifest, stream: str) -> Iterator[bytes]:
        """The lines of one of its streams. Raises Damaged, StorageUnavailable."""
        folder, key = self._snapshots / manifest.snapshot, self._key.of(manifest.snapshot)
        return read_lines(folder, stream, key, f"{manifest.snapshot}/{stream}", manifest.files(stream))

    def differing(self, manifest: Manifest) -> list[str]:
        """Files of a snapshot that are not as they were written."""
        folder = self._snapshots / manifest.snapshot
        return [
            f"{manifest.snapshot}/{part_name(stream, ordinal)}"
            for stream in manifest.streams
            for ordinal, one in enumerate(manifest.files(stream))
            if not (folder / part_name(stream, ordinal)).exists()
            or file_hash(folder / part_name(stream, ordinal)) != one.sha256
        ]

    def forget(self, snapshot: str) -> None:
        """Delete a snapshot; its objects go with `sweep`."""
        gone = self._snapshots / f".{snapshot}"
        (self._snapshots / snapshot).rename(gone)
        sync_folder(self._snapshots)
        shutil.rmtree(gone)

    def _about(self, snapshot: str) -> dict[str, Any]:
        if not is_id(snapshot):
            raise click.ClickException(f"{snapshot!r} is no name of a snapshot; `workspace backups` lists them.")
        try:
            about: dict[str, Any] = json.loads((self._snapshots / snapshot / "about.json").read_bytes())
        except (OSError, ValueError):
            raise click.ClickException(f"There is no snapshot {snapshot} in {self.folder}.") from None
        return about


def write_durably(path: Path, data: bytes) -> None:
    """A new file, mode 600, fsynced; its folder's name for it is the caller's to make durable."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
