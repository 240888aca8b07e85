"""Words that belong to a thing (a note, a comment, a letter): small blobs, sealed like every other content."""

import hashlib

from workspace.cloud.blobs import SealedBlob, keep, open_blob
from workspace.db.work import Work
from workspace.kernel.errors import TooLarge
from workspace.kernel.ids import new_id
from workspace.storage.sealing import seal_small
from workspace.storage.wrapping import new_data_key

LONGEST = 1 << 20


def seal_text(work: Work, text: str, *space_ids: str) -> str:
    """Seal a text so that these spaces can read it, in this transaction; returns the id of its blob.

    It always lies in the database row. Raises TooLarge beyond 1 MiB of UTF-8, KeyDestroyed, StorageUnavailable.
    """
    data = text.encode("utf-8", "replace")  # a lone surrogate has no UTF-8 form; nobody typed it
    if len(data) > LONGEST:
        raise TooLarge(limit=LONGEST)
    blob_id, key = new_id(), new_data_key()
    sealed = SealedBlob(blob_id, len(data), hashlib.sha256(data).digest(), (), seal_small(key, blob_id, data), key)
    keep(work, sealed, *space_ids)
    return blob_id


def open_text(work: Work, blob_id: str, space_id: str) -> str:
    """The text, through the key of one space. Raises NotFound, KeyDestroyed, Damaged, StorageUnavailable."""
    return open_blob(work, blob_id, space_id).read_all(LONGEST).decode("utf-8")
