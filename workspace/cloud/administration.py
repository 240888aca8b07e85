"""What administrators see and set of people's clouds: how much room, never what lies in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from workspace.accounts.people import find_row
from workspace.cloud.models import Blob, QuotaCharge, Space, Version
from workspace.cloud.quota import used_bytes
from workspace.cloud.spaces import open_personal_space
from workspace.cloud.things import space_thing
from workspace.db.work import Work
from workspace.kernel.actors import SubjectKind
from workspace.kernel.errors import NotAcceptable
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action

LARGEST_QUOTA = 1 << 50


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a cloud is used, in bytes."""

    used: int
    quota: int


@dataclass(frozen=True, slots=True)
class StorageNumbers:
    """Sums over the instance, in bytes and counts. `stored`: what lies in the store, each byte once."""

    clouds: int
    used: int
    promised: int
    stored: int
    versions: int


def rooms_of(work: Work, person_ids: Iterable[str]) -> dict[str, Room]:
    """Room used and given, by person; who has no cloud yet is left out."""
    authorize(work, Action.ADMINISTER, INSTANCE)
    charged = (
        select(QuotaCharge.space_id, func.sum(QuotaCharge.size).label("total"))
        .group_by(QuotaCharge.space_id)
        .subquery()
    )
    rows = work.session.execute(
        select(Space.owner_id, Space.quota_bytes, Space.used_bytes + func.coalesce(charged.c.total, 0))
        .outerjoin(charged, charged.c.space_id == Space.id)
        .where(
            Space.kind == "personal",
            Space.owner_kind == SubjectKind.PERSON.value,
            Space.owner_id.in_(set(person_ids)),
            Space.erased_at.is_(None),
        )
    )
    return {owner: Room(int(used), quota) for owner, quota, used in rows}


def change_quota(work: Work, person_id: str, quota: int) -> Room:
    """Give a person's cloud so many bytes. Less than is used stops new files and takes nothing away.

    Raises NotFound where there is no such person, NotAcceptable (field `quota`) below 0 or above 1 PiB.
    """
    authorize(work, Action.ADMINISTER, INSTANCE)
    find_row(work, person_id)
    if not 0 <= quota <= LARGEST_QUOTA:
        raise NotAcceptable(field="quota", limit=LARGEST_QUOTA)
    space = open_personal_space(work, person_id)
    if space.quota_bytes != quota:
        work.record(FactKind.QUOTA_CHANGED, space_thing(space), space_id=space.id, quota=quota)
        space.quota_bytes = quota
        work.session.flush()
    return Room(used_bytes(work, space.id), quota)


def storage_numbers(work: Work) -> StorageNumbers:
    """What the whole instance holds."""
    authorize(work, Action.ADMINISTER, INSTANCE)
    count = work.session.scalar
    personal = select(func.count(), func.sum(Space.quota_bytes), func.sum(Space.used_bytes)).where(
        Space.kind == "personal", Space.erased_at.is_(None)
    )
    clouds, promised, folded = work.session.execute(personal).one()
    charged = select(func.sum(QuotaCharge.size)).join(Space, Space.id == QuotaCharge.space_id)
    return StorageNumbers(
        clouds=clouds,
        used=int(folded or 0) + int(count(charged.where(Space.kind == "personal")) or 0),
        promised=int(promised or 0),
        stored=int(count(select(func.sum(Blob.size))) or 0),
        versions=count(select(func.count()).select_from(Version)) or 0,
    )
