"""The journal: what a restored backup must not bring back, in a folder outside the database.

JSON lines, one file a month, chained: `prev` is the SHA-256 of the line before (without its line break), 64 zeros in
the very first. A line counts once it is fsynced. A line torn by a power cut stays where it is and is passed over: the
chain goes on from the whole line before it.
"""

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from workspace.kernel.canonical import canonical
from workspace.kernel.durable import make_folder, sync_folder
from workspace.kernel.errors import StorageFull, StorageUnavailable

HEAD = "head"
REVOKED = "revoked"
ERASED = "erased"
DISABLED = "disabled"
ENABLED = "enabled"
DISMISSED = "dismissed"
KINDS = frozenset({HEAD, REVOKED, ERASED, DISABLED, ENABLED, DISMISSED})

BEGINNING = "0" * 64


class FolderJournal:
    """Keeps the journal in a folder; threads and processes of one machine may write at the same time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._durable: set[Path] = set()
        make_folder(path)

    def write(self, kind: str, values: dict[str, Any]) -> None:
        """Append one entry and return once it is on the disk. Raises StorageFull or StorageUnavailable; then the
        change it was to precede must not be made."""
        if kind not in KINDS:
            raise ValueError(f"the journal knows no kind {kind!r}")
        now = datetime.now(UTC)
        try:
            with self._turn():
                newest = self._files()[-1:]
                previous, torn = _end_of(newest[0]) if newest else (BEGINNING, False)
                if newest and previous == BEGINNING:
                    previous = self._last_hash()
                entry = {"at": now.isoformat(timespec="microseconds"), "kind": kind, "values": values, "prev": previous}
                line = canonical(entry) + b"\n"
                # never back to an older month, even if the clock went backwards
                path = max([self._path / f"{now:%Y-%m}.jsonl", *newest])
                _append(path, (b"\n" if torn and path in newest else b"") + line)
                # whoever made the file may have died before its name was durable: each process sees to it once
                if path not in self._durable:
                    sync_folder(self._path)
                    self._durable.add(path)
        except OSError as error:
            raise _refusal(error) from error

    def entries(self) -> Iterator[dict[str, Any]]:
        """All whole entries, oldest first: `at`, `kind`, `values`, `prev`. Torn lines are passed over."""
        for _, _, entry in self._lines():
            if entry is not None:
                yield entry

    def kept(self) -> Iterator[tuple[str, bytes]]:
        """The name of its month's file and each whole line: what a backup keeps of the journal."""
        for place, line, entry in self._lines():
            if entry is not None:
                yield place.partition(",")[0], line

    def reaches(self, line_hash: str) -> bool:
        """Whether a line with this hash (64 hex digits) stands here: what was written up to it is all there."""
        return any(sha256(line).hexdigest() == line_hash for _, line in self.kept())

    def put_back(self, kept: Iterator[tuple[str, bytes]]) -> None:
        """Fill an empty journal with lines that `kept` gave. Raises StorageFull, StorageUnavailable."""
        with self._turn():
            if self._files():
                raise StorageUnavailable("There is a journal already; lines are put back into an empty one only.")
            try:
                for name, lines in groupby(kept, key=lambda one: one[0]):
                    _append(self._path / name, b"".join(line + b"\n" for _, line in lines))
            except OSError as error:
                raise _refusal(error) from error

    def findings(self) -> list[str]:
        """What is wrong with the journal, in words; empty where the chain holds. A torn line is told, too."""
        found = []
        previous = BEGINNING
        for place, line, entry in self._lines():
            if entry is None:
                found.append(f"Journal {place}: a line was torn; what it was to say was never acknowledged.")
                continue
            if entry.get("prev") != previous:
                found.append(f"Journal {place}: the chain is broken; a line before it was changed, added or removed.")
            previous = sha256(line).hexdigest()
        return found

    def _lines(self) -> Iterator[tuple[str, bytes, dict[str, Any] | None]]:
        for path in self._files():
            with path.open("rb") as file:
                for number, line in enumerate(file, start=1):
                    content = line.removesuffix(b"\n")
                    yield f"{path.name}, line {number}", content, _parse(content)

    def _files(self) -> list[Path]:
        return sorted(self._path.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))

    def _last_hash(self) -> str:
        """The hash to go on from where the newest file holds no whole line (a torn first line of a month)."""
        result = BEGINNING
        for _, line, entry in self._lines():
            if entry is not None:
                result = sha256(line).hexdigest()
        return result

    @contextmanager
    def _turn(self) -> Iterator[None]:
        descriptor = os.open(self._path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _refusal(error: OSError) -> StorageFull | StorageUnavailable:
    return StorageFull() if error.errno in (errno.ENOSPC, errno.EDQUOT) else StorageUnavailable()


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "kind" in entry and "values" in entry else None


def _end_of(path: Path) -> tuple[str, bool]:
    """The hash of the last whole line of a file (BEGINNING if it has none) and whether it ends in a torn one."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        reach = 8192
        while True:
            file.seek(max(0, size - reach))
            tail = file.read()
            lines = tail.split(b"\n") if reach >= size else tail.split(b"\n")[1:]
            for line in reversed(lines):
                if _parse(line) is not None:
                    return sha256(line).hexdigest(), not tail.endswith(b"\n")
            if reach >= size:
                return BEGINNING, bool(tail) and not tail.endswith(b"\n")
            reach *= 4


def _append(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size, written = os.fstat(descriptor).st_size, 0
        try:
            while written < len(data):
                written += os.write(descriptor, data[written:])
            os.fsync(descriptor)
        except OSError:
            # half a line, or one that the disk may have lost: it must not lie below a later fsync that succeeds
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)
