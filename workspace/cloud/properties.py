"""Dead properties (RFC 4918 section 4): what programs keep with an item and nobody here understands.

All of an item's lie together in one sealed text, names too, since what a program calls its property can say as much as
its value. They are the citizen's: readable through the key of the space, gone with it.
"""

import json
from collections.abc import Sequence

from sqlalchemy import select

from workspace.cloud.entries import tell
from workspace.cloud.locked import require_unlocked
from workspace.cloud.models import Item, ItemProperties
from workspace.cloud.property_rows import properties_of, store_properties
from workspace.cloud.texts import open_texts
from workspace.cloud.things import hold_item, locate_item
from workspace.db.work import Work
from workspace.kernel.facts import FactKind
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action


def change_properties(work: Work, item_id: str, changes: Sequence[tuple[str, str | None]]) -> None:
    """Store and take away properties of an item, in this order: a name and its XML, or None to take it away.

    Raises TooLarge beyond 64 KiB of all properties, Locked, NotFound, Forbidden.
    """
    item, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.CHANGE, thing)
    hold_item(work, item_id)
    require_unlocked(work, thing)
    known = properties_of(work, item)
    for name, value in changes:
        if value is None:
            known.pop(name, None)
        else:
            known[name] = value
    store_properties(work, item, known)
    tell(work, FactKind.ITEM_DESCRIBED, thing, verdict, changed=["properties"], described_as=item.kind)


def properties_in(work: Work, item_id: str, *, members: bool = False) -> dict[str, dict[str, str]]:
    """By item the properties (name to XML) of an item and, with `members`, of what lies directly in it. Those without
    any are left out."""
    item, thing = locate_item(work, item_id)
    authorize(work, Action.SEE, thing)
    wanted = (ItemProperties.item_id == item_id) | (Item.parent_id == item_id) & Item.trashed_at.is_(None)
    rows = work.session.execute(
        select(ItemProperties.item_id, ItemProperties.blob_id)
        .join(Item, Item.id == ItemProperties.item_id)
        .where(wanted if members else ItemProperties.item_id == item_id)
    ).all()
    texts = open_texts(work, [blob_id for _, blob_id in rows], item.space_id)
    return {one: json.loads(texts[blob_id]) for one, blob_id in rows if blob_id in texts}
