"""Rows of dead properties, read and written for verbs that have asked."""

import json
from collections.abc import Mapping

from sqlalchemy import insert, select

from workspace.cloud.blobs import share_key
from workspace.cloud.entries import batches
from workspace.cloud.models import Item, ItemProperties
from workspace.cloud.texts import open_text, seal_text
from workspace.db.work import Work
from workspace.kernel.errors import TooLarge

LIMIT = 64 << 10
"""All properties of one item, in bytes of their sealed text."""


def properties_of(work: Work, item: Item) -> dict[str, str]:
    """An item's properties: name to XML."""
    row = work.session.get(ItemProperties, item.id)
    found: dict[str, str] = json.loads(open_text(work, row.blob_id, item.space_id)) if row is not None else {}
    return found


def store_properties(work: Work, item: Item, properties: Mapping[str, str]) -> None:
    """Let an item have these properties and no others. Raises TooLarge."""
    row = work.session.get(ItemProperties, item.id)
    if not properties:
        if row is not None:
            work.session.delete(row)
        return
    text = json.dumps(properties, ensure_ascii=False)
    if len(text.encode("utf-8", "replace")) > LIMIT:
        raise TooLarge("These are more properties than an item can have.", limit=LIMIT)
    blob_id = seal_text(work, text, item.space_id)
    if row is None:
        work.session.add(ItemProperties(item_id=item.id, blob_id=blob_id))
    else:
        row.blob_id = blob_id
    work.session.flush()


def take_over_properties(work: Work, source: Item, target: Item) -> None:
    """An item that another was moved or copied onto has the other's properties, where there are any."""
    found = properties_of(work, source)
    if found:
        store_properties(work, target, properties_of(work, target) | found)


def copy_properties(work: Work, items: Mapping[str, str], from_space_id: str, to_space_id: str) -> None:
    """Copies (values) have the properties of what they were copied from (keys): the same sealed text, never opened."""
    for batch in batches(items):
        rows = work.session.execute(
            select(ItemProperties.item_id, ItemProperties.blob_id).where(ItemProperties.item_id.in_(batch))
        ).all()
        share_key(work, [blob_id for _, blob_id in rows], from_space_id, to_space_id)
        if rows:
            values = [{"item_id": items[item_id], "blob_id": blob_id} for item_id, blob_id in rows]
            work.session.execute(insert(ItemProperties), values)
