"""A folder or a selection as one ZIP, streamed: nothing is collected in memory or on disk; its length is known before.

Names inside are made safe for every system that may unpack them: no separators, no drive letters, no names that Windows
reserves, and no two that only differ in case or composition.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from zipstream import ZIP_STORED, ZipStream  # type: ignore[import-untyped]

from workspace.cloud.blobs import BlobReader, open_blob
from workspace.cloud.entries import look_through
from workspace.cloud.models import Item, Version
from workspace.cloud.names import LONGEST, free_name, shorten
from workspace.cloud.service import rights_to_open
from workspace.cloud.things import lines_of, locate_item, subtree
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import Actor
from workspace.kernel.errors import NotAcceptable
from workspace.sharing.authorize import Right, authorize
from workspace.sharing.rule import Action

MOST_TOPS = 1000
MOST_FILES = 50_000
AHEAD = 50

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WalkedFile:
    """A file in a walk: its path as it is to stand in the archive, what chosen item it lies in, its newest version."""

    path: str
    top_id: str
    item_id: str
    version_id: str
    blob_id: str
    space_id: str
    size: int


@dataclass(frozen=True, slots=True)
class Archive:
    """What will be in a ZIP; `empty` are paths of folders without anything in them. `name` is without ending."""

    name: str
    files: tuple[WalkedFile, ...]
    empty: tuple[str, ...]


def plan_archive(work: Work, item_ids: Sequence[str]) -> Archive:
    """Decide what comes into the ZIP and write the look into the ledger. Commit before a byte leaves.

    Raises NotFound, Forbidden, NotAcceptable (field `items`: none, or too many).
    """
    tops = list(dict.fromkeys(item_ids))
    if not 0 < len(tops) <= MOST_TOPS:
        raise NotAcceptable(field="items", limit=MOST_TOPS)
    files: list[WalkedFile] = []
    empty: list[str] = []
    names = _Names()
    for item_id in tops:
        item, thing = locate_item(work, item_id)
        verdict = authorize(work, Action.OPEN, thing)
        mine, holes = _walk(work, item, names)
        if len(files) + len(mine) > MOST_FILES:
            raise NotAcceptable(field="items", limit=MOST_FILES)
        look_through(work, thing, verdict, [(one.item_id, one.version_id) for one in mine])
        files += mine
        empty += holes
        name = safe_name(item.name) if item.name else ""
    files.sort(key=lambda file: file.path)
    return Archive(name if len(tops) == 1 else "", tuple(files), tuple(empty))


def safe_name(name: str) -> str:
    """A name that every system takes when it unpacks, as like to the true one as can be."""
    safe = _UNSAFE.sub("_", name).rstrip(". ") or "_"
    if _RESERVED.fullmatch(safe) or safe.startswith(".."):
        safe = "_" + safe
    return shorten(safe, LONGEST)


class _Names:
    """Free names in each folder of the archive, as systems compare them that ignore case and composition."""

    def __init__(self) -> None:
        self._taken: dict[str, set[str]] = {}

    def path(self, folder: str, name: str) -> str:
        taken = self._taken.setdefault(folder, set())
        free = free_name(safe_name(name), _Folded(taken))
        taken.add(_fold(free))
        return folder + free


class _Folded:
    def __init__(self, taken: set[str]) -> None:
        self._taken = taken

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _fold(name) in self._taken


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class ArchiveStream:
    """The bytes of a ZIP; `length` is how many. Files are opened shortly before they are needed, some at a time, and
    each time the right is asked for anew.

    Raises whatever reading raises: then the connection is cut, and a damaged file never becomes a whole archive.
    """

    def __init__(self, runtime: Runtime, actor: Actor, archive: Archive) -> None:
        self._runtime = runtime
        self._actor = actor
        self._archive = archive
        self._ready: dict[int, BlobReader] = {}
        self._present: WalkedFile | None = None
        self._zip = ZipStream(compress_type=ZIP_STORED, sized=True)
        for number, file in enumerate(archive.files):
            self._zip.add(self._content(number), file.path, size=file.size)
        for path in archive.empty:
            self._zip.mkdir(path)
        self.length = len(self._zip)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._zip)

    def rights(self, work: Work) -> list[Right]:
        """What lets the actor read on: asked about what was chosen and, where that is somebody else's, about the file
        that is leaving now, which may have been moved out of it."""
        present = self._present
        found = rights_to_open(work, *dict.fromkeys(file.top_id for file in self._archive.files))
        if present is not None and not all(one.verdict.owner for one in found):
            found += rights_to_open(work, present.item_id)
        return found

    def _content(self, number: int) -> Iterator[bytes]:
        if number not in self._ready:
            self._open(number)
        self._present = self._archive.files[number]
        for piece in self._ready.pop(number).stream():
            yield bytes(piece)
        self._present = None

    def _open(self, first: int) -> None:
        files = self._archive.files[first : first + AHEAD]
        with self._runtime.reading(self._actor) as work:
            tops = {one.thing.id: one.verdict for one in rights_to_open(work, *{file.top_id for file in files})}
            lines = lines_of(work, [file.item_id for file in files])
            for number, file in enumerate(files, first):
                if not tops[file.top_id].owner and not _inside(lines.get(file.item_id, []), file.top_id):
                    rights_to_open(work, file.item_id)  # moved or thrown away meanwhile: perhaps no longer theirs
                self._ready[number] = open_blob(work, file.blob_id, file.space_id)


def _inside(line: Sequence[Item], top_id: str) -> bool:
    """Whether an item, by the line up to its root, still lies in what was chosen and not in the trash."""
    return any(one.id == top_id for one in line) and not any(one.trashed_at for one in line)


def _walk(work: Work, top: Item, names: _Names) -> tuple[list[WalkedFile], list[str]]:
    """The files in and under an item with their paths, and the paths of its empty folders; one query."""
    down = subtree(top.id)
    rows = work.session.execute(
        select(
            Item.id, Item.parent_id, Item.name, Item.is_folder, Item.space_id,
            Version.id.label("version_id"), Version.blob_id, Version.size,
        )
        .join(down, down.c.id == Item.id)
        .outerjoin(Version, Version.id == Item.version_id)
        .order_by(down.c.depth, Item.sort_name, Item.id)
    )  # fmt: skip
    folders: dict[str | None, str] = {}
    bare: dict[str, str] = {}
    files = []
    for row in rows:
        above = folders.get(row.parent_id, "")
        bare.pop(row.parent_id or "", None)
        path = names.path(above, row.name) if row.name else ""
        if row.is_folder:
            folders[row.id] = path + "/" if path else ""
            bare[row.id] = path
        elif row.version_id:
            files.append(WalkedFile(path, top.id, row.id, row.version_id, row.blob_id, row.space_id, row.size))
    return files, [path for path in bare.values() if path]
