"""Pages of the personal cloud, one module a noun, all on one blueprint: `files`."""

from workspace.web.files import (
    comments,
    descriptions,
    downloads,
    fingerprints,
    folder,
    item,
    previews,
    selection,
    transfers,
    trash,
    uploads,
    versions,
)
from workspace.web.files.blueprint import files

__all__ = [
    "comments",
    "descriptions",
    "downloads",
    "files",
    "fingerprints",
    "folder",
    "item",
    "previews",
    "selection",
    "transfers",
    "trash",
    "uploads",
    "versions",
]
