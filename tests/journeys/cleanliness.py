"""After a place was used: nothing wrong with it, nothing readable of what people put in, nothing left over."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg

from tests.parts.instances import Instance
from tests.parts.services import run_folder


def assert_clean(place: Instance, marks: Iterable[str]) -> None:
    """`workspace check --deep` and `log verify` find nothing; none of `marks` lies anywhere in the clear."""
    assert place.command("check", "--deep").startswith("Clean")
    assert place.command("log", "verify").startswith("The log holds")
    assert plain_traces(place, marks) == []


def plain_traces(place: Instance, marks: Iterable[str]) -> list[str]:
    """Where one of these can be read: in any file of the instance, its logs and temporary files, in the grown stack's
    databases and in its object store."""
    wanted = [mark.encode() for mark in marks]
    assert wanted
    found = [f"{path}: {mark.decode()}" for path in files_of(place) for mark in marks_in(path, wanted)]
    for name in ("WORKSPACE_DATABASE_URL", "WORKSPACE_KEYRING_URL"):
        if url := place.settings.get(name):
            found += [f"{name}: {one}" for one in _in_database(url, wanted)]
    return found


def files_of(place: Instance) -> Iterator[Path]:
    """Every file that could hold something of the instance."""
    folders = [place.folder]
    if "WORKSPACE_OBJECTS_URL" in place.settings:
        folders.append(run_folder() / "seaweed")
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


def marks_in(path: Path, wanted: Iterable[bytes]) -> list[bytes]:
    """Which of these a file holds, read without keeping it in memory."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return [mark for mark in wanted if content.find(mark) >= 0]
    except (ValueError, FileNotFoundError):
        return []  # empty, or gone in the meantime


def _in_database(url: str, wanted: list[bytes]) -> list[str]:
    """Every row of every table, as PostgreSQL writes it out; what is bytes is searched as bytes, too."""
    found = []
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as copy:  # type: ignore[arg-type]
                content = b"".join(bytes(piece) for piece in copy)
            spelled = [(mark, mark.hex().encode()) for mark in wanted]
            found += [f"{table}: {mark.decode()}" for mark, hexed in spelled if mark in content or hexed in content]
    return found
