"""Everything that people can notice of an instance, as one value without ids and times: two pictures can be compared.

An operation that is whole or not at all leaves an instance that looks either as before or as after.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from tests.world import World
from workspace.cases.models import Case, DeliveredFile, Delivery
from workspace.cloud.models import Item, Preview, QuotaCharge, Space, Upload, Version
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND, Actor, Principal, SubjectKind
from workspace.kernel.things import Located, ThingKind
from workspace.sharing.authorize import as_value
from workspace.sharing.models import Grant
from workspace.sharing.rule import Action, decide, permits

Picture = dict[str, Any]
RIGHTS = (Action.SEE, Action.OPEN, Action.CHANGE, Action.SHARE)


def picture(world: World, people: dict[str, Actor]) -> Picture:
    """Items with their histories, uploads under way, rights, room, cases, deliveries, how much of what happened."""
    names = {actor.person_id: name for name, actor in people.items()}
    with world.reading(COMMAND) as work:
        paths = _paths(work)
        shown = {
            "items": _items(work, paths),
            "uploads": sorted(
                [row.metadata_["name"], row.offset, row.length, paths.get(str(row.item_id), "")]
                for row in work.session.scalars(select(Upload))
            ),
            "grants": sorted(
                [names.get(row.subject_id, row.subject_kind), row.level, paths.get(row.thing_id, row.thing_kind),
                 row.revoked_at is not None]
                for row in work.session.scalars(select(Grant))
            ),
            "room": _room(work),
            "cases": sorted([row.title, row.body_id is not None] for row in work.session.scalars(select(Case))),
            "deliveries": sorted(
                [title, direction, name, sha256.hex()]
                for title, direction, name, sha256 in work.session.execute(
                    select(Delivery.title, Delivery.direction, DeliveredFile.name, DeliveredFile.sha256).join(
                        DeliveredFile, DeliveredFile.delivery_id == Delivery.id
                    )
                )
            ),
            "facts": dict(sorted(Counter(work.session.scalars(select(FactRow.kind))).items())),
            "rights": _rights(work, people, paths),
        }  # fmt: skip
    return shown


def differences(one: Picture, other: Picture) -> list[str]:
    """Where two pictures differ, in words."""
    found = []
    for part in one.keys() | other.keys():
        mine, theirs = one.get(part), other.get(part)
        if mine != theirs:
            found.append(f"{part}: {_only(mine, theirs)} against {_only(theirs, mine)}")
    return found


def _only(mine: Any, theirs: Any) -> Any:
    """What the one has and the other has not."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return {key: value for key, value in mine.items() if theirs.get(key) != value}
    if isinstance(mine, list) and isinstance(theirs, list):
        return [value for value in mine if value not in theirs]
    return mine


def _paths(work: Work) -> dict[str, str]:
    """By item id, the way from its space: `personal:/album/one.txt`. What lies in the trash says so."""
    rows = {row.id: row for row in work.session.scalars(select(Item))}
    kinds = dict(work.session.execute(select(Space.id, Space.kind)).all())
    first = {space_id: number for number, space_id in enumerate(sorted(kinds))}

    def path(row: Item) -> str:
        if row.parent_id is None:
            return f"{kinds[row.space_id]}{first[row.space_id]}:"
        return f"{path(rows[row.parent_id])}/{row.name}{' (trash)' if row.trashed_at else ''}"

    return {row.id: path(row) for row in rows.values()}


def _items(work: Work, paths: dict[str, str]) -> dict[str, Any]:
    history: dict[str, list[Any]] = {}
    pictures: Counter[str] = Counter(work.session.scalars(select(Preview.version_id)))
    for row in work.session.scalars(select(Version).order_by(Version.number)):
        history.setdefault(row.item_id, []).append([row.number, row.size, row.sha256.hex(), pictures[row.id]])
    return {
        paths[row.id]: [row.is_folder, row.size, row.kind, row.note_id is not None, history.get(row.id, [])]
        for row in work.session.scalars(select(Item))
    }


def _room(work: Work) -> list[list[Any]]:
    charged = select(func.coalesce(func.sum(QuotaCharge.size), 0)).where(QuotaCharge.space_id == Space.id)
    used = Space.used_bytes + charged.scalar_subquery()
    rows = work.session.execute(select(used, Space.erased_at.is_not(None)).order_by(Space.id))
    return [[int(bytes_used), bool(erased)] for bytes_used, erased in rows]


def _rights(work: Work, people: dict[str, Actor], paths: dict[str, str]) -> dict[str, list[str]]:
    """Who may do what, by the very rule that decides."""
    rows = {row.id: row for row in work.session.scalars(select(Item))}
    spaces = {row.id: row for row in work.session.scalars(select(Space))}
    grants = [as_value(row) for row in work.session.scalars(select(Grant))]
    shown: dict[str, list[str]] = {}
    for item in rows.values():
        line = [item]
        while line[-1].parent_id is not None:
            line.append(rows[line[-1].parent_id])
        space = spaces[item.space_id]
        owner = Principal(SubjectKind(space.owner_kind), space.owner_id)
        thing = Located(ThingKind.ITEM, item.id, owner, tuple(one.id for one in line), space.id)
        for name, actor in people.items():
            verdict = decide(actor, thing, grants, work.now)
            if may := [action.value for action in RIGHTS if permits(action, verdict, actor)]:
                shown[f"{name} {paths[item.id]}"] = may
    return shown
