"""What reads of the personal cloud give back: plain values for pages, programs and other rooms."""

from dataclasses import dataclass
from datetime import datetime

from workspace.sharing.rule import Level


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step on the way to an item, as far as the actor may know it. The beginning of a cloud has the name ""."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list. `children` counts what lies directly in a folder; `version` is a file's newest number.

    `has_preview`: a small picture of it can be shown. `pages`: of a document, where they could be counted. `etag`: of a
    folder true only after `etags.fold_changes` in the same Work.
    """

    id: str
    space_id: str
    parent_id: str | None
    name: str
    sort_name: str
    is_folder: bool
    size: int
    media_type: str
    kind: str
    version_id: str | None
    version: int
    captured_at: datetime | None
    made_at: datetime
    changed_at: datetime
    trashed_at: datetime | None
    children: int
    has_preview: bool
    pages: int | None
    etag: str


@dataclass(frozen=True, slots=True)
class FolderPage:
    """A page of a folder. `cursor` leads to the next page, None where this is the last.

    `total` and `kinds` (how many of each kind, folders aside) and `size` count the whole folder, not what lies deeper.
    """

    folder: Entry
    path: tuple[Crumb, ...]
    level: Level
    entries: tuple[Entry, ...]
    cursor: str | None
    total: int
    size: int
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A preview that can be opened: `small`, `large`, `large2`, … in pixels."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as its own page shows it. `sha256` and `previews` are of a file's newest version."""

    entry: Entry
    path: tuple[Crumb, ...]
    level: Level
    sha256: bytes | None
    note: str
    made_by: str | None
    previews: tuple[PreviewView, ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """A line of a file's history. `restored_from` is the number of the version that was made the newest again."""

    id: str
    number: int
    size: int
    sha256: bytes
    media_type: str
    made_at: datetime
    made_by: str | None
    newest: bool
    restored_from: int | None


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found, and the way to it."""

    entry: Entry
    path: tuple[Crumb, ...]
    mine: bool


@dataclass(frozen=True, slots=True)
class HitPage:
    """A page of what was found; `cursor` leads to the next."""

    hits: tuple[Hit, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class TrashLine:
    """Something in the trash, and where it lay."""

    entry: Entry
    path: tuple[Crumb, ...]
    trashed_by: str | None


@dataclass(frozen=True, slots=True)
class TrashPage:
    """A page of the trash, newest first; `cursor` leads to the next."""

    lines: tuple[TrashLine, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Room of a space, in bytes; `files` counts files, those in the trash too."""

    used: int
    quota: int
    files: int

    @property
    def free(self) -> int:
        return max(0, self.quota - self.used)
