"""The cloud by paths, for the doors that speak them: where names lead, and what lies there, by one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import NullType

from workspace.cloud.entries import child, look
from workspace.cloud.models import Item, Version
from workspace.cloud.things import below, locate_item
from workspace.db.work import Work
from workspace.kernel.errors import NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.things import Located
from workspace.sharing.authorize import authorize, grants_for
from workspace.sharing.rule import Action, Level, decide


class Member(NamedTuple):
    """What a listing says of an item. `changed_at` is when its content, its name or its place changed last;
    `modified_at` when its content did, as the program says that sent it; times stand as the driver gives them, for
    `db.base.instant_of`. `etag`: of a folder true only after `etags.fold_changes` in the same Work."""

    id: str
    name: str
    is_folder: bool
    size: int
    media_type: str
    version_id: str | None
    made_at: datetime | str
    changed_at: datetime | str
    etag: str
    modified_at: datetime | str


def _as_it_comes(time: ColumnElement[datetime] | InstrumentedAttribute[datetime]) -> ColumnElement[Any]:
    return type_coerce(time, NullType())


# put together once, and its times read where somebody asks for them: a folder of ten thousand takes half the time
_MEMBERS = (
    select(
        Item.id,
        Item.name,
        Item.is_folder,
        Item.size,
        Item.media_type,
        Item.version_id,
        _as_it_comes(Item.made_at),
        _as_it_comes(Item.changed_at),
        func.coalesce(Item.folder_etag, Item.version_id, Item.id),
        _as_it_comes(func.coalesce(Item.modified_at, Item.changed_at)),
    )
    .where(Item.parent_id == bindparam("folder_id"), Item.trashed_at.is_(None))
    .order_by(Item.is_folder.desc(), Item.sort_name, Item.id)
)


@dataclass(frozen=True, slots=True)
class Walked:
    """How far names led: the last item there is, and the names that lead on to nothing."""

    item: Item
    thing: Located
    missing: tuple[str, ...]


def walk(work: Work, top_id: str, names: Sequence[str]) -> Walked:
    """Follow names down from an item that the actor may see: whoever sees it sees what lies in it.

    Raises NotFound where there is no such top, or none that the actor may see; AccessEnded.
    """
    item, thing = locate_item(work, top_id)
    authorize(work, Action.SEE, thing)
    for number, name in enumerate(names):
        step = child(work, item.id, name) if item.is_folder else None
        if step is None:
            return Walked(item, thing, tuple(names[number:]))
        item, thing = step, below(thing, step.id)
    return Walked(item, thing, ())


def members(work: Work, folder_id: str) -> list[Member]:
    """All that lies directly in a folder, by one query.

    Somebody else's look is written down: in a Work that writes, committed before the answer leaves. Raises NotFound
    (also for a file), AccessEnded.
    """
    folder, thing = locate_item(work, folder_id)
    verdict = authorize(work, Action.SEE, thing)
    if not folder.is_folder:
        raise NotFound()
    look(work, FactKind.LISTED, thing, verdict)
    work.session.flush()
    rows = work.session.connection().execute(_MEMBERS, {"folder_id": folder_id}).all()
    return list(map(Member._make, rows))


def member_of(item: Item) -> Member:
    """A row at hand as a line of a listing."""
    return Member(
        item.id, item.name, item.is_folder, item.size, item.media_type, item.version_id, item.made_at, item.changed_at,
        item.etag, item.modified_at or item.changed_at,
    )  # fmt: skip


def checksums_in(work: Work, item_id: str, *, members: bool = False) -> dict[str, bytes]:
    """By item the SHA-256 of a file or, with `members`, of the files that lie directly in a folder, by one query.

    Raises NotFound, AccessEnded.
    """
    _, thing = locate_item(work, item_id)
    authorize(work, Action.SEE, thing)
    wanted = (Item.parent_id == item_id) & Item.trashed_at.is_(None) if members else Item.id == item_id
    rows = work.session.execute(
        select(Item.id, Version.sha256).join(Version, Version.id == Item.version_id).where(wanted)
    )
    return dict(rows.all())


def levels(work: Work, item_id: str, member_ids: Sequence[str]) -> tuple[Level, dict[str, Level]]:
    """The actor's level on an item and, where it is another one, on those that lie directly in it. Raises NotFound,
    AccessEnded."""
    _, thing = locate_item(work, item_id)
    verdict = authorize(work, Action.SEE, thing)
    level = verdict.level or Level.VIEW
    if verdict.owner or not member_ids:
        return level, {}
    own = grants_for(work, work.actor.principals, member_ids)
    above = grants_for(work, work.actor.principals, thing.lineage) if own else []
    found = {}
    for one in {grant.thing_id for grant in own}:
        decided = decide(work.actor, below(thing, one), [*above, *own], work.now)
        found[one] = decided.level or level
    return level, found
