"""Shapes of files and folders."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from workspace.api.values import Cursor, Id, Limit, Line, Moment, Sha256, Shape, Words
from workspace.cloud.listing import Sort

Kind = Literal["draft", "evidence", "correspondence", "other"]
Name = Annotated[str, Field(min_length=1, max_length=255, description="At most 255 bytes of UTF-8; no slash.")]


def _as_list(value: Any) -> Any:
    """A query parameter that was given once."""
    return [value] if isinstance(value, str) else value


class Crumb(Shape):
    """A step on the way to an item, as far as the person may know it; the beginning of a cloud has no name."""

    id: Id
    name: str


class Entry(Shape):
    """A file or folder in a list. `version`: the id of a file's newest version, which is the `ETag` of its content."""

    id: Id
    parent: Id | None
    name: str
    folder: bool
    size: int
    media_type: str
    kind: str
    version: Id | None
    number: int = Field(description="The number of the newest version, 0 for a folder.")
    children: int
    captured_at: Moment | None
    made_at: Moment
    changed_at: Moment


class PreviewSize(Shape):
    """A picture of a file that can be opened: `small`, `large`, `large2`, …, in pixels."""

    name: str
    width: int
    height: int


class Item(Entry):
    """A file or folder with everything that is known of it. `level`: what the person may do with it."""

    sha256: Sha256 | None
    note: str
    path: list[Crumb]
    level: str
    previews: list[PreviewSize]


class PreviewQuery(Shape):
    """Which picture, and of which version; the newest where none is named."""

    size: Annotated[str, Field(pattern=r"^(small|large[0-9]{0,3})$")] = "small"
    version: Id | None = None


class Text(Shape):
    """The first lines of a text; null where there are none."""

    text: str | None


class ZipQuery(Shape):
    """What comes into the ZIP: the name may be given again and again."""

    item: Annotated[list[Id], BeforeValidator(_as_list), Field(min_length=1, max_length=1000)]


class RecentQuery(Shape):
    """How many at most."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10


class Recent(Shape):
    """Files of the person's own cloud, the last changed first."""

    items: list[Entry]


class ItemChange(Shape):
    """What shall be different; what is left out stays. `parent`: the folder to move it into, within its cloud."""

    name: Name | None = None
    parent: Id | None = None
    kind: Kind | None = None
    note: Words | None = None
    captured_at: Moment | None = None


class FolderNew(Shape):
    """A folder to make."""

    name: Name


class ChildrenQuery(Shape):
    """How to sort a folder, and where to go on. Folders always come first."""

    sort: Sort = Sort.NAME
    order: Literal["asc", "desc"] = "asc"
    kind: Kind | None = None
    cursor: Cursor | None = None
    limit: Limit = 100


class Entries(Shape):
    """A page of a folder. `total` counts the whole folder."""

    items: list[Entry]
    total: int
    next: str | None


class CopyNew(Shape):
    """Where to put a copy, and under which name. In the same folder a copy gets a free name by itself."""

    parent: Id
    name: Name | None = None


class Version(Shape):
    """What a file was at a time. `restored_from`: the number of the version that was made the newest again."""

    id: Id
    number: int
    size: int
    sha256: Sha256
    media_type: str
    made_at: Moment
    newest: bool
    restored_from: int | None


class Versions(Shape):
    """A file's history, newest first."""

    items: list[Version]
    next: str | None


class ContentQuery(Shape):
    """Which version; the newest where none is named."""

    version: Id | None = None


class Stored(Shape):
    """What came of bytes: the item, the new version, and whether the name was there before."""

    item: Id
    version: Id
    size: int
    sha256: Sha256
    replaced: bool


class TrashQuery(Shape):
    """Where to go on, and in which of the person's clouds (their personal one where none is named)."""

    space: Id | None = None
    cursor: Cursor | None = None
    limit: Limit = 100


class TrashOf(Shape):
    """Of which of the person's clouds (their personal one where none is named)."""

    space: Id | None = None


class Emptied(Shape):
    """How many things were deleted."""

    deleted: int


class Trashed(Entry):
    """Something in the trash, when it was thrown away, and where it lay."""

    trashed_at: Moment | None
    path: list[Crumb]


class Trash(Shape):
    """A page of the trash, newest first."""

    items: list[Trashed]
    next: str | None


class RestoreTo(Shape):
    """Where to put it; without `parent` to where it lay."""

    parent: Id | None = None


class SearchQuery(Shape):
    """Words that the name holds, all of them."""

    q: Annotated[Line, Field(min_length=1, max_length=200)]
    cursor: Cursor | None = None
    limit: Limit = 100


class Hit(Entry):
    """Something found, and the way to it."""

    path: list[Crumb]
    mine: bool


class Hits(Shape):
    """A page of what was found, by name."""

    items: list[Hit]
    next: str | None
