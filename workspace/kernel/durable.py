"""Names that survive a power cut. A file or folder is there for good only once the folder that names it is fsynced; and
whoever finds a name cannot know whether the one who made it lived long enough to do that."""

import os
from pathlib import Path

from workspace.kernel.ids import new_id


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """A folder of the owner's alone (mode 700), with all above it, each durable; one that is there already is made
    durable, too. Raises OSError."""
    if folder.is_dir():
        try:
            sync_folder(folder.parent)
        except PermissionError:
            return  # what lies above is not ours: whoever made this folder for us has long seen to it
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def write_new(path: Path, data: bytes) -> bool:
    """A file of the owner's alone (mode 600), whole or not at all, that never takes another one's place; False where
    one was there already. Durable in either case. Raises OSError.

    A process that dies half-way leaves a draft beside it, never the file itself: an empty secret would stop every start
    until somebody had understood it and deleted it. The next call clears up.
    """
    made, missing = False, not path.exists()
    if missing:
        make_folder(path.parent)
        draft = path.with_name(f".{path.name}.{new_id()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            made = _name(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    for draft in path.parent.glob(f".{path.name}.*"):
        # beside a file that was there already, somebody may just be writing what is to replace it
        if missing or _is_same(draft, path):
            draft.unlink(missing_ok=True)
    sync_folder(path.parent)
    return made


def _name(draft: Path, path: Path) -> bool:
    try:
        os.link(draft, path)  # unlike rename, never replaces what is there
    except FileExistsError:
        return False  # somebody was first
    except FileNotFoundError:
        if not path.exists():
            raise
        return False  # somebody was first, and has cleared up behind all others
    return True


def _is_same(draft: Path, path: Path) -> bool:
    try:
        return draft.samefile(path)
    except FileNotFoundError:
        return False
