"""Words that belong to a thing (a note, a comment, a letter): small blobs, sealed like every other content."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import select

from workspace.cloud.blobs import BATCH, SealedBlob, keep, open_blob
from workspace.cloud.models import Blob, WrappedKey
from workspace.db.work import Work
from workspace.kernel.errors import TooLarge
from workspace.kernel.ids import new_id
from workspace.storage.sealing import open_small, seal_small
from workspace.storage.wrapping import new_data_key, unwrap

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


def open_texts(work: Work, blob_ids: Sequence[str], space_id: str) -> dict[str, str]:
    """Several texts by the ids of their blobs, through the key of one space, in one query for five hundred.

    Those that the space has no key for are left out. Raises KeyDestroyed, Damaged, StorageUnavailable.
    """
    found: dict[str, str] = {}
    space_key = work.ports.keyring.key(space_id) if blob_ids else b""
    for start in range(0, len(blob_ids), BATCH):
        rows = work.session.execute(
            select(Blob.id, WrappedKey.wrapped, Blob.sealed)
            .join(WrappedKey, WrappedKey.blob_id == Blob.id)
            .where(
                Blob.id.in_(blob_ids[start : start + BATCH]),
                Blob.sealed.is_not(None),
                WrappedKey.space_id == space_id,
            )
        )
        for blob_id, wrapped, sealed in rows:
            key = unwrap(wrapped, space_key, blob_id, space_id)
            found[blob_id] = open_small(key, blob_id, sealed or b"").decode("utf-8")
    return found


def open_text(work: Work, blob_id: str, space_id: str) -> str:
    """The text, through the key of one space. Raises NotFound, KeyDestroyed, Damaged, StorageUnavailable."""
    return open_blob(work, blob_id, space_id).read_all(LONGEST).decode("utf-8")
