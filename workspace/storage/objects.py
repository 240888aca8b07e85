"""From an address to the store that keeps its promise."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from workspace.storage.filesystem import FilesystemStore
from workspace.storage.s3 import S3Store, parse_s3_url


def open_objects(url: str) -> FilesystemStore | S3Store:
    """The ObjectStore behind `file:///path` or `s3://…`. Touches neither disk nor network yet.

    Raises ValueError: one sentence naming WORKSPACE_OBJECTS_URL.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return S3Store(parse_s3_url(url))
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return FilesystemStore(Path(unquote(parts.path)))
    raise ValueError("WORKSPACE_OBJECTS_URL takes file:///path/to/folder or s3://ACCESS:SECRET@HOST:PORT/BUCKET?tls=0.")
